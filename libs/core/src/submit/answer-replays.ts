import { MicroBatcher } from '../kit/micro-batcher.js';
import { QuotaExceeded } from '../quotas/quota.js';
import type { Overload } from './admission-decision.js';
import type { NewJob, ReplayReader, SubmitOutcome } from './submission-store.js';

/** Jobs whose keys may be looked up at once while no more work is accepted. */
const MAX_REPLAYS = 200;

interface Patience {
  waitMs: number;
  flightMs: number;
  error: () => Error;
}

/** Finds what was accepted before, for repeats that come while no more work is accepted. */
export class AnswerReplays {
  private readonly batcher: MicroBatcher<NewJob, SubmitOutcome | null>;
  private underWay = 0;

  constructor(
    private readonly reader: ReplayReader | undefined,
    options: { maxItems: number; patience?: Patience },
  ) {
    this.batcher = new MicroBatcher(async (jobs) => (await reader?.findReplays(jobs)) ?? jobs.map(() => null), options);
  }

  /** Null for a job that is new. */
  find(job: NewJob): Promise<SubmitOutcome | null> {
    return this.batcher.add(job);
  }

  /** Answers with what the keys stand for, as long as that is one cheap statement for many; rejects with the refusal when any of the jobs is new. */
  async instead<Answer>(
    refusal: Overload | QuotaExceeded,
    requests: readonly { key: unknown }[],
    prepare: () => NewJob[] | Promise<NewJob[]>,
    answer: (job: NewJob, outcome: SubmitOutcome) => Answer,
  ): Promise<Answer[]> {
    const keyed = this.reader !== undefined && requests.every(({ key }) => key !== undefined && key !== null);
    const storeAnswers = refusal instanceof QuotaExceeded || refusal.storeAnswers;
    if (!keyed || !storeAnswers || this.underWay + requests.length > MAX_REPLAYS) throw refusal;
    this.underWay += requests.length;
    try {
      const jobs = await prepare();
      const outcomes = await this.batcher.addAll(jobs);
      return jobs.map((job, index) => {
        const outcome = outcomes[index];
        if (!outcome) throw refusal;
        return answer(job, outcome);
      });
    } finally {
      this.underWay -= requests.length;
    }
  }
}
