import type { JobId, LeaseToken, WorkerId } from '../job/job.js';
import { Alarm } from '../kit/alarm.js';
import type { Clock } from '../kit/clock.js';
import type { Heartbeat, HeartbeatAnswer, HeldAnswer, WorkerDescription, WorkerStore } from './worker-store.js';
import type { DrainRequest, QueueAssignment } from './worker-list.js';
import type { Logger } from '../kit/logger.js';
import type { JobRunner } from '../run/job-runner.js';

const STRAYS_EVERY = 10;
/** Hints are gathered for so long, and two looks for them are so far apart: whoever sends many costs no more statements than this. */
const GATHER_MS = 20;
/** A beat that is wanted sooner comes after so long: whoever wants many gets ten a second. */
const SOON_MS = 100;

export interface HeartbeatDependencies {
  store: WorkerStore;
  runner: Pick<JobRunner, 'held' | 'holds' | 'takeEvents' | 'tokens' | 'stopJob' | 'stopAll'>;
  clock: Clock;
  logger: Logger;
  /** `whole`: with the details, in any case. */
  worker: (whole: boolean) => WorkerDescription;
  config: { leaseSeconds: number; beatMs: number };
  /** Called when somebody wants this worker to drain, with each beat. */
  onDrain?: (request: DrainRequest) => void;
  /** Called with each beat: what the store says of this worker's queues. */
  onAssigned?: (assigned: QueueAssignment | null) => void;
  /** Called after each beat: whether the store answered. */
  onBeat?: (reachable: boolean) => void;
}

/**
 * Keeps a worker's lease, and brings back what changed under its jobs: one row renewed a second, whatever the number of jobs.
 *
 * Authority: the `workers` row and the database's clock. Jobs point to that row, so renewing it renews them all.
 * - A worker that is frozen or cut off stops renewing; when the lease is over its jobs are swept and run elsewhere, and its
 *   own late writes fail on their tokens.
 * - It does not wait to be told: after two thirds of the lease without an answer it aborts its handlers with `lease_lost`.
 * - A row that a sweeper removed is made again by the next beat; jobs that were moved on are reported as lost.
 * - A cancel is the row's. A message that a job was asked to stop is a hint to look sooner, see `look`: lost, late, doubled or forged it changes nothing
 *   but when the row is read, and without it the next beat reads it. The same holds for what is asked of the worker itself, and for `soon`.
 * - A job that runs here by its row but not in fact (an answer was lost, an attempt was dropped while the database was away)
 *   is put back after two looks.
 */
export class HeartbeatLoop {
  private id: WorkerId | undefined;
  private lastAnswer = 0;
  private beats = 0;
  private readonly stop = new AbortController();
  private loop: Promise<void> = Promise.resolve();
  /** How many of the next beats look for strays. */
  private strayLooks = 0;
  /** Since when; a claim whose answer is on its way looks like one for a moment. */
  private suspectedStrays = new Map<LeaseToken, number>();
  /** Jobs that a hint has named. */
  private readonly asked = new Set<JobId>();
  private looking = false;
  private readonly alarm: Alarm;
  private wakes = false;
  private undescribed = false;

  constructor(private readonly deps: HeartbeatDependencies) {
    this.alarm = new Alarm(deps.clock);
  }

  get workerId(): WorkerId {
    if (this.id === undefined) throw new Error('expected the worker to be registered before it claims; call start() first');
    return this.id;
  }

  async start(): Promise<WorkerId> {
    this.id = await this.deps.store.register(this.deps.worker(true), this.deps.config.leaseSeconds);
    this.lastAnswer = this.deps.clock.now();
    this.loop = this.run();
    return this.id;
  }

  /** Ends the beat and takes the worker off the list. What it still runs is then recovered by others. */
  async close(): Promise<void> {
    this.stop.abort();
    this.alarm.ring();
    await this.loop;
    if (this.id !== undefined) await this.deps.store.unregister(this.id);
  }

  /** These jobs were asked to stop: those that run here are looked at in some milliseconds, many together. Ids of others cost nothing. Never throws. */
  look(jobIds: readonly JobId[]): void {
    const { runner } = this.deps;
    for (const id of jobIds) if (runner.holds(id)) this.asked.add(id);
    if (this.asked.size > 0) this.lookSoon();
  }

  /** Something was asked of this worker, or it has something to tell: the next beat comes in some milliseconds. Never throws. */
  soon(): void {
    if (this.wakes) return;
    this.wakes = true;
    this.deps.clock.after(SOON_MS, () => {
      this.wakes = false;
      this.alarm.ring();
    });
  }

