import { ALL_TENANTS, type LettersRequest, type Sees, type SubmitRequest } from '@app/core';
import { LETTERS_KIND } from './letters.job.js';

/** The submission of an act on many dead letters. It is for those that are there when it is accepted, of the tenant whose the job is, or of all. One key makes one act. */
export function lettersRequest({ act, filter, note, rate }: AskedLetters, sees: Sees, idempotencyKey?: string): SubmitRequest {
  const { reason, kind, queue, source, group, from, to } = filter;
  const fields = { act, reason, kind, queue, source, group, from: from?.toISOString(), to: to?.toISOString(), rate, why: note.reason, by: note.by };
  return {
    kind: LETTERS_KIND,
    payload: Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
    options: { tags: [`act:${act}-letters`] },
    tenant: sees ?? ALL_TENANTS,
    internal: true,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
}

export type AskedLetters = Omit<LettersRequest, 'filter'> & { filter: Omit<LettersRequest['filter'], 'before' | 'tenant'> };
