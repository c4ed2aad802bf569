import { isUuid, type JobId, Refusal } from '@app/core';

/** Reads the id of a job. Text that is no UUID is answered as an unknown job. */
export function jobId(text: string): JobId {
  if (!isUuid(text)) throw noSuchJob(text);
  return text.toLowerCase() as JobId;
}

export function noSuchJob(id: string): Refusal {
  return new Refusal('not_found', `there is no job ${JSON.stringify(id.slice(0, 100))}`);
}
