import { isOwnKind } from '../job/kind.js';
import type { NewJob, SubmissionStore, SubmitOutcome } from '../submit/submission-store.js';
import type { KnownLimits } from './known-limits.js';
import type { LimitsAt } from './matching.js';

/** The limits have changed since those were read by which the jobs were to be stored. Nothing was stored; read them, and try again. */
export class StaleLimits extends Error {
  constructor() {
    super('the limits have changed');
    this.name = 'StaleLimits';
  }
}

/** Stores jobs with the keys of the limits that hold at that moment: the statement refuses those of an earlier revision, and is then repeated. */
export class LimitedSubmissions<Transaction> implements SubmissionStore<Transaction> {
  constructor(
    private readonly store: SubmissionStore<Transaction>,
    private readonly known: KnownLimits,
  ) {}

  async submit(jobs: NewJob[], transaction?: Transaction): Promise<SubmitOutcome[]> {
    // No limit is for Longhaul's own jobs. One of them goes with the very change of a limit, which nobody can read yet.
    if (jobs.every(({ kind }) => isOwnKind(kind))) return this.store.submit(jobs, transaction);
    for (let limits = this.known.current; ; limits = await this.known.refresh()) {
      markLimited(jobs, limits);
      try {
        return await this.store.submit(jobs, transaction, limits.revision);
      } catch (error) {
        if (!(error instanceof StaleLimits)) throw error;
      }
    }
  }
}

/** Refuses a job that is under too many limits. */
function markLimited(jobs: NewJob[], limits: LimitsAt): void {
  for (const job of jobs) {
    if (limits.limits.length === 0 && job.limitKeys === undefined) continue;
    const keys = limits.keysOfNew(job);
    if (keys === null) delete job.limitKeys;
    else {
      job.limitKeys = keys;
      job.waits = true;
    }
  }
}
