import { StopError } from '../job/errors.js';
import type { StopReport } from '../control/cancellation.js';
import type { LeaseToken } from '../job/job.js';
import type { AbandonedHandler } from '../lease/worker-list.js';
import type { ClaimedJob, Settlement } from './attempt-store.js';
import type { Logger } from '../kit/logger.js';
import { LateTimers } from '../kit/late-timers.js';
import { ownTime } from '../kit/store-clock.js';
import { AttemptContext } from './attempt-context.js';
import { type AttemptView, hasLostProcess, interrupted, type Outcome, returned, threw } from './attempt-outcome.js';
import type { Execution } from './execution.js';
import type { RunnerDependencies } from './runner-dependencies.js';

export type AttemptResult = Outcome & Pick<Settlement, 'progress' | 'events'>;

const HANDOVER_AGAIN_MS = 60_000;
/** How long an attempt waits for what it has told to be written by a heartbeat, before it is settled. Then some may be there twice. */
const LANDING_MS = 12_000;

/** Runs one attempt of a claimed job: context, time limit, hand-over, handler, outcome. */
export class RunAttempt<Transaction> {
  /** Handlers that were given up, until they end. */
  readonly abandoned = new Map<LeaseToken, AbandonedHandler>();
  private readonly timers: LateTimers;

  constructor(private readonly deps: RunnerDependencies<Transaction>) {
    this.timers = new LateTimers(deps.clock);
  }

  /** The attempt's outcome, or null when its lease was lost: then nothing of it may be written. Never rejects. */
  async run(execution: Execution<Transaction>, job: ClaimedJob): Promise<AttemptResult | null> {
    const { clock, config } = this.deps;
    const { timers } = this;
    const context = new AttemptContext<Transaction>(job, this.deps);
    execution.context = context;
    const { timeoutMs } = job;
    let clearHandover = timers.after(config.handoverMs, () => void handOver());
    // Again and again: the delivery may be away just now, and come back later.
    const handOver = async () => {
      clearHandover = clock.after(HANDOVER_AGAIN_MS, () => void handOver());
      await this.handOver(execution, context);
    };
    const clearTimeLimit =
      timeoutMs === null ? undefined : timers.after(timeoutMs, () => context.stop('timeout', `the attempt took longer than its ${timeoutMs} ms`));
    try {
      const outcome = await this.perform(job, context);
      context.end();
      if (context.stopped?.reason === 'lease_lost') {
        await (await context.openTransaction())?.rollback();
        context.logger.warn({}, 'the lease was lost while the attempt ran; what it did through Longhaul is not kept');
        return null;
      }
      if (outcome.error) context.logger.warn({ code: outcome.error.code, reason: outcome.error.message, outcome: outcome.event }, 'an attempt failed');
      if (context.landing) await this.landed(context.landing);
      const progress = context.takeProgress();
      const events = context.takeEvents(true)?.events;
      return { ...outcome, ...(progress ? { progress } : {}), ...(events ? { events } : {}) };
    } finally {
      clearHandover();
      clearTimeLimit?.();
    }
  }

  /** What a heartbeat carries is written, or given back: the events of the settlement come after it. */
  private async landed(landing: Promise<void>): Promise<void> {
    const late = new AbortController();
    await Promise.race([landing, this.deps.clock.sleep(LANDING_MS, late.signal)]);
    late.abort();
  }

  private async handOver(execution: Execution<Transaction>, { logger }: { logger: Logger }): Promise<void> {
    // Handed over already, or without a delivery, as in single-process mode.
    if (!execution.guarded) return;
    try {
      await execution.handOver(this.deps.slotsChanged);
    } catch (error) {
      logger.warn({ err: error }, 'the delivery of a long job could not be handed over; it is held on');
    }
  }

  private async perform(job: ClaimedJob, context: AttemptContext<Transaction>): Promise<Outcome> {
    const backoff = this.deps.handlers.policy(job.kind)?.backoff;
    if (!backoff) return this.unknownKind(job);
    if (job.unreadable !== undefined) return interrupted(new Error(job.unreadable), backoff, { job, random: this.deps.random });
    const reported = (outcome: Outcome): Outcome => {
      if (context.stopped) outcome.stop = { how, heardMs: clock.now() - heardAt };
      return outcome;
    };
    const view = (): AttemptView => ({ job, backoff, stop: context.stopped, random: this.deps.random, resultMaxBytes: config.resultMaxBytes });
    const { clock, config } = this.deps;
    let clearGrace: (() => void) | undefined;
    let how: StopReport['how'] = 'stopped';
    let heardAt = 0;
    let handling: Promise<unknown> | undefined;
    try {
      const result = await new Promise((resolve, reject) => {
        // The handler was told to stop, and if it has not within the grace time, the attempt ends without it.
        context.onStop = () => {
          const { graceMs = config.graceMs } = context.stopped ?? {};
          heardAt = clock.now();
          clearGrace = clock.after(Math.min(graceMs, config.graceMs), () => {
            how = 'abandoned';
            this.abandon(job, handling);
            reject(context.stopped ?? new StopError('drain', 'stopped'));
          });
        };
        handling = this.handle(job, context);
        handling.then(resolve, reject);
      });
      return reported(returned(result, view()));
    } catch (error) {
      if (hasLostProcess(error)) how = 'killed';
      return reported(threw(error, view()));
    } finally {
      clearGrace?.();
      context.onStop = undefined;
    }
  }

  private abandon({ id: jobId, kind, token }: ClaimedJob, handling: Promise<unknown> | undefined): void {
    this.abandoned.set(token, { jobId, kind, since: new Date((this.deps.time ?? ownTime).now()).toISOString() });
    const over = () => void this.abandoned.delete(token);
    handling?.then(over, over);
  }

  /** `async` so that a handler that throws before its first await is a failed attempt like any other. */
  private async handle(job: ClaimedJob, context: AttemptContext<Transaction>): Promise<unknown> {
    return this.deps.handlers.run(job.kind, job.payload, context);
  }

  /** Only in single-process mode is a job claimed before its kind is looked at. */
  private unknownKind(job: ClaimedJob): Outcome {
    const { unknownKindDelayMs, unknownKindGiveUpMs } = this.deps.config;
    if ((this.deps.time ?? ownTime).now() - job.createdAt.getTime() < unknownKindGiveUpMs) return { event: 'snoozed', delayMs: unknownKindDelayMs };
    const error = {
      code: 'unknown_kind',
      name: 'Error',
      message: `no handler for kind ${JSON.stringify(job.kind)}`,
      attempt: job.attempt,
      at: new Date().toISOString(),
    };
    return { event: 'failed', error };
  }
}
