import type { JobMessage } from '@app/core';
import type { EntityManager } from 'typeorm';
import type { Database } from '../pool/database.js';
import { transact } from '../pool/transact.js';
import { LOCK_RELEASE } from '../room/release.js';
import { releaseLimited, type Room } from './release-limited.js';
import { freeStaleSlots } from './stale-slots.js';
import { ParkedJobs, type Woken } from './wake-parked.js';

const NET_MS = 30_000;

/** What this process has seen of limits. */
export interface LimitFigures {
  /** Jobs that its releases have parked, and those of them that had to wait for a rate. */
  parked: number;
  rateWaits: number;
  /** Slots that no job used, and that it has given back. */
  staleSlots: number;
}

/** The part of the waiting room that has to do with limits: what is parked wakes, what has room is released, what nobody uses is given back. */
export class LimitedRoom {
  readonly figures: LimitFigures = { parked: 0, rateWaits: 0, staleSlots: 0 };
  private readonly parked: ParkedJobs;
  private nextNet = 0;

  constructor(
    private readonly db: Database,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.parked = new ParkedJobs(db);
  }

  /** Wakes what has room; nothing while another process releases, which does the same. */
  wake(): Promise<Woken> {
    return transact(this.db, async (transaction) => {
      const [lock] = await this.db.run<{ held: boolean }>(LOCK_RELEASE, [], transaction);
      return lock?.held ? this.parked.wake(transaction) : { jobs: 0, nextMs: null };
    });
  }

  /** In the transaction that holds the lock of the release. */
  async release(transaction: EntityManager, wanted: readonly Room[], hideSeconds: number): Promise<JobMessage[]> {
    const { messages, parked, rateWaits } = await releaseLimited(this.db, transaction, wanted, hideSeconds);
    this.figures.parked += parked;
    this.figures.rateWaits += rateWaits;
    return messages;
  }

  /** Call it now and then: each half minute it gives back what no job uses. */
  async tend(): Promise<void> {
    if (this.now() < this.nextNet) return;
    this.nextNet = this.now() + NET_MS;
    this.figures.staleSlots += await freeStaleSlots(this.db);
  }
}
