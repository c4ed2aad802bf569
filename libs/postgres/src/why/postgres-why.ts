import type {
  JobId,
  JobState,
  LimitFacts,
  OutboxPlace,
  PausedFact,
  QueueFacts,
  RoomBound,
  RoomPlace,
  ScheduledBy,
  Sees,
  StartRate,
  StartsStore,
  WaitingFacts,
  WhyStore,
} from '@app/core';
import type { Database } from '../pool/database.js';
import { ADD_STARTS, FORGET_STARTS } from './starts.js';
import { AHEAD, AHEAD_OF_OTHER_KINDS, BETWEEN, HEADS, LIMITS, OUTBOX_PLACE, RUNGS, WHY_FACTS, WHY_QUEUE } from './why-facts.js';

interface QueueRow {
  now: Date;
  paused_at: Date | null;
  paused_by: string | null;
  pause_reason: string | null;
  kind_paused_at: Date | null;
  kind_paused_by: string | null;
  kind_pause_reason: string | null;
  workers: number;
  largest: number | null;
  starts: number | null;
  seconds: number;
  paused_kinds: string[];
}

interface FactsRow extends QueueRow {
  id: string;
  state: JobState;
  kind: string;
  queue: string;
  priority: number;
  attempt: number;
  scheduled_by: ScheduledBy;
  run_at: Date | null;
  messaged_at: Date | null;
  started_at: Date | null;
  worker: string | null;
  limit_keys: string[] | null;
  room_priority: number | null;
  virtual_time: number | null;
}

interface LimitRow {
  key: string;
  capacity: number | null;
  held: number;
  holders: JobId[];
  next_at: Date | null;
  every_ms: number | null;
  ahead: number;
  starts: number | null;
  seconds: number;
}

const FIRST: RoomBound = { virtualTime: -Infinity, jobId: '00000000-0000-0000-0000-000000000000' };
const LAST: RoomBound = { virtualTime: Infinity, jobId: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };
/** Jobs that are counted before one under a limit. */
const COUNTED = 10_000;
/** How many times starts are added before old ones are forgotten. */
const FORGET_EVERY = 30;

export class PostgresWhy implements WhyStore, StartsStore {
  private added = 0;

  /** `reads`: for counts. */
  constructor(
    private readonly db: Database,
    private readonly reads = db,
  ) {}

  async facts(id: JobId, sees: Sees = null): Promise<WaitingFacts | null> {
    const [row] = await this.db.run<FactsRow>(WHY_FACTS, [id, sees]);
    if (!row) return null;
    const { state, kind, queue, priority, attempt, worker } = row;
    return {
      id,
      state,
      kind,
      queue,
      priority,
      attempt,
      scheduledBy: row.scheduled_by,
      runAt: row.run_at,
      messagedAt: row.messaged_at,
      startedAt: row.started_at,
      worker,
      place: row.room_priority === null || row.virtual_time === null ? null : { priority: row.room_priority, virtualTime: row.virtual_time, jobId: id },
      limitKeys: row.limit_keys ?? [],
      ...ofQueue(row),
    };
  }

  async queue(queue: string, kind: string): Promise<ReturnType<typeof ofQueue>> {
    const [row] = await this.db.run<QueueRow>(WHY_QUEUE, [queue, kind]);
    if (!row) throw new Error('expected one row about a queue, got none');
    return ofQueue(row);
  }

  async ahead(queue: string, { priority, virtualTime, jobId }: RoomPlace, pausedKinds: string[], most: number): Promise<number> {
    const values = [queue, priority, virtualTime, jobId, most + 1];
    const rows =
      pausedKinds.length === 0
        ? await this.reads.run<{ jobs: number }>(AHEAD, values)
        : await this.reads.run<{ jobs: number }>(AHEAD_OF_OTHER_KINDS, [...values, pausedKinds]);
    return rows[0]?.jobs ?? 0;
  }

  async between(queue: string, priority: number, from: RoomBound | null, to: RoomBound | null, most: number): Promise<number> {
    const [{ virtualTime, jobId }, end] = [from ?? FIRST, to ?? LAST];
    const [row] = await this.reads.run<{ jobs: number }>(BETWEEN, [queue, priority, virtualTime, jobId, end.virtualTime, end.jobId, most]);
    return row?.jobs ?? 0;
  }

  async heads(queue: string): Promise<Map<number, RoomBound>> {
    const rows = await this.reads.run<{ priority: number; virtual_time: number; job_id: string }>(HEADS, [queue]);
    return new Map(rows.map(({ priority, virtual_time: virtualTime, job_id: jobId }) => [priority, { virtualTime, jobId }]));
  }

  async rungs(queue: string, step: number): Promise<Map<number, RoomBound[]>> {
    const rungs = new Map<number, RoomBound[]>();
    for (const row of await this.reads.run<{ priority: number; virtual_time: number; job_id: string }>(RUNGS, [queue, step])) {
      const rung = { virtualTime: row.virtual_time, jobId: row.job_id };
      const ofPriority = rungs.get(row.priority);
      if (ofPriority) ofPriority.push(rung);
      else rungs.set(row.priority, [rung]);
    }
    return rungs;
  }

  async limits(keys: string[], place: RoomPlace | null, sees: Sees = null): Promise<LimitFacts[]> {
    const { priority, virtualTime, jobId } = place ?? { priority: 0, ...LAST };
    const rows = await this.reads.run<LimitRow>(LIMITS, [keys, priority, virtualTime, jobId, COUNTED + 1, sees]);
    return rows.map(({ key, capacity, held, holders, ahead, next_at: nextAt, every_ms: everyMs, starts, seconds }) => ({
      key,
      capacity,
      held,
      holders,
      nextAt,
      everyMs,
      ahead: { jobs: Math.min(ahead, COUNTED), exact: ahead <= COUNTED },
      starts: rateOf(starts, seconds),
    }));
  }

  async outboxPlace(facts: Pick<WaitingFacts, 'id' | 'queue' | 'priority' | 'messagedAt'>, most: number): Promise<OutboxPlace | null> {
    const values = [facts.id, facts.queue, facts.priority, facts.messagedAt, most];
    const [row] = await this.reads.run<{ found: boolean; full: boolean; ahead: number; exact: boolean }>(OUTBOX_PLACE, values);
    if (!row?.found && !row?.full) return null;
    return { ahead: { jobs: row.ahead, exact: row.found && row.exact } };
  }

  async addStarts(counts: ReadonlyMap<string, number>): Promise<void> {
    const entries = [...counts];
    await this.db.run(ADD_STARTS, [entries.map(([subject]) => subject), entries.map(([, starts]) => starts)]);
    if (this.added++ % FORGET_EVERY === 0) await this.db.run(FORGET_STARTS, []);
  }
}

function ofQueue(row: QueueRow): { now: Date; kindPaused: PausedFact | null; ofQueue: QueueFacts; pausedKinds: string[] } {
  return {
    now: row.now,
    kindPaused: row.kind_paused_at && { since: row.kind_paused_at, by: row.kind_paused_by, reason: row.kind_pause_reason },
    ofQueue: {
      paused: row.paused_at && { since: row.paused_at, by: row.paused_by, reason: row.pause_reason },
      workers: row.workers,
      largestWorker: row.largest,
      starts: rateOf(row.starts, row.seconds),
    },
    pausedKinds: row.paused_kinds,
  };
}

function rateOf(starts: number | null, seconds: number): StartRate | null {
  return starts === null ? null : { starts, seconds };
}
