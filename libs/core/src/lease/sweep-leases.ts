import type { WorkerId } from '../job/job.js';
import type { Clock } from '../kit/clock.js';
import type { SweepStore } from './worker-store.js';
import type { Logger } from '../kit/logger.js';
import { PollingLoop } from '../kit/polling-loop.js';
import type { Queues } from '../control/queues.js';

export interface SweepDependencies {
  store: SweepStore;
  queues: Queues;
  /** Messages that wait in a queue of the broker; null when that cannot be told now. */
  depth: (queue: string) => Promise<number | null>;
  clock: Clock;
  logger: Logger;
  me: () => WorkerId | null;
  /** Called when jobs were put back: the outbox has something due. */
  recovered: () => void;
  config: {
    sweepMs: number;
    leaseSeconds: number;
    /** How long a lock must have been seen free. */
    lockFreeMs: number;
    /** When a queue is empty, a job that has waited in it for so long has lost its message … */
    emptyAfterSeconds: number;
    emptySweepMs: number;
    /** … and when it is not, one that jobs which came so much later have overtaken. */
    lostAfterSeconds: number;
    lostSweepMs: number;
  };
}

/**
 * Moves on the jobs of workers that are gone, and publishes again what the broker has lost.
 *
 * Authority: the `workers` row (its lease, by the database's clock) and the advisory lock that the worker's process holds.
 * - A lock that is free, seen twice at least `lockFreeMs` apart, tells of a process that is dead; the pause covers a worker
 *   whose connection broke and which locks again. A lease that is over tells of one that is frozen or cut off.
 * - The store checks again in the statement that moves the jobs, so that any number of sweepers may run, and one that was
 *   itself asleep between look and act does no harm.
 * - After the database was away or stood still (also before this process began) every lease may look over and every lock
 *   free: for one full lease nobody is judged.
 * A crash of a sweeper leaves whole statements only; the next one, here or elsewhere, goes on.
 */
export class LeaseSweeper {
  private readonly seenFree = new Map<WorkerId, number>();
  private readonly loop: PollingLoop;
  private judgeFrom: number;
  private lastLook: number | undefined;
  private nextLostSweep: number;
  private nextEmptySweep: number;

  constructor(private readonly deps: SweepDependencies) {
    const { clock, logger, config } = deps;
    this.loop = new PollingLoop({
      clock,
      look: async () => {
        await this.sweep();
        return config.sweepMs;
      },
      everyMs: config.sweepMs,
      failed: (error) => {
        logger.warn({ err: error }, 'the sweep failed; nobody is judged for one lease from now');
        this.judgeFrom = clock.now() + config.leaseSeconds * 1_000;
        this.seenFree.clear();
      },
    });
    const now = clock.now();
    this.judgeFrom = now + deps.config.leaseSeconds * 1_000;
    this.nextLostSweep = now + deps.config.lostSweepMs;
    this.nextEmptySweep = now + deps.config.emptySweepMs;
  }

  start(): void {
    this.loop.start();
  }

  close(): Promise<void> {
    return this.loop.close();
  }

  private async sweep(): Promise<void> {
    const { store, clock, logger, me, config } = this.deps;
    await this.expireLate();
    const { suspects, databaseUpSeconds } = await store.suspects(me());
    this.holdBackAfterStandstill();
    if (clock.now() < this.judgeFrom || databaseUpSeconds < config.leaseSeconds) return;
    // Who has locked again is no suspect any more: a free lock seen later counts from then.
    const free = new Set(suspects.flatMap(({ workerId, lockFree }) => (lockFree ? [workerId] : [])));
    for (const workerId of this.seenFree.keys()) if (!free.has(workerId)) this.seenFree.delete(workerId);
    let moved = 0;
    for (const { workerId, lockFree, leaseOver } of suspects) {
      if (lockFree && !this.seenFree.has(workerId)) this.seenFree.set(workerId, clock.now());
      const dead = clock.now() - (this.seenFree.get(workerId) ?? Infinity) >= config.lockFreeMs;
      if (!leaseOver && !dead) continue;
      const jobs = await store.recover(workerId);
      this.seenFree.delete(workerId);
      if (jobs > 0) logger.warn({ workerId, jobs, why: dead ? 'its process is gone' : 'its lease is over' }, 'jobs of a lost worker were moved on');
      moved += jobs;
    }
    moved += await store.recoverOrphans();
    moved += await this.republishLost();
    if (moved > 0) this.deps.recovered();
  }

  /** Wherever they are: in the waiting room, in the outbox, in the broker, or scheduled. A copy that comes afterwards finds the job failed. */
  private async expireLate(): Promise<void> {
    const jobs = await this.deps.store.expireLate();
    if (jobs > 0) this.deps.logger.info({ jobs }, 'jobs that had not started in time have failed');
  }

  /** Two looks that lie far apart: the database, or this process, stood still, and the others' heartbeats perhaps with it. */
  private holdBackAfterStandstill(): void {
    const { clock, config } = this.deps;
    const leaseMs = config.leaseSeconds * 1_000;
    if (this.lastLook !== undefined && clock.now() - this.lastLook > Math.max(leaseMs / 2, 5 * config.sweepMs)) this.judgeFrom = clock.now() + leaseMs;
    this.lastLook = clock.now();
  }

  /**
   * A queue that is empty while jobs wait to be taken from it (it was purged, or deleted and made again) shows soon; messages
   * that are missing from a queue that is not show when jobs that came much later were taken.
   */
  private async republishLost(): Promise<number> {
    const { store, queues, depth, clock, logger, config } = this.deps;
    const now = clock.now();
    const everything = now >= this.nextLostSweep;
    if (!everything && now < this.nextEmptySweep) return 0;
    this.nextEmptySweep = now + config.emptySweepMs;
    if (everything) this.nextLostSweep = now + config.lostSweepMs;
    let jobs = 0;
    for (const { name, paused } of await queues.all()) {
      const waiting = paused ? null : await depth(name);
      if (waiting === null || (waiting > 0 && !everything)) continue;
      const lost = await store.republishLost(name, waiting === 0, waiting === 0 ? config.emptyAfterSeconds : config.lostAfterSeconds);
      if (lost > 0) logger.warn({ queue: name, jobs: lost }, 'messages that the broker seems to have lost are published again');
      jobs += lost;
    }
    return jobs;
  }
}