  private async run(): Promise<void> {
    const { clock, config, logger } = this.deps;
    for (;;) {
      await this.alarm.sleep(config.beatMs);
      if (this.stop.signal.aborted) return;
      this.alarm.set();
      try {
        await this.beatInTime();
        this.lastAnswer = clock.now();
        this.deps.onBeat?.(true);
      } catch (error) {
        logger.warn({ err: error }, 'the heartbeat got no answer');
        // What else got no answer may be there: a claim that was given up, of a job that nobody runs while this lease is renewed.
        this.strayLooks = 2;
        this.deps.onBeat?.(false);
        this.giveUpInTime();
      }
    }
  }

  /** Behind a half-open connection no answer and no error ever comes: that must not keep the lease's end from being noticed. */
  private async beatInTime(): Promise<void> {
    const { clock, config } = this.deps;
    const timer = new AbortController();
    const beat = this.beat();
    const late = clock.sleep(Math.min(config.beatMs * 3, (config.leaseSeconds * 1_000) / 3), timer.signal).then(() => {
      throw new Error('no answer in time');
    });
    try {
      await Promise.race([beat, late]);
    } finally {
      beat.catch(() => undefined);
      late.catch(() => undefined);
      timer.abort();
    }
  }

  private async beat(): Promise<void> {
    const { store, runner, config } = this.deps;
    const held = runner.held();
    const described = this.deps.worker(this.undescribed);
    const answer = await this.writing((events) => store.heartbeat(this.workerId, described, { leaseSeconds: config.leaseSeconds, held, events }));
    this.stopWhatChanged(held, answer);
    this.undescribed = answer.undescribed === true;
    if (answer.drain) this.deps.onDrain?.(answer.drain);
    this.deps.onAssigned?.(answer.assigned ?? null);
    // Two looks, for one alone only raises the suspicion.
    if (++this.beats % STRAYS_EVERY === 0) this.strayLooks = 2;
    if (this.strayLooks > 0) {
      await this.recoverStrays();
      this.strayLooks--;
    }
  }

  /** By token: while the answer was on its way the job may have ended here and begun anew, under another lease. */
  private stopWhatChanged(held: Heartbeat['held'], { lost, cancelRequested }: HeldAnswer): void {
    const { runner } = this.deps;
    for (const { jobId, token } of held) {
      if (lost.includes(jobId)) runner.stopJob(jobId, token, 'lease_lost', 'the job was taken over by another worker');
      const asked = cancelRequested.find((each) => each.jobId === jobId);
      if (asked) runner.stopJob(jobId, token, 'cancel', 'the job was cancelled', asked.graceMs);
    }
  }

  private async lookAtAsked(): Promise<void> {
    const { store, runner, logger } = this.deps;
    const asked = new Set(this.asked);
    this.asked.clear();
    const held = runner.held().filter(({ jobId }) => asked.has(jobId));
    try {
      if (held.length > 0) this.stopWhatChanged(held, await store.check(held));
    } catch (error) {
      // The next beat looks anyway.
      logger.debug({ err: error }, 'jobs that were asked to stop could not be looked at');
    }
    this.looking = false;
    if (this.asked.size > 0) this.lookSoon();
  }

  private lookSoon(): void {
    if (this.looking) return;
    this.looking = true;
    this.deps.clock.after(GATHER_MS, () => void this.lookAtAsked());
  }

  /** A beat without an answer may have written: what attempts have told comes again then, and a line may be there twice. */
  private async writing(beat: (events: Heartbeat['events']) => Promise<HeartbeatAnswer>): Promise<HeartbeatAnswer> {
    const taken = this.deps.runner.takeEvents();
    let notWritten = new Set(taken.map(({ token }) => token));
    try {
      const answer = await beat(taken.map(({ jobId, token, events }) => ({ jobId, token, events })));
      notWritten = new Set(answer.notWritten);
      return answer;
    } finally {
      for (const batch of taken) batch[notWritten.has(batch.token) ? 'notWritten' : 'written']();
    }
  }

  private async recoverStrays(): Promise<void> {
    const { store, runner, logger, clock, config } = this.deps;
    const strays = await store.strays(this.workerId, runner.tokens());
    const inHand = new Set(runner.tokens());
    const now = clock.now();
    const before = this.suspectedStrays;
    const since = (token: LeaseToken) => before.get(token) ?? now;
    this.suspectedStrays = new Map(strays.map(({ token }) => [token, since(token)]));
    for (const { jobId, token } of strays) {
      if (inHand.has(token) || now - since(token) < config.beatMs) continue;
      logger.warn({ jobId }, 'a job was running by its row but not in fact, and is put back');
      await store.recoverStray(jobId, token);
    }
  }

  private giveUpInTime(): void {
    const { clock, config, runner } = this.deps;
    if (clock.now() - this.lastAnswer < (config.leaseSeconds * 1_000 * 2) / 3) return;
    runner.stopAll('lease_lost', 'the lease could not be renewed in time');
  }
}
