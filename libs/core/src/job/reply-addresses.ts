import type { ReplyAddress } from '../control/job-control.js';

/** Of one job. The first stays; of the others the oldest makes room. */
export const MAX_REPLY_ADDRESSES = 8;

/**
 * Begins a `replyTo` that stands for several addresses, as JSON `[{"to", "id"}]`. No name of a queue begins so, for a `reply_to`
 * with control characters is refused. Nearly every job has one address or none, so it costs the others no column.
 */
export const SEVERAL_REPLIES = '\u0001';

/** Where the outcome of a job is sent to besides the events. */
export function replyAddressesOf({ replyTo, correlationId }: { replyTo: string | null; correlationId: string | null }): Partial<ReplyAddress>[] {
  if (replyTo === null) return [];
  if (!replyTo.startsWith(SEVERAL_REPLIES)) return [{ replyTo, ...(correlationId === null ? {} : { correlationId }) }];
  const addresses = JSON.parse(replyTo.slice(SEVERAL_REPLIES.length)) as { to: string; id: string | null }[];
  return addresses.map(({ to, id }) => ({ replyTo: to, ...(id === null ? {} : { correlationId: id }) }));
}
