import { Pauses } from '../kit/pauses.js';
import { ProcessLostError, RefusedSettlementError } from '../job/errors.js';
import type { Job, JobId } from '../job/job.js';
import { withOptions } from '../job/job-options.js';
import { isTerminal, type JobState } from '../job/lifecycle.js';
import { isPlatformFault } from '../job/platform-fault.js';
import type { Ending as AttemptEnding } from '../stats/tallies.js';
import type { ClaimedJob, SettleAnswer, SettledJob, SettleEvent, Settlement } from './attempt-store.js';
import type { SettlingTransaction } from './transactions.js';
import { interrupted, jobError } from './attempt-outcome.js';
import type { Execution } from './execution.js';
import type { RunnerDependencies, Untold } from './runner-dependencies.js';
import { FLIGHT_TEXT, MicroBatcher } from '../kit/micro-batcher.js';
import type { AttemptResult } from './run-attempt.js';
import { refused, SettleBatch, withoutRefused } from './settle-batch.js';

/** Settlements that are on their way at once. */
const FLIGHTS = 2;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;
const TRIES_BEFORE_OUTBOX = 3;
/** How long an attempt that is over is held for a store that does not answer, before whoever gets its copy has to judge. */
const HELD_MS = 60_000;

/** An attempt that is to be settled, with the job as it was claimed. */
interface Ending {
  settlement: Settlement;
  claimed: ClaimedJob;
}

/** What became of it; `telling` is there if its outcome is being told together with those of its batch. */
type Ended = SettleAnswer & { telling?: Promise<Untold> };

/**
 * Ends an attempt, in this order: the row (with the handler's transaction, if it opened one), the outcome event, the
 * disposition of the delivery. Each step is repeated until it is done or until someone else is entitled to do it: the
 * row until a minute after the lease was lost; the event (in the end by the outbox) as long as the delivery is open, for a delivery that was taken from us comes
 * back to somebody, who then finds the job ended and announces it.
 *
 * Attempts that end at about the same time share the statement, and their events are published together: one wait for the confirms of all. An event
 * of them that was not confirmed is published again by itself.
 */
export class SettleAttempt<Transaction> {
  private readonly batch: SettleBatch;
  private readonly batcher: MicroBatcher<Ending, Ended | Error>;

  constructor(private readonly deps: RunnerDependencies<Transaction>) {
    this.batch = new SettleBatch(deps.store, (error) => this.deps.classify?.(error) ?? 'connection');
    const load = { of: ({ settlement }: Ending) => settlement.result?.length ?? 0, most: FLIGHT_TEXT };
    this.batcher = new MicroBatcher((endings) => this.settleTogether(endings), { maxItems: deps.config.maxBatch, load, maxInFlight: FLIGHTS });
  }

  async settle(execution: Execution<Transaction>, claimed: ClaimedJob, result: AttemptResult): Promise<void> {
    const settlement = this.settlementOf(execution, claimed, result);
    const open = await execution.context?.openTransaction();
    if (!open) execution.startSettling();
    const answer = open ? await this.settleInTransaction(execution, claimed, settlement, open) : await this.settleAlone(execution, settlement, claimed);
    if (!answer) {
      // It may be there all the same, with only its answer lost: whoever gets the copy sees it, and announces what nobody has.
      this.deps.logger.warn({ jobId: claimed.id, kind: claimed.kind, attempt: claimed.attempt }, 'it is not known whether the attempt was settled');
      execution.dispose('release');
      return;
    }
    if (!answer.settled) {
      this.deps.logger.warn(
        { jobId: claimed.id, kind: claimed.kind, attempt: claimed.attempt },
        'the attempt was settled by another owner; its outcome is not kept',
      );
      execution.dispose('accept');
      return;
    }
    await this.told(execution, claimed, settlement, answer);
  }

  /**
   * The lease could not be renewed in time, and the attempt is over here: nothing crashed, and the row hears so where it is still this
   * lease's. Only then goes the delivery, for whoever got it before would have to take this worker for dead.
   */
  async giveBack(execution: Execution<Transaction>, claimed: ClaimedJob): Promise<void> {
    const cause = new Error('its worker could not renew the lease in time');
    const settlement = this.settlementOf(execution, claimed, this.interruption(cause, claimed));
    const answer = await this.settleAlone(execution, settlement, claimed);
    if (answer?.settled) await this.told(execution, claimed, settlement, answer);
    // Who has the lease now will drop this copy; if nobody has, it brings the job back.
    else execution.dispose('release');
  }

