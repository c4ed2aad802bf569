import type { LettersRequest, Sees, SubmitRequest } from '@app/core';
import { withoutUndefined } from '../without-undefined.js';
import { actRequest } from './act-request.js';
import { LETTERS_KIND } from './letters.job.js';

/** The submission of an act on many dead letters. It is for those that are there when it is accepted. */
export function lettersRequest({ act, filter, note, rate }: AskedLetters, sees: Sees, idempotencyKey?: string): SubmitRequest {
  const { reason, kind, queue, source, group, from, to } = filter;
  const fields = { act, reason, kind, queue, source, group, from: from?.toISOString(), to: to?.toISOString(), rate, why: note.reason, by: note.by };
  return actRequest(LETTERS_KIND, `${act}-letters`, withoutUndefined(fields), sees, idempotencyKey);
}

export type AskedLetters = Omit<LettersRequest, 'filter'> & { filter: Omit<LettersRequest['filter'], 'before' | 'tenant'> };
