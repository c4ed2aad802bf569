import type { SubmitRequest } from '@app/core';
import { withoutUndefined } from '../without-undefined.js';
import { actRequest } from './act-request.js';
import { ERASE_KIND } from './erase.job.js';

/** The submission of the job of an erasure. It is of one tenant, for equal tags of two are two subjects. */
export function eraseRequest(asked: { tag: string; keepFiles: boolean; rate?: number }, tenant: string, idempotencyKey?: string): SubmitRequest {
  return actRequest(ERASE_KIND, 'erase', withoutUndefined(asked), tenant, idempotencyKey);
}
