import type { JobId, WorkerId } from '@app/core';
import { claimOf, type LiveWorker, newToken, TestStore } from '../testing/test-store.js';

const BEAT = { leaseSeconds: 60, held: [], events: [] };
const DETAILS = { version: '1.0.0', node: '20', kinds: [], memoryBytes: 1, gateway: false, queues: [], abandoned: [] };
const DESCRIPTION = { name: 'test', concurrency: 1, queues: [], details: DETAILS };

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());
beforeEach(() => store.clear());

/** A running job, its outbox row confirmed and gone. */
async function running(worker: WorkerId, more = {}) {
  const job = await store.running(worker, more);
  await store.query('DELETE FROM outbox WHERE job_ids[1] = $1', [job.id]);
  return job;
}

async function states(...ids: JobId[]): Promise<string[]> {
  return Promise.all(ids.map(async (id) => (await store.row(id)).state));
}

async function workers(): Promise<WorkerId[]> {
  return (await store.query<{ id: WorkerId }>('SELECT id FROM workers ORDER BY id')).map(({ id }) => id);
}

async function endLease(worker: WorkerId): Promise<void> {
  await store.query(`UPDATE workers SET lease_until = now() - interval '1 second' WHERE id = $1`, [worker]);
}

describe('suspects', () => {
  test('are workers whose lock is free or whose lease is over, except the one that asks', async () => {
    const [alive, frozen] = [await store.liveWorker(), await store.liveWorker()];
    const [dead, me] = [await store.worker(), await store.worker()];
    await endLease(frozen.id);
    const { suspects, databaseUpSeconds } = await store.workers.suspects(me);
    expect(suspects.toSorted((a, b) => a.workerId - b.workerId)).toEqual([
      { workerId: frozen.id, leaseOver: true, lockFree: false },
      { workerId: dead, leaseOver: false, lockFree: true },
    ]);
    expect(databaseUpSeconds).toBeGreaterThan(0);
    expect((await store.workers.suspects(null)).suspects.map(({ workerId }) => workerId)).toEqual(expect.arrayContaining([me, dead, frozen.id]));
    await alive.die();
    expect((await store.workers.suspects(me)).suspects).toHaveLength(3);
    await frozen.die();
  });
});

