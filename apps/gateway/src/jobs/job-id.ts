import { isUuid, type JobId } from '@app/core';
import { noSuchJob } from '@app/host';

export { noSuchJob } from '@app/host';

/** Reads the id of a job. Text that is no UUID is answered as an unknown job. */
export function jobId(text: string): JobId {
  if (!isUuid(text)) throw noSuchJob(text);
  return text.toLowerCase() as JobId;
}
