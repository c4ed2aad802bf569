import type { NotifyEntry } from '@app/core';

const NOBODY: readonly NotifyEntry[] = Object.freeze([]);

/** `jobs.notify` of a new job as JSON; null for a job that tells nobody. */
export function notifyColumn({ notify }: { notify: readonly NotifyEntry[] }): string | null {
  return notify.length === 0 ? null : JSON.stringify(notify.map(wellFormed));
}

/** The same of a row. */
export function notifyOf(column: NotifyEntry[] | null): readonly NotifyEntry[] {
  return column ?? NOBODY;
}

/** PostgreSQL refuses halves of characters. */
function wellFormed({ channel, to, id }: NotifyEntry): NotifyEntry {
  return { channel, to: to.toWellFormed(), ...(id === undefined ? {} : { id: id?.toWellFormed() ?? null }) };
}
