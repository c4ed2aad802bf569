import { Refusal, type RefusalCode } from '../job/errors.js';
import type { NewJob, SubmissionStore, SubmitOutcome } from './submission-store.js';

export type ErrorClass = 'data' | 'busy' | 'connection';

/** Statements at once for the rows of a batch that met a lock. */
const LANES = 4;
const NOT_TO_BE_HAD: string[] = ['unavailable', 'submit_in_progress'] satisfies RefusalCode[];

/**
 * Stores a batch so that one row cannot fail the others. An answer for each job, in order; never rejects.
 * - Data that is refused: the batch is split until the bad row is alone.
 * - A connection that fails: the same rows once more, for they may be there already; then `unavailable`.
 * - A lock that was not to be had in time: each row by itself, a few at once, so that only those wait that have to. When
 *   none of the first gets through, the table is locked and not a key: the rest is not tried but told at once, for every
 *   try costs seconds and all that comes behind waits too.
 */
export class StoreSubmissions<Transaction> {
  constructor(
    private readonly submissions: SubmissionStore<Transaction>,
    private readonly classify: (error: unknown) => ErrorClass,
  ) {}

  async store(jobs: NewJob[], retries = 1): Promise<(SubmitOutcome | Error)[]> {
    try {
      return await (jobs.every(({ idempotency }) => idempotency === null) ? this.submissions.submit(jobs) : this.inOrderOfKeys(jobs));
    } catch (error) {
      switch (this.classify(error)) {
        case 'connection':
          return retries > 0 ? this.store(jobs, retries - 1) : jobs.map(() => unavailable(error));
        case 'busy':
          return jobs.length === 1 ? [busy(jobs[0] as NewJob, error)] : this.oneByOne(jobs, error);
        case 'data':
          return jobs.length === 1 ? [error as Error] : this.inHalves(jobs);
      }
    }
  }

  /** Two batches that wait for each other's keys would be a deadlock. */
  private async inOrderOfKeys(jobs: NewJob[]): Promise<SubmitOutcome[]> {
    const sorted = jobs.map((job, index) => ({ job, index })).sort(byKey);
    const outcomes = await this.submissions.submit(sorted.map(({ job }) => job));
    const answers: SubmitOutcome[] = [];
    sorted.forEach(({ index }, position) => (answers[index] = outcomes[position] as SubmitOutcome));
    return answers;
  }

  private async inHalves(jobs: NewJob[]): Promise<(SubmitOutcome | Error)[]> {
    const half = jobs.length >> 1;
    return [...(await this.store(jobs.slice(0, half))), ...(await this.store(jobs.slice(half)))];
  }

  private async oneByOne(jobs: NewJob[], cause: unknown): Promise<(SubmitOutcome | Error)[]> {
    const answers: (SubmitOutcome | Error)[] = [];
    const rows = jobs.entries();
    let refused = 0;
    const lane = async () => {
      for (const [index, job] of rows) {
        const answer = refused >= LANES ? unavailable(cause) : ((await this.store([job]))[0] as SubmitOutcome | Error);
        answers[index] = answer;
        refused = answer instanceof Refusal && NOT_TO_BE_HAD.includes(answer.code) ? refused + 1 : 0;
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return answers;
  }
}

function byKey(a: { job: NewJob }, b: { job: NewJob }): number {
  const [left, right] = [a.job.idempotency?.key ?? '', b.job.idempotency?.key ?? ''];
  return left < right ? -1 : left > right ? 1 : 0;
}

export function unavailable(cause: unknown): Refusal {
  const refusal = new Refusal('unavailable', 'the job could not be stored for now; repeat the request with the same Idempotency-Key');
  refusal.cause = cause;
  return refusal;
}

/** Only a key can be held by another request; a job without one met a lock of the whole table. */
function busy(job: NewJob, cause: unknown): Refusal {
  if (!job.idempotency && !job.unique) return unavailable(cause);
  const keys = [...(job.idempotency ? ['idempotency key'] : []), ...(job.unique ? ['unique key'] : [])].join(' or ');
  return new Refusal('submit_in_progress', `a request with the same ${keys} is being stored; repeat this one in a second`);
}
