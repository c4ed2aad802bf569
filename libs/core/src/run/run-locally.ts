import type { WorkerId } from '../job/job.js';
import type { Clock } from '../kit/clock.js';
import type { AttemptStore, ClaimedJob } from './attempt-store.js';
import type { Logger } from '../kit/logger.js';
import { FLIGHT_TEXT } from '../kit/micro-batcher.js';
import { PollingLoop } from '../kit/polling-loop.js';
import type { JobRunner } from './job-runner.js';
import { RESERVE } from '../room/waiting-room.js';
import { PayloadSizes } from './payload-sizes.js';

export interface LocalDependencies {
  store: Pick<AttemptStore, 'claimDue' | 'claimOldest'>;
  runner: Pick<JobRunner, 'size' | 'slots' | 'aside' | 'full' | 'runClaimed'>;
  clock: Clock;
  logger: Logger;
  workerId: () => WorkerId;
  /** The kinds of which a job takes several slots. Left out, there are none. */
  severalSlots?: () => ReadonlyMap<string, number>;
  config: { concurrency: number; pollMs: number; queues: readonly string[] | null };
}

/** Between two claims for those that have waited longest: where jobs are short, a statement for each sixteenth would be felt. */
const OLDEST_MS = 100;

/** What is due is of any kind: it has one expected size. */
const ANY = 'any';

/**
 * Single-process mode: a background processor without a broker. It takes due jobs straight out of the outbox and claims them in the
 * same statement, so there is no delivery to settle; lease and sweep guard them from the first moment. A slot is free when a
 * handler has ended: the next jobs are claimed while outcomes are written, as many again at most.
 * Jobs are taken in their order: one that takes more slots than are free keeps those behind it waiting, until as many are. While more are due than can be
 * taken, one of {@link RESERVE} is the one that has waited longest, whatever its priority. What a crash leads to is the same for both: before the claim
 * commits nothing has happened, after it lease and sweep find the job.
 * It looks when it is nudged (a job was accepted here), when a slot becomes free, and each `pollMs` otherwise; for suspects each
 * `pollMs` only, for they are few and a look costs a statement.
 */
export class LocalProcessor {
  private readonly loop: PollingLoop;
  private readonly sizes = new PayloadSizes();
  private nextSuspects = 0;
  private several: ReadonlyMap<string, number> = new Map();
  /** Jobs taken since the oldest had their share, while more were due. */
  private since = 0;
  private nextOldest = 0;

  constructor(private readonly deps: LocalDependencies) {
    const { pollMs } = deps.config;
    this.loop = new PollingLoop({
      clock: deps.clock,
      look: async () => ((await this.take()) === 0 ? pollMs : 0),
      everyMs: pollMs,
      failed: (error) => deps.logger.warn({ err: error }, 'no jobs could be taken'),
    });
  }

  start(): void {
    this.several = this.deps.severalSlots?.() ?? this.several;
    this.loop.start();
  }

  nudge(): void {
    this.loop.nudge();
  }

  /** Takes no more jobs. */
  close(): Promise<void> {
    return this.loop.close();
  }

  private async take(): Promise<number> {
    const { store, runner, clock, workerId, config } = this.deps;
    const most = runner.full ? 0 : Math.max(1, Math.floor(FLIGHT_TEXT / this.sizes.of(ANY)));
    // Those that have crashed a worker before run aside, and have slots of their own.
    const now = clock.now();
    const looksForSuspects = now >= this.nextSuspects;
    const forSuspects = looksForSuspects ? Math.min(config.concurrency - runner.aside, most) : 0;
    const [jobs, suspects] = await Promise.all([
      this.claim(Math.min(config.concurrency - runner.slots, 2 * config.concurrency - (runner.size - runner.aside)), most),
      forSuspects > 0 ? store.claimDue(workerId(), config.queues, forSuspects, true) : [],
    ]);
    if (looksForSuspects) this.nextSuspects = suspects.length > 0 ? now : now + config.pollMs;
    const taken = [...jobs, ...suspects];
    const nudge = () => this.nudge();
    for (const job of taken) {
      this.sizes.seen(ANY, job.payload.length);
      void runner.runClaimed(job, nudge).finally(nudge);
    }
    return taken.length;
  }

  /** Jobs for so many free slots, and at most `most` of them. */
  private async claim(free: number, most: number): Promise<ClaimedJob[]> {
    const { store, runner, clock, workerId, config } = this.deps;
    const limit = Math.min(free, most);
    if (limit <= 0) return [];
    const slots = this.several.size > 0 ? { free, of: this.several } : undefined;
    const ofOldest = Math.min(limit, Math.floor(this.since / RESERVE));
    if (ofOldest > 0 && clock.now() >= this.nextOldest) {
      const oldest = await store.claimOldest(workerId(), config.queues, ofOldest, slots);
      this.since -= oldest.length * RESERVE;
      if (oldest.length > 0) {
        this.nextOldest = clock.now() + OLDEST_MS;
        return oldest;
      }
      // It may take more slots than are free, and waits for them as the first in the order does.
      if (slots && runner.slots > 0) return [];
    }
    const jobs = await store.claimDue(workerId(), config.queues, limit, false, slots);
    // Fewer than asked for: all that was due has been taken, and nobody waits behind others.
    if (jobs.length === 0 || (jobs.length < limit && !slots)) this.since = 0;
    else this.since = Math.min(this.since + jobs.length, RESERVE * config.concurrency);
    return jobs;
  }
}