describe('recovering a worker', () => {
  let alive: LiveWorker;
  beforeEach(async () => {
    alive = await store.liveWorker();
  });
  afterEach(() => alive.die());

  test('moves nothing while it lives', async () => {
    const job = await running(alive.id);
    expect(await store.workers.recover(alive.id)).toBe(0);
    expect(await states(job.id)).toEqual(['running']);
    expect(await workers()).toContain(alive.id);
  });

  test('whose lease is over moves its jobs on, though its process still holds the lock', async () => {
    const job = await running(alive.id);
    await endLease(alive.id);
    expect(await store.workers.recover(alive.id)).toBe(1);
    expect(await store.row(job.id)).toMatchObject({ state: 'queued', attempt: 0, crashes: 1, errors: [{ code: 'worker_lost', attempt: 1 }] });
  });

  test('counts a frozen worker once for a job: from then on it runs in a process of its own, and could not have done it (C38)', async () => {
    const [first, suspect, last] = [await running(alive.id), await running(alive.id), await running(alive.id)];
    await store.query('UPDATE jobs SET crashes = CASE id WHEN $1::uuid THEN 1 WHEN $2::uuid THEN 4 ELSE 0 END', [suspect.id, last.id]);
    await endLease(alive.id);
    expect(await store.workers.recover(alive.id)).toBe(3);
    const crashes = async (id: JobId) => (await store.row(id)).crashes;
    expect([await crashes(first.id), await crashes(suspect.id), await crashes(last.id)]).toEqual([1, 1, 4]);
    expect(await states(first.id, suspect.id, last.id)).toEqual(['queued', 'queued', 'queued']);
  });

  test('moves exactly what was its own: queued again under suspicion, failed with the fifth worker lost (C38), cancelled if asked to', async () => {
    const gone = await store.worker();
    const [again, exhausted, cancelled] = [await running(gone), await running(gone, { maxAttempts: 1 }), await running(gone)];
    const [others, waiting] = [await running(alive.id), await store.queued()];
    await store.query('UPDATE jobs SET crashes = 4 WHERE id = $1', [exhausted.id]);
    await store.jobs.cancel(cancelled.id);
    expect(await store.workers.recover(gone)).toBe(3);
    expect(await states(again.id, exhausted.id, cancelled.id, others.id, waiting)).toEqual(['queued', 'failed', 'cancelled', 'running', 'queued']);
    expect(await store.outboxOf(again.id)).toMatchObject([{ type: 'job', suspect: true, due: true }]);
    expect(await store.outboxOf(exhausted.id)).toMatchObject([{ type: 'event', due: true }]);
    expect(await store.outboxOf(cancelled.id)).toMatchObject([{ type: 'event', due: true }]);
    expect(await store.deadLettersOf(exhausted.id)).toEqual([{ source: 'job', reason: 'worker_lost', redriven: false }]);
    expect(await workers()).toEqual([alive.id]);
  });

  test('is done once, by however many sweepers', async () => {
    const gone = await store.worker();
    const jobs = [await running(gone), await running(gone), await running(gone, { maxAttempts: 1 })];
    const moved = await Promise.all(Array.from({ length: 6 }, () => store.workers.recover(gone)));
    expect(moved.reduce((sum, count) => sum + count, 0)).toBe(3);
    for (const { id } of jobs) {
      expect(await store.row(id)).toMatchObject({ crashes: 1 });
      expect(await store.outboxOf(id)).toHaveLength(1);
    }
  });

  test('leaves a job whose row is locked, and the worker with it, until the next sweep', async () => {
    const gone = await store.worker();
    const [locked, free] = [await running(gone), await running(gone)];
    const session = await store.session();
    await session.query('BEGIN');
    await session.query('SELECT FROM jobs WHERE id = $1 FOR NO KEY UPDATE', [locked.id]);
    expect(await store.workers.recover(gone)).toBe(1);
    expect(await states(locked.id, free.id)).toEqual(['running', 'queued']);
    expect(await workers()).toContain(gone);
    await session.query('ROLLBACK');
    await session.end();
    expect(await store.workers.recover(gone)).toBe(1);
    expect(await states(locked.id)).toEqual(['queued']);
    expect(await workers()).not.toContain(gone);
  });

  test('that was only away is undone by its next heartbeat, which reports what was lost', async () => {
    const job = await running(alive.id);
    await endLease(alive.id);
    await store.workers.recover(alive.id);
    expect(await workers()).toEqual([]);
    const answer = await store.workers.heartbeat(alive.id, DESCRIPTION, { ...BEAT, held: [{ jobId: job.id, token: job.token }] });
    expect(answer).toEqual({ lost: [job.id], cancelRequested: [], notWritten: [] });
    expect(await workers()).toEqual([alive.id]);
    expect(await store.workers.recover(alive.id)).toBe(0);
  });

  test('that renewed its lease in the last moment moves nothing', async () => {
    const job = await running(alive.id);
    await endLease(alive.id);
    await store.workers.heartbeat(alive.id, DESCRIPTION, BEAT);
    expect(await store.workers.recover(alive.id)).toBe(0);
    expect(await states(job.id)).toEqual(['running']);
  });
});

describe('orphans, running jobs of workers that nobody knows,', () => {
  test('are moved on once, those of a live process are not', async () => {
    const [alive, gone] = [await store.liveWorker(), await store.worker()];
    const [kept, orphan, unlisted] = [await running(alive.id), await running(gone), await store.liveWorker()];
    const held = await running(unlisted.id);
    await store.workers.unregister(gone);
    await store.workers.unregister(unlisted.id);
    const moved = await Promise.all([1, 2, 3, 4].map(() => store.workers.recoverOrphans()));
    expect(moved.reduce((sum, count) => sum + count, 0)).toBe(1);
    // Not on the list, but its process holds the lock: its next heartbeat puts it on the list again.
    expect(await states(kept.id, orphan.id, held.id)).toEqual(['running', 'queued', 'running']);
    await Promise.all([alive.die(), unlisted.die()]);
  });
});

describe('a heartbeat', () => {
  test('keeps progress and brings back cancellations', async () => {
    const worker = await store.worker();
    const [told, asked] = [await running(worker), await running(worker)];
    await store.jobs.cancel(asked.id);
    const held = [told, asked].map(({ id, token }) => ({ jobId: id, token }));
    const events = [{ jobId: told.id, token: told.token, events: [{ type: 'progress' as const, progress: { done: 1, total: 2 }, ageMs: 0 }] }];
    expect(await store.workers.heartbeat(worker, DESCRIPTION, { leaseSeconds: 60, held, events })).toEqual({
      lost: [],
      cancelRequested: [{ jobId: asked.id }],
      notWritten: [],
    });
    expect(await store.row(told.id)).toMatchObject({ progress: { done: 1, total: 2 } });
  });

  test('renews the lease by the clock of the database', async () => {
    const worker = await store.worker(0);
    await store.workers.heartbeat(worker, DESCRIPTION, { ...BEAT, leaseSeconds: 7 });
    const [row] = await store.query<{ left: number }>('SELECT extract(epoch FROM lease_until - now())::float8 AS left FROM workers');
    expect(row?.left).toBeGreaterThan(5);
    expect(row?.left).toBeLessThanOrEqual(7);
  });
});