  private settlementOf(execution: Execution<Transaction>, { id, token, kind, tenant }: ClaimedJob, outcome: AttemptResult): Settlement {
    return { jobId: id, token, kind, tenant, announce: this.deps.announceFromOutbox && !execution.guarded, ...outcome };
  }

  private async told(
    execution: Execution<Transaction>,
    claimed: ClaimedJob,
    { announce, event }: Settlement,
    { job, telling }: Ended & { settled: true },
  ): Promise<void> {
    this.deps.ended?.(claimed, endingOf(job.state, event), execution.ranMs);
    if (isTerminal(job.state) && !announce) await this.announce(execution, () => endedJob(claimed, job), telling);
    execution.dispose(job.state === 'failed' ? 'reject' : 'accept');
  }

  /** Settles all of them, and begins to tell of those that have ended. Answers in order. */
  private async settleTogether(endings: Ending[]): Promise<(Ended | Error)[]> {
    const answers = await this.batch.settle(endings.map(({ settlement }) => settlement));
    const ended: Job[] = [];
    for (const answer of answers) if (!(answer instanceof Error) && answer.slots) this.deps.slotsFreed?.(answer.slots);
    for (const [index, { settlement, claimed }] of endings.entries()) {
      const answer = answers[index];
      if (answer && !(answer instanceof Error) && answer.settled && isTerminal(answer.job.state) && !settlement.announce)
        ended.push(endedJob(claimed, answer.job));
    }
    if (ended.length === 0) return answers;
    const telling = this.deps.announce(ended);
    // Each of them waits for it. Should none do so in time, that is no unhandled rejection.
    telling.catch(() => undefined);
    return answers.map((answer) => (answer instanceof Error || !answer.settled ? answer : { settled: true, job: answer.job, telling }));
  }

  /** For a copy that came back after its job had ended. */
  async announceAgain(execution: Execution<Transaction>): Promise<void> {
    const job = await this.deps.store.find(execution.jobId);
    if (job && isTerminal(job.state)) await this.announce(execution, () => job);
    execution.dispose(job?.state === 'failed' ? 'reject' : 'accept');
  }

  /**
   * The job's slot must not wait for listeners that refuse (a full queue behind `longhaul.events` or `reply_to`, a memory
   * alarm): after a few tries the event goes to the outbox, and the relay goes on trying.
   */
  private async announce(execution: Execution<Transaction>, job: () => Job, telling?: Promise<Untold>): Promise<void> {
    const { clock, logger, store } = this.deps;
    let pauses: Pauses | undefined;
    for (let tries = 1; execution.guarded || tries === 1; tries++) {
      try {
        if (tries <= TRIES_BEFORE_OUTBOX) await this.confirmed(execution.jobId, tries === 1 && telling ? telling : this.deps.announce([job()]));
        else await store.announceLater(execution.jobId);
        return;
      } catch (error) {
        logger.warn({ jobId: execution.jobId, tries, err: error }, 'the outcome event was not confirmed and is published again');
        pauses ??= new Pauses(FIRST_RETRY_MS, LONGEST_RETRY_MS);
        await clock.sleep(pauses.next());
      }
    }
  }

  private async confirmed(jobId: JobId, telling: Promise<Untold>): Promise<void> {
    const untold = await telling;
    if (untold.has(jobId)) throw untold.get(jobId);
  }

  /**
   * Until the store answers; once the lease is over, for a minute: another worker may have the job then, which the store knows by the
   * token. What the store refuses for its data is not sent again: see `withoutRefused`.
   */
  private async settleAlone(execution: Execution<Transaction>, first: Settlement, claimed: ClaimedJob): Promise<Ended | undefined> {
    const { logger, clock } = this.deps;
    let settlement = first;
    let lostAt: number | undefined;
    let pauses: Pauses | undefined;
    for (;;) {
      let error: unknown;
      try {
        const answer = await this.batcher.add({ settlement, claimed });
        if (!(answer instanceof Error)) return answer;
        error = answer;
        const rest = withoutRefused(settlement, answer, claimed.attempt);
        if (rest) {
          logger.warn({ jobId: settlement.jobId, err: error }, 'the store refuses the outcome of an attempt for its data');
          settlement = rest;
          continue;
        }
      } catch (cause) {
        error = cause;
      }
      logger.warn({ jobId: settlement.jobId, err: error }, 'the settlement failed and is tried again');
      if (execution.context?.stopped?.reason === 'lease_lost') lostAt ??= clock.now();
      if (lostAt !== undefined && clock.now() - lostAt >= HELD_MS) return undefined;
      pauses ??= new Pauses(FIRST_RETRY_MS, LONGEST_RETRY_MS);
      await clock.sleep(pauses.next());
    }
  }

