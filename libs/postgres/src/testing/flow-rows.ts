import type { JobId, NewJob } from '@app/core';
import { uuidv7 } from '@app/core';
import type { TestStore } from './test-store.js';

/** A limit of `flow_limits`; the rest of the row is as few limits have it. */
export interface LimitRow {
  concurrency?: number;
  /** So many starts in a second. */
  rate?: number;
  burst?: number;
  per?: string;
  match?: { queue?: string };
}

export async function limit(store: TestStore, name: string, { concurrency, rate, burst, per, match = {} }: LimitRow): Promise<void> {
  await store.query(
    `INSERT INTO flow_limits (name, match, per, concurrency, rate_count, rate_ms, burst) VALUES ($1, $6::jsonb, $2, $3, $4, CASE WHEN $4::integer IS NULL THEN NULL ELSE 1000 END, $5)
     ON CONFLICT (tenant, name) DO UPDATE SET concurrency = excluded.concurrency, rate_count = excluded.rate_count, rate_ms = excluded.rate_ms, burst = excluded.burst`,
    [name, per ?? null, concurrency ?? null, rate ?? null, burst ?? null, match],
  );
}

/** A queued job with these keys, or without limits, with neither slots nor a place nor a row in the outbox. */
export async function limitedJob(store: TestStore, keys: string[], more: Partial<NewJob> = {}): Promise<JobId> {
  const outboxId = uuidv7();
  const id = await store.queued({ ...more, outboxId });
  await store.query('UPDATE jobs SET limit_keys = $2 WHERE id = $1', [id, keys.length === 0 ? null : keys.toSorted()]);
  await store.query('DELETE FROM outbox WHERE id = $1', [outboxId]);
  return id;
}

export async function giveSlots(store: TestStore, id: JobId): Promise<void> {
  await store.query('INSERT INTO flow_slots (limit_key, job_id) SELECT unnest(limit_keys), id FROM jobs WHERE id = $1', [id]);
}

/** As a release leaves it, after its message is confirmed. */
export async function releasedJob(store: TestStore, keys: string[], more: Partial<NewJob> = {}): Promise<JobId> {
  const id = await limitedJob(store, keys, more);
  await giveSlots(store, id);
  return id;
}

/** Waiting for its turn, after those that entered before; parked if `parkedOn`. */
export async function waitingJob(store: TestStore, keys: string[], { parkedOn, ...more }: Partial<NewJob> & { parkedOn?: string } = {}): Promise<JobId> {
  const id = await limitedJob(store, keys, more);
  await store.query(
    `INSERT INTO waiting_room (job_id, queue, kind, priority, virtual_time, limit_keys, parked_on, suspect)
     SELECT id, queue, kind, priority, extract(epoch FROM clock_timestamp()), limit_keys, $2, crashes > 0 FROM jobs WHERE id = $1`,
    [id, parkedOn ?? null],
  );
  return id;
}

/** The keys of the slots that a job has. */
export async function slotsOf(store: TestStore, id: JobId): Promise<string[]> {
  return (await store.query<{ limit_key: string }>('SELECT limit_key FROM flow_slots WHERE job_id = $1 ORDER BY limit_key', [id])).map((row) => row.limit_key);
}

/** How many slots of a key are taken. */
export async function taken(store: TestStore, key: string): Promise<number> {
  const [row] = await store.query<{ count: number }>('SELECT count(*)::integer AS count FROM flow_slots WHERE limit_key = $1', [key]);
  return row?.count ?? 0;
}

/** Jobs that wait for their turn, in the order of their release, and on what they are parked. */
export function placesOf(store: TestStore): Promise<{ job_id: JobId; parked_on: string | null }[]> {
  return store.query('SELECT job_id, parked_on FROM waiting_room ORDER BY priority DESC, virtual_time, job_id');
}