describe('a stray, a job that runs by its row but not in fact,', () => {
  test('is found by the tokens that its worker holds', async () => {
    const [worker, other] = [await store.worker(), await store.worker()];
    const [held, stray] = [await running(worker), await running(worker)];
    await running(other);
    expect(await store.workers.strays(worker, [held.token])).toEqual([{ jobId: stray.id, token: stray.token }]);
    expect(await store.workers.strays(worker, [held.token, stray.token])).toEqual([]);
  });

  test('goes back to the queue once, without an attempt and without suspicion', async () => {
    const { id, token } = await running(await store.worker());
    await store.workers.recoverStray(id, newToken());
    expect(await states(id)).toEqual(['running']);
    await Promise.all([1, 2, 3].map(() => store.workers.recoverStray(id, token)));
    expect(await store.row(id)).toMatchObject({ state: 'queued', attempt: 0, crashes: 0, errors: [] });
    expect(await store.outboxOf(id)).toMatchObject([{ type: 'job', suspect: false, due: true }]);
  });

  test('that was asked to stop is cancelled instead', async () => {
    const { id, token } = await running(await store.worker());
    await store.jobs.cancel(id);
    await store.workers.recoverStray(id, token);
    expect(await states(id)).toEqual(['cancelled']);
    expect(await store.outboxOf(id)).toMatchObject([{ type: 'event' }]);
  });
});

