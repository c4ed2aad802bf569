import type { Cancellation, CancelRequest } from '@app/core';
import { timeText } from '../pool/time-text.js';

/** A request as the column keeps it: without what the caller has left out. */
export function cancelRequest({ reason, by, graceMs }: CancelRequest = {}): string {
  return JSON.stringify({ reason, by, graceMs });
}

/** In the SET of an UPDATE of `jobs j` that asks it to stop, with the request as jsonb: the first one stands. `ended`: the job had not started. */
export function cancelAsked(request: string, ended: string): string {
  return `cancel = CASE WHEN j.cancel_requested THEN j.cancel ELSE ${request} || jsonb_build_object('requestedAt', ${timeText('now()')})
     || CASE WHEN ${ended} THEN '{"outcome":"not_started"}'::jsonb ELSE '{}' END END`;
}

/** In the SET of every UPDATE of `jobs j` that may end a running job: what became of the cancel, if there is one. */
export function cancelEnded(outcome: string, heardMs = 'NULL'): string {
  const heard =
    heardMs === 'NULL'
      ? ''
      : ` || CASE WHEN ${heardMs} IS NULL THEN '{}' ELSE jsonb_build_object('acknowledgedAt', ${timeText(`now() - ${heardMs} * interval '1 millisecond'`)}) END`;
  return `cancel = CASE WHEN j.cancel_requested THEN coalesce(j.cancel, '{}') || jsonb_build_object('outcome', ${outcome})${heard} ELSE j.cancel END`;
}

export type CancelColumn = CancelRequest & Partial<Pick<Cancellation, 'requestedAt' | 'acknowledgedAt' | 'outcome'>>;

/** `at`: when a job was cancelled by a version that did not keep the time. */
export function toCancellation(column: CancelColumn | null, at: Date): Cancellation | null {
  if (column === null) return null;
  const { requestedAt = at.toISOString(), by = null, reason = null, graceMs = null, acknowledgedAt = null, outcome = null } = column;
  return { requestedAt, by, reason, graceMs, acknowledgedAt, outcome };
}
