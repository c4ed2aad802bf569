import { SEVERAL_REPLIES } from '@app/core';

/** An entry of `jobs.notify`: to whom the job's outcome is sent. `id`, of a reply, is by what its requester knows it. */
export interface NotifyEntry {
  channel: 'webhook' | 'email' | 'reply';
  to: string;
  id?: string | null;
}

/** The same, as a job has it. */
export interface ToldTo {
  callbackUrl: string | null;
  notifyEmail: string | null;
  replyTo: string | null;
  correlationId: string | null;
}

/** As JSON; null for a job that tells nobody. */
export function notifyColumn({ callbackUrl, notifyEmail, replyTo, correlationId }: ToldTo): string | null {
  const entries: NotifyEntry[] = [];
  if (callbackUrl !== null) entries.push({ channel: 'webhook', to: callbackUrl.toWellFormed() });
  if (notifyEmail !== null) entries.push({ channel: 'email', to: notifyEmail.toWellFormed() });
  if (replyTo !== null) entries.push({ channel: 'reply', to: replyTo.toWellFormed(), id: correlationId?.toWellFormed() ?? null });
  return entries.length === 0 ? null : JSON.stringify(entries);
}

const NOBODY: ToldTo = { callbackUrl: null, notifyEmail: null, replyTo: null, correlationId: null };

export function toldTo(notify: NotifyEntry[] | null): ToldTo {
  if (notify === null) return NOBODY;
  const first = (channel: NotifyEntry['channel']) => notify.find((entry) => entry.channel === channel)?.to ?? null;
  return { callbackUrl: first('webhook'), notifyEmail: first('email'), ...repliesOf(notify) };
}

/** Several of them are one text, see `reply-addresses.ts`. */
export function repliesOf(notify: NotifyEntry[] | null): Pick<ToldTo, 'replyTo' | 'correlationId'> {
  const [reply, ...more] = notify?.filter(({ channel }) => channel === 'reply') ?? [];
  if (!reply) return { replyTo: null, correlationId: null };
  if (more.length === 0) return { replyTo: reply.to, correlationId: reply.id ?? null };
  return { replyTo: SEVERAL_REPLIES + JSON.stringify([reply, ...more].map(({ to, id = null }) => ({ to, id }))), correlationId: null };
}