describe('messages that the broker lost', () => {
  /** Queued so many seconds ago, and published. */
  async function published(secondsAgo: number, queue = 'default'): Promise<JobId> {
    const id = await store.queued({ queue });
    await store.query(`UPDATE jobs SET queued_at = now() - $2 * interval '1 second' WHERE id = $1`, [id, secondsAgo]);
    await store.query('DELETE FROM outbox WHERE job_ids[1] = $1', [id]);
    return id;
  }

  test('are published again when the queue is empty, but not at once and not those on their way', async () => {
    const [old, young, elsewhere] = [await published(500), await published(10), await published(500, 'other')];
    const onItsWay = await published(500);
    await store.workers.republish(onItsWay);
    // While the outbox has messages to send, an empty queue says nothing.
    expect(await store.workers.republishLost('default', true, 120)).toBe(0);
    // The process that has just stored it is publishing it.
    await store.query(`UPDATE outbox SET available_at = now() + interval '3 seconds'`);
    expect(await store.workers.republishLost('default', true, 120)).toBe(1);
    expect((await store.outboxOf(old)).length).toBe(1);
    for (const id of [young, elsewhere]) expect(await store.outboxOf(id)).toEqual([]);
    expect(await store.outboxOf(onItsWay)).toHaveLength(1);
    // Its time counts from now.
    await store.query('DELETE FROM outbox');
    await store.query(`DELETE FROM jobs WHERE id = $1`, [onItsWay]);
    expect(await store.workers.republishLost('default', true, 120)).toBe(0);
  });

  test('are published again from a queue that has moved on past them, and left where it has not', async () => {
    const waiting = await published(500);
    expect(await store.workers.republishLost('default', false, 120)).toBe(0);
    await store.attempts.claim(await store.worker(), [claimOf(await published(1))]);
    expect(await store.workers.republishLost('default', false, 120)).toBe(1);
    expect(await store.outboxOf(waiting)).toHaveLength(1);
  });

  test('are not seen in a queue whose old copies are delivered late: of a job published again, or put back (C38)', async () => {
    const [waiting, again, back] = [await published(500), await published(500), await published(500)];
    const worker = await store.worker();
    // Published again just now, and its first copy is delivered.
    await store.query(`UPDATE jobs SET messaged_at = now() WHERE id = $1`, [again]);
    await store.attempts.claim(worker, [claimOf(again)]);
    const { token } = await store.claim(back, worker);
    await store.workers.recoverStray(back, token);
    await store.attempts.claim(worker, [claimOf(back)]);
    await store.query('DELETE FROM outbox');
    expect(await states(again, back)).toEqual(['running', 'running']);
    expect(await store.workers.republishLost('default', false, 120)).toBe(0);
    expect(await store.outboxOf(waiting)).toEqual([]);
  });

  test('are not seen where jobs of a higher priority overtake, but where those of a lower one do (C38)', async () => {
    const waiting = await published(500);
    const [urgent, idle] = [await published(1), await published(1)];
    await store.query('UPDATE jobs SET priority = CASE id WHEN $1::uuid THEN 9 WHEN $2::uuid THEN 0 ELSE 4 END', [urgent, idle]);
    const worker = await store.worker();
    await store.attempts.claim(worker, [claimOf(urgent)]);
    expect(await store.workers.republishLost('default', false, 120)).toBe(0);
    await store.attempts.claim(worker, [claimOf(idle)]);
    expect(await store.workers.republishLost('default', false, 120)).toBe(1);
    expect(await store.outboxOf(waiting)).toHaveLength(1);
  });

  test('are published again once, by however many sweepers', async () => {
    const ids = await Promise.all([1, 2, 3, 4, 5].map(() => published(500)));
    const counts = await Promise.all([1, 2, 3, 4].map(() => store.workers.republishLost('default', true, 120)));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(5);
    for (const id of ids) expect(await store.outboxOf(id)).toHaveLength(1);
  });

  test('do not change for how long their job has waited, which its claim tells (C37)', async () => {
    const id = await published(500);
    expect(await store.workers.republishLost('default', true, 120)).toBe(1);
    const { waitedSeconds } = await store.claim(id, await store.worker());
    expect(waitedSeconds).toBeGreaterThanOrEqual(500);
    expect(waitedSeconds).toBeLessThan(560);
  });

  test('are not looked for among jobs whose time came long ago and whose message was only made now (C37)', async () => {
    const late = await store.queued({ delayMs: 60_000 });
    await store.query(`UPDATE jobs SET run_at = now() - interval '500 seconds'`);
    await store.query('UPDATE outbox SET available_at = now()');
    await store.outbox.take(10, 30);
    await store.query('DELETE FROM outbox');
    expect(await store.workers.republishLost('default', true, 120)).toBe(0);
    expect((await store.claim(late, await store.worker())).waitedSeconds).toBeGreaterThanOrEqual(500);
  });

  test('of a job that the broker gave up lead to a new one, unless it is no longer queued', async () => {
    const [queued, running] = [await published(1), (await store.running(await store.worker())).id];
    await store.query('DELETE FROM outbox');
    await store.workers.republish(queued);
    await store.workers.republish(running);
    expect([(await store.outboxOf(queued)).length, (await store.outboxOf(running)).length]).toEqual([1, 0]);
  });
});

describe('the list of what a worker has claimed', () => {
  const claimed = async (worker: WorkerId) =>
    (await store.query<{ id: JobId }>('SELECT unnest(job_ids) AS id FROM claims WHERE worker_id = $1', [worker])).map(({ id }) => id);

  test('holds every running job, and after a heartbeat no other', async () => {
    const worker = await store.worker();
    const [ended, runs] = [await store.running(worker), await store.running(worker)];
    expect(await claimed(worker)).toEqual(expect.arrayContaining([ended.id, runs.id]));
    await store.attempts.settle([{ jobId: ended.id, token: ended.token, event: 'succeeded', announce: false }]);
    await store.workers.heartbeat(worker, DESCRIPTION, BEAT);
    expect(await claimed(worker)).toEqual([runs.id]);
  });

  test('holds a job that was taken over, and one that single-process mode took out of the outbox', async () => {
    const [first, second] = [await store.worker(), await store.worker()];
    const job = await store.running(first);
    await store.attempts.takeOver(second, claimOf(job.id), job.token, true);
    const due = await store.queued();
    await store.attempts.claimDue(second, null, 10, false);
    expect(await claimed(second)).toEqual(expect.arrayContaining([job.id, due]));
  });

  test('goes with the worker, and with what a worker that is on no list has left', async () => {
    const [gone, unlisted] = [await store.worker(), await store.worker()];
    const jobs = [await store.running(gone), await store.running(unlisted)];
    await store.workers.unregister(unlisted);
    expect(await store.workers.recover(gone)).toBe(1);
    expect(await store.workers.recoverOrphans()).toBe(1);
    expect(await states(...jobs.map(({ id }) => id))).toEqual(['queued', 'queued']);
    await store.workers.recoverOrphans();
    expect(await store.query('SELECT FROM claims')).toHaveLength(0);
  });
});
