import type { PauseNote } from '@app/client';
import type { Invocation } from './arguments.js';
import { agoInWords } from './why-text.js';

interface Paused {
  pausedAt: string | null;
  pausedBy: string | null;
  pauseReason: string | null;
}

/** What `--reason` and `--by` say of a pause. */
export function noteOf(values: Invocation['values']): PauseNote {
  const { reason, by } = values as Record<string, string | undefined>;
  return { ...(reason === undefined ? {} : { reason }), ...(by === undefined ? {} : { by }) };
}

/** `paused for 2 h, by anna: repair`. */
export function pauseText({ pausedAt, pausedBy, pauseReason }: Paused, now: number): string {
  const lasted = pausedAt === null ? 0 : now - Date.parse(pausedAt);
  const since = lasted < 1_000 ? '' : ` ${agoInWords(lasted)}`;
  return `paused${since}${pausedBy === null ? '' : `, by ${pausedBy}`}${pauseReason === null ? '' : `: ${pauseReason}`}`;
}