  private async settleInTransaction(
    execution: Execution<Transaction>,
    claimed: ClaimedJob,
    settlement: Settlement,
    open: SettlingTransaction,
  ): Promise<SettleAnswer | undefined> {
    if (settlement.event !== 'succeeded') {
      await open.rollback();
      return this.settleAlone(execution, settlement, claimed);
    }
    try {
      const answer = await open.settle(settlement);
      if (answer.slots) this.deps.slotsFreed?.(answer.slots);
      return answer;
    } catch (error) {
      await open.rollback();
      return this.afterLostCommit(execution, claimed, settlement, error);
    }
  }

  /** The transaction's end is unknown: either all of it is there, or nothing and the attempt counts as failed. */
  private async afterLostCommit(
    execution: Execution<Transaction>,
    claimed: ClaimedJob,
    settlement: Settlement,
    cause: unknown,
  ): Promise<SettleAnswer | undefined> {
    const { store, clock, logger } = this.deps;
    logger.warn({ jobId: claimed.id, err: cause }, 'the transaction of the attempt broke off; its outcome is looked up');
    const pauses = new Pauses(FIRST_RETRY_MS, LONGEST_RETRY_MS);
    while (execution.context?.stopped?.reason !== 'lease_lost') {
      try {
        const outcome = await store.outcomeOf(claimed.id, claimed.token);
        const job = outcome === 'settled' ? await store.find(claimed.id) : null;
        if (job) return { settled: true, job };
        if (outcome !== 'running') return { settled: false };
        const { jobId, token, announce } = settlement;
        // Not without what is refused, as outside a transaction: what the handler has written is rolled back, and that is no success.
        if (cause instanceof RefusedSettlementError) return await this.settleAlone(execution, refused(settlement, cause, claimed.attempt), claimed);
        // That is no fault of the handler's, and the attempt is not charged.
        if (isPlatformFault(cause)) return await this.settleAlone(execution, { jobId, token, announce, ...this.interruption(cause, claimed) }, claimed);
        const error = jobError(cause, cause instanceof ProcessLostError ? cause.code : 'transaction_failed', claimed.attempt);
        const last = claimed.attempt >= claimed.maxAttempts;
        const failed: Settlement = { jobId, token, announce, error, ...(last ? { event: 'failed' } : { event: 'retried', delayMs: 1_000 }) };
        return await this.settleAlone(execution, failed, claimed);
      } catch (error) {
        logger.warn({ jobId: claimed.id, err: error }, 'the outcome could not be looked up yet');
        await clock.sleep(pauses.next());
      }
    }
    return undefined;
  }

  private interruption(cause: unknown, job: ClaimedJob) {
    const { handlers, random } = this.deps;
    return interrupted(cause, handlers.policy(job.kind)?.backoff, { job, random });
  }
}

/** By the job's state, for an attempt that is to be retried may have been the last one by what others have written. */
function endingOf(state: JobState, event: SettleEvent): AttemptEnding {
  if (state === 'succeeded' || state === 'failed' || state === 'cancelled') return state;
  return event === 'retried' ? 'retried' : 'none';
}

/** The job as its outcome is told: as it was claimed, and what has changed since. A literal, for a spread of so many properties takes 4 us (V8 11). */
function endedJob(claimed: ClaimedJob, settled: SettledJob): Job {
  const job = {
    id: claimed.id,
    kind: settled.kind,
    state: settled.state,
    payload: claimed.payload,
    attempt: settled.attempt ?? claimed.attempt,
    progress: settled.progress === undefined ? claimed.progress : settled.progress,
    result: settled.result,
    errors: settled.errors ?? claimed.errors,
    notify: settled.notify,
    traceparent: claimed.traceparent,
    redrives: claimed.redrives,
    cancelRequested: settled.cancelRequested,
    events: settled.events,
    runAt: settled.runAt,
    createdAt: claimed.createdAt,
    startedAt: claimed.startedAt,
    finishedAt: settled.finishedAt,
  };
  return withOptions(job, claimed);
}
