import type { SubmitRequest } from '@app/core';
import { REKEY_KIND } from './rekey.job.js';

/** The submission of such a job, for a limit that has changed. */
export function rekeyRequest(limit: string): SubmitRequest {
  return { kind: REKEY_KIND, payload: {}, options: { tags: [`limit:${limit}`.slice(0, 100)] }, internal: true };
}
