import { Refusal, type RefusalCode } from '../job/errors.js';
import type { ErrorClass } from './store-submissions.js';
import type { NewJob, SubmitOutcome } from './submission-store.js';

/** Runs work in a part of a transaction of which nothing stays when it rejects. */
export type Savepoint<Transaction> = <Result>(transaction: Transaction, work: (within: Transaction) => Promise<Result>) => Promise<Result>;

/** These say nothing of the request itself. */
const PASSING: readonly RefusalCode[] = ['unavailable', 'overloaded', 'submit_in_progress', 'queue_full'];

/** The job of a request, or what the request is refused for. Rejects with what may pass. */
export async function preparedOrRefused(prepare: () => NewJob | Promise<NewJob>): Promise<NewJob | Refusal> {
  try {
    return await prepare();
  } catch (error) {
    if (error instanceof Refusal && !PASSING.includes(error.code)) return error;
    throw error;
  }
}

/** Stores jobs by `store`, and what is refused for its data in halves, until the bad row is alone. An answer for each, in order. */
export async function storeInParts(
  jobs: NewJob[],
  store: (jobs: NewJob[]) => Promise<SubmitOutcome[]>,
  classify: (error: unknown) => ErrorClass,
): Promise<(SubmitOutcome | Refusal)[]> {
  if (jobs.length === 0) return [];
  try {
    return await store(jobs);
  } catch (error) {
    if (classify(error) !== 'data') throw error;
    if (jobs.length === 1)
      return [error instanceof Refusal ? error : new Refusal('invalid_payload', `the database refuses the job: ${(error as Error).message}`)];
    const half = jobs.length >> 1;
    return [...(await storeInParts(jobs.slice(0, half), store, classify)), ...(await storeInParts(jobs.slice(half), store, classify))];
  }
}
