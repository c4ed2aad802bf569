import { type JobId, type JobMessage, type LocalRoom, RESERVE, type RoomView, type Wanted } from '@app/core';
import type { EntityManager } from 'typeorm';
import type { Database } from '../pool/database.js';
import { LimitedRoom } from '../flow/limited-room.js';
import { transact } from '../pool/transact.js';
import { COUNT_DUE, ENTER_DUE, SUSPECTS_OUT } from '../relay/outbox.js';
import { RoomCounter } from './room-figures.js';
import { LOCK_RELEASE, LOOK_AT_ROOM, RELEASE_UNLIMITED } from './release.js';

interface ViewRow {
  waiting: string[];
  workers: Record<string, number> | null;
  fair_queues: string[];
  paused_queues: string[];
  paused_kinds: string[];
  /** Some job waits for a limit. */
  parked: boolean;
}

interface PackedRow {
  id: string;
  job_ids: JobId[];
  queue: string;
  kind: string;
  priority: number;
  traceparent: string | null;
}

/** Rows of one statement. */
const ENTER_AT_ONCE = 500;
/** Between two counts of the room for metrics. */
const COUNT_MS = 10_000;

export class PostgresWaitingRoom implements LocalRoom {
  /** Of each queue the jobs that were released since the oldest had its share. */
  private readonly since = new Map<string, number>();

  constructor(
    private readonly db: Database,
    readonly limited = new LimitedRoom(db),
    readonly counted = new RoomCounter(db, COUNT_MS),
  ) {}

  async look(queues: readonly string[]): Promise<RoomView> {
    await this.limited.tend();
    // Not waited for: with a million places it takes a while, and nothing is decided by it. Where the store is away, the look says so.
    void this.counted.tend().catch(() => undefined);
    const look = async () => (await this.db.run<ViewRow>(LOOK_AT_ROOM, [queues]))[0];
    let row = await look();
    const woken = row?.parked ? await this.limited.wake() : null;
    if (woken && woken.jobs > 0) row = await look();
    return {
      waiting: new Set(row?.waiting),
      workers: new Map(Object.entries(row?.workers ?? {})),
      fairQueues: new Set(row?.fair_queues),
      pausedQueues: new Set(row?.paused_queues),
      pausedKinds: new Set(row?.paused_kinds),
      nextTurnMs: woken?.nextMs ?? null,
    };
  }

  release(wanted: readonly Wanted[], hideSeconds: number, only?: 'limited'): Promise<JobMessage[] | null> {
    return transact(this.db, async (transaction) => {
      const [lock] = await this.db.run<{ held: boolean }>(LOCK_RELEASE, [], transaction);
      if (!lock?.held) return null;
      const limited = await this.limited.release(transaction, wanted, hideSeconds);
      if (only) return limited;
      const left = wanted.map(({ queue, jobs }) => ({ queue, jobs: jobs - jobsIn(limited, queue) })).filter(({ jobs }) => jobs > 0);
      return [...limited, ...(left.length > 0 ? await this.releaseUnlimited(transaction, left, hideSeconds) : [])];
    });
  }

  async enterDue(): Promise<void> {
    const woken = await this.db.run<{ id: JobId }>(ENTER_DUE, [ENTER_AT_ONCE]);
    if (woken.length > 0) this.db.changed(woken.map(({ id }) => id));
  }

  async suspectsOut(): Promise<void> {
    await this.db.run(SUSPECTS_OUT, []);
  }

  async released(queue: string, most: number): Promise<number> {
    const [row] = await this.db.run<{ jobs: number }>(COUNT_DUE, [queue, most]);
    return row?.jobs ?? 0;
  }

  private async releaseUnlimited(transaction: EntityManager, wanted: readonly Wanted[], hideSeconds: number): Promise<JobMessage[]> {
    const rows = await this.db.run<PackedRow>(
      RELEASE_UNLIMITED,
      [wanted.map(({ queue }) => queue), wanted.map(({ jobs }) => jobs), wanted.map((each) => this.shareOfOldest(each)), hideSeconds],
      transaction,
    );
    return rows.map(({ id: outboxId, job_ids: jobIds, ...rest }) => ({ type: 'job', outboxId, jobIds, ...rest }));
  }

  /** Whole jobs; what is left over is kept for the next release of this process. */
  private shareOfOldest({ queue, jobs }: Wanted): number {
    const count = (this.since.get(queue) ?? 0) + jobs;
    this.since.set(queue, count % RESERVE);
    return Math.floor(count / RESERVE);
  }
}

function jobsIn(messages: readonly JobMessage[], queue: string): number {
  return messages.reduce((sum, message) => sum + (message.queue === queue ? message.jobIds.length : 0), 0);
}
