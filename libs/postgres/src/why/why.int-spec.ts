import { type JobId, Places, type RoomPlace, uuidv7, WhyJob } from '@app/core';
import { newJob, TestStore } from '../testing/test-store.js';
import { PostgresWhy } from './postgres-why.js';

let store: TestStore;
let why: PostgresWhy;
beforeAll(async () => {
  store = await TestStore.open();
  why = new PostgresWhy(store.db);
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.clear();
  await store.query('DELETE FROM waiting_room');
  await store.query('DELETE FROM starts');
  await store.query('DELETE FROM paused_kinds');
  for (const table of ['flow_limits', 'flow_slots', 'flow_rates']) await store.query(`DELETE FROM ${table}`);
});

const explainer = (broker: 'up' | 'down' | 'none' = 'up') => new WhyJob({ store: why, broker: () => broker });

/** Places in the room, without jobs. */
async function places(rows: string): Promise<void> {
  await store.query(
    `INSERT INTO waiting_room (job_id, queue, kind, priority, virtual_time, parked_on, limit_keys)
     SELECT gen_random_uuid(), queue, kind, priority, virtual_time, parked_on, CASE WHEN parked_on IS NOT NULL THEN ARRAY[parked_on] END FROM (${rows}) r`,
  );
}

/** In the order that releases. */
function inOrder(where = 'parked_on IS NULL'): Promise<RoomPlace[]> {
  return store.query(
    `SELECT priority, virtual_time AS "virtualTime", job_id AS "jobId" FROM waiting_room WHERE queue = 'q' AND ${where} ORDER BY priority DESC, virtual_time, job_id`,
  );
}

/** A queued job that waits in the room. */
async function waiting(more: { priority?: number; limitKeys?: string[]; parkedOn?: string; virtualTime?: number } = {}): Promise<JobId> {
  const id = uuidv7() as JobId;
  await store.submit(newJob({ id, queue: 'q', priority: more.priority ?? 4 }));
  await store.query(`DELETE FROM outbox`);
  await store.query(`UPDATE jobs SET limit_keys = $2 WHERE id = $1`, [id, more.limitKeys ?? null]);
  await store.query(
    `INSERT INTO waiting_room (job_id, queue, kind, priority, virtual_time, limit_keys, parked_on) VALUES ($1, 'q', 'test.job', $2, $3, $4, $5)`,
    [id, more.priority ?? 4, more.virtualTime ?? 1, more.limitKeys ?? null, more.parkedOn ?? null],
  );
  return id;
}

describe('how many are before a job', () => {
  test('is n of the nth in the order that releases, with priorities and equal times, whatever waits for limits or in other queues', async () => {
    await places(
      `SELECT CASE n % 7 WHEN 0 THEN 'other' ELSE 'q' END AS queue, 'k' AS kind, (n * 7919 % 4) * 3 AS priority, (n * 104729 % 50)::float8 / 3 AS virtual_time,
              CASE WHEN n % 11 = 0 THEN 'full' END AS parked_on FROM generate_series(1, 700) n`,
    );
    const order = await inOrder();
    expect(order.length).toBeGreaterThan(400);
    const counted = await Promise.all(order.map((place) => why.ahead('q', place, [], 10_000)));
    expect(counted).toEqual(order.map((_, index) => index));
  });

  test('passes over jobs of a paused kind', async () => {
    await places(
      `SELECT 'q' AS queue, CASE n % 3 WHEN 0 THEN 'paused.kind' ELSE 'k' END AS kind, n % 3 AS priority, n AS virtual_time, NULL AS parked_on FROM generate_series(1, 90) n`,
    );
    const order = await inOrder(`kind <> 'paused.kind'`);
    expect(await Promise.all(order.map((place) => why.ahead('q', place, ['paused.kind'], 10_000)))).toEqual(order.map((_, index) => index));
  });

  test('is counted up to the bound that is asked for, and one more', async () => {
    await places(`SELECT 'q' AS queue, 'k' AS kind, n % 2 AS priority, n AS virtual_time, NULL AS parked_on FROM generate_series(1, 300) n`);
    const [last] = (await inOrder()).slice(-1) as [RoomPlace];
    expect([await why.ahead('q', last, [], 299), await why.ahead('q', last, [], 298), await why.ahead('q', last, [], 100)]).toEqual([299, 299, 101]);
  });

  test('is told beyond 10,000 by the ladder, and stays right while the first are released', async () => {
    await places(
      `SELECT 'q' AS queue, 'k' AS kind, CASE WHEN n <= 25000 THEN 5 ELSE 2 END AS priority, n AS virtual_time, NULL AS parked_on FROM generate_series(1, 60000) n`,
    );
    const order = await inOrder();
    const all = new Places(why);
    const of = (index: number) => all.ahead('q', order[index] as RoomPlace, []);
    expect(await of(10_000)).toEqual({ jobs: 10_000, exact: true });
    for (const index of [10_001, 24_999, 25_000, 25_001, 44_999, 59_999]) expect(await of(index)).toEqual({ jobs: index, exact: false });
    expect(await all.ahead('q', { priority: 0, virtualTime: Infinity, jobId: 'ffffffff-ffff-ffff-ffff-ffffffffffff' }, [])).toEqual({
      jobs: 60_000,
      exact: false,
    });
    await store.query(`DELETE FROM waiting_room WHERE priority = 5 AND virtual_time <= 21000`);
    for (const index of [40_000, 59_999]) expect(await of(index)).toEqual({ jobs: index - 21_000, exact: false });
    await store.query(`DELETE FROM waiting_room WHERE priority = 5`);
    await store.query(`DELETE FROM waiting_room WHERE priority = 2 AND virtual_time <= 27000`);
    expect(await of(59_999)).toEqual({ jobs: 32_999, exact: false });
  });
});

describe('the answer', () => {
  test('is null of an unknown job', async () => {
    expect(await explainer().why(uuidv7() as JobId)).toBeNull();
  });

  test('names the queue and the number before one that waits for its turn', async () => {
    await store.worker();
    const ids = [await waiting({ virtualTime: 3 }), await waiting({ virtualTime: 2 }), await waiting({ priority: 9, virtualTime: 5 })];
    const [last] = ids as [JobId];
    expect(await explainer().why(last)).toMatchObject({ state: 'queued', reasons: [{ code: 'behind', queue: 'q', ahead: { jobs: 2, exact: true } }] });
  });

  test('says that nobody takes the queue while no live worker does', async () => {
    const id = await waiting();
    await store.workers.register({ name: 'other', concurrency: 4, queues: ['other'] }, 60);
    await store.workers.register({ name: 'gone', concurrency: 4, queues: [] }, -1);
    expect((await explainer().why(id))?.reasons[0]).toEqual({ code: 'no_worker', queue: 'q', workers: 0, needsSlots: 1, largestWorker: null });
    await store.workers.register({ name: 'this', concurrency: 4, queues: ['q'] }, 60);
    expect((await explainer().why(id))?.reasons[0]).toMatchObject({ code: 'behind' });
  });

  test('says who has paused its queue and its kind, since when and why', async () => {
    const id = await waiting();
    await store.query(`INSERT INTO queues (name, paused_at, paused_by, pause_reason) VALUES ('q', now(), 'anna', 'repair')`);
    await store.query(`INSERT INTO paused_kinds (kind, paused_by) VALUES ('test.job', 'ben')`);
    const { reasons } = (await explainer().why(id)) ?? { reasons: [] };
    expect(reasons.slice(0, 2)).toEqual([
      { code: 'paused', what: 'queue', name: 'q', since: expect.any(Date), by: 'anna', reason: 'repair' },
      { code: 'paused', what: 'kind', name: 'test.job', since: expect.any(Date), by: 'ben', reason: null },
    ]);
  });

  test('tells a delay, a backoff, a snooze and a worker that did not know the kind apart', async () => {
    const worker = await store.worker();
    const delayed = await store.queued({ delayMs: 60_000 });
    const settled = async (event: 'retried' | 'snoozed') => {
      const { id, token } = await store.running(worker);
      const error = { code: 'handler_error', name: 'Error', message: '', attempt: 1, at: '' };
      await store.attempts.settle([{ jobId: id, token, event, delayMs: 60_000, announce: false, ...(event === 'retried' ? { error } : {}) }]);
      return id;
    };
    const [retried, snoozed, unknown] = [await settled('retried'), await settled('snoozed'), await store.queued()];
    await store.attempts.defer(unknown, 30_000, 3_600_000, { code: 'unknown_kind', name: 'UnknownKind', message: '', attempt: 0, at: '' });
    const reasons = await Promise.all([delayed, retried, snoozed, unknown].map(async (id) => (await explainer().why(id))?.reasons));
    expect(reasons).toEqual([
      [{ code: 'scheduled', by: 'delay', attempt: 1, until: expect.any(Date) }],
      [{ code: 'scheduled', by: 'backoff', attempt: 2, until: expect.any(Date) }],
      [{ code: 'scheduled', by: 'snooze', attempt: 1, until: expect.any(Date) }],
      [{ code: 'scheduled', by: 'unknown_kind', attempt: 1, until: expect.any(Date) }],
    ]);
  });

  test('says which worker runs it', async () => {
    const job = await store.running(await store.worker());
    expect((await explainer().why(job.id))?.reasons).toEqual([{ code: 'running', worker: 'test', since: expect.any(Date), attempt: 1 }]);
  });

  test('says whether RabbitMQ has it, by its row of the outbox, however many other rows there are', async () => {
    await store.worker();
    const id = await store.queued();
    await store.query(
      `INSERT INTO outbox (id, type, job_ids, queue, priority, available_at) SELECT gen_random_uuid(), 'job', ARRAY[gen_random_uuid()], 'q', n % 10, now() + n * interval '1 minute' FROM generate_series(1, 500) n`,
    );
    expect((await explainer('down').why(id))?.reasons).toEqual([{ code: 'broker_away', broker: 'down' }]);
    expect((await explainer('up').why(id))?.reasons).toMatchObject([{ code: 'published', confirmed: false }]);
    await store.query(`UPDATE outbox SET available_at = now() + interval '30 seconds' WHERE $1 = ANY (job_ids)`, [id]);
    expect((await explainer('down').why(id))?.reasons).toEqual([{ code: 'broker_away', broker: 'down' }]);
    await store.query(`DELETE FROM outbox WHERE $1 = ANY (job_ids)`, [id]);
    expect((await explainer('down').why(id))?.reasons).toMatchObject([{ code: 'published', confirmed: true }]);
  });

  test('names a full limit with its holders and those before it, an override in place of its number, and its rate', async () => {
    await store.worker();
    const key = 'partner/tenant:acme';
    await store.query(`INSERT INTO flow_limits (name, match, concurrency, rate_count, rate_ms, burst) VALUES ('partner', '{}', 3, 10, 1000, 5)`);
    const id = await waiting({ limitKeys: [key], parkedOn: key, virtualTime: 50 });
    await places(`SELECT 'q' AS queue, 'k' AS kind, 4 AS priority, n AS virtual_time, '${key}' AS parked_on FROM generate_series(1, 99) n`);
    await places(`SELECT 'q' AS queue, 'k' AS kind, 4 AS priority, n AS virtual_time, 'partner/tenant:b' AS parked_on FROM generate_series(1, 9) n`);
    const holders = await store.query<{ job_id: string }>(
      `INSERT INTO flow_slots SELECT $1, gen_random_uuid(), now() - n * interval '1 second' FROM generate_series(1, 3) n RETURNING job_id`,
      [key],
    );
    const ahead = { jobs: 49, exact: true };
    expect((await explainer().why(id))?.reasons).toEqual([
      { code: 'limit', limit: key, capacity: 3, held: 3, ahead, holders: holders.map(({ job_id: holder }) => holder).reverse() },
    ]);
    await store.query(`UPDATE flow_limits SET override = '{"concurrency": 12}', override_until = now() + interval '1 hour'`);
    expect((await explainer().why(id))?.reasons).toMatchObject([{ code: 'behind' }]);
    await store.query(`UPDATE flow_limits SET override_until = now()`);
    await store.query(`INSERT INTO flow_rates VALUES ($1, now() + interval '10 seconds')`, [key]);
    const limited = await explainer().why(id);
    expect(limited?.reasons).toMatchObject([
      { code: 'limit', capacity: 3 },
      { code: 'rate', limit: key, ahead },
    ]);
    const [row] = await store.query<{ next: Date }>(`SELECT next_at - interval '400 milliseconds' AS next FROM flow_rates`);
    expect(limited?.reasons[1]).toMatchObject({ nextAt: row?.next });
    expect(limited?.start?.getTime()).toBe((row?.next.getTime() ?? 0) + 4_900);
  });
});

describe('starts', () => {
  test('are added up by all processes, and make the estimate of the queue and of the limit', async () => {
    await store.worker();
    const id = await waiting({ virtualTime: 10 });
    await places(`SELECT 'q' AS queue, 'k' AS kind, 4 AS priority, 1 AS virtual_time, NULL AS parked_on FROM generate_series(1, 100) n`);
    expect(await explainer().why(id)).toMatchObject({ start: null, confidence: null });
    await Promise.all([
      why.addStarts(new Map([['queue:q', 4]])),
      why.addStarts(
        new Map([
          ['queue:q', 6],
          ['limit:x', 1],
        ]),
      ),
    ]);
    expect(await store.query(`SELECT subject, sum(starts)::integer AS starts FROM starts GROUP BY subject ORDER BY subject`)).toEqual([
      { subject: 'limit:x', starts: 1 },
      { subject: 'queue:q', starts: 10 },
    ]);
    // The last five seconds are not counted: processes are still adding to them.
    await store.query(`UPDATE starts SET at = at - interval '10 seconds'`);
    const now = Date.now();
    const soon = await explainer().why(id);
    expect(soon?.confidence).toBe('the rate of the last 10 s');
    expect(Math.abs((soon?.start?.getTime() ?? 0) - now - 100_500)).toBeLessThan(5_000);
  });

  test('are looked at for as long as jobs have waited, for then no slot was idle', async () => {
    await store.worker();
    const id = await waiting();
    await store.query(`UPDATE waiting_room SET entered_at = now() - interval '32 seconds'`);
    const bin = `date_bin('5 seconds', now(), 'epoch'::timestamptz)`;
    await store.query(
      `INSERT INTO starts SELECT 'queue:q', ${bin} - n * interval '5 seconds', CASE WHEN n <= 5 THEN 100 ELSE 1 END FROM generate_series(1, 12) n`,
    );
    const { ofQueue } = (await why.facts(id)) ?? {};
    expect([500 / 25, 501 / 30]).toContain((ofQueue?.starts?.starts ?? 0) / (ofQueue?.starts?.seconds ?? 1));
  });

  test('of five minutes ago are forgotten', async () => {
    await store.query(`INSERT INTO starts VALUES ('queue:old', now() - interval '6 minutes', 1)`);
    await new PostgresWhy(store.db).addStarts(new Map([['queue:q', 1]]));
    expect(await store.query(`SELECT subject FROM starts`)).toEqual([{ subject: 'queue:q' }]);
  });
});

describe('a job that is not submitted yet', () => {
  test('comes at the end of its queue and priority', async () => {
    await store.worker();
    await places(`SELECT 'q' AS queue, 'k' AS kind, n % 3 AS priority, n AS virtual_time, NULL AS parked_on FROM generate_series(1, 30) n`);
    expect(await explainer().outlook({ queue: 'q', kind: 'k', priority: 1 })).toMatchObject({ ahead: { jobs: 20, exact: true }, start: null });
    expect(await explainer().outlook({ queue: 'q', kind: 'k', priority: 9 })).toMatchObject({ ahead: { jobs: 0, exact: true }, start: expect.any(Date) });
    await store.query(`INSERT INTO queues (name, paused_at) VALUES ('q', now())`);
    expect(await explainer().outlook({ queue: 'q', kind: 'k', priority: 9 })).toMatchObject({ start: null, confidence: null, reasons: [{ code: 'paused' }] });
  });

  test('has no reason where nothing keeps it, and that of its delay where it has one', async () => {
    await store.worker();
    const planned = { queue: 'q', kind: 'k', priority: 4 };
    expect(await explainer().outlook(planned)).toMatchObject({ reasons: [], limits: [], confidence: 'nothing waits before it' });
    const delayed = await explainer().outlook({ ...planned, delayMs: 60_000 });
    expect(delayed.reasons).toEqual([{ code: 'scheduled', until: delayed.start, by: 'delay', attempt: 1 }]);
    expect((await explainer().outlook({ ...planned, runAt: new Date(0) })).reasons).toEqual([]);
  });
});

describe('starting one now', () => {
  const order = async () => (await inOrder()).map(({ jobId }) => jobId);

  test('brings a job that waits before all others of its queue, the last that was asked for first', async () => {
    const [high, low, last] = [
      await waiting({ priority: 9, virtualTime: 1 }),
      await waiting({ priority: 0, virtualTime: 2 }),
      await waiting({ virtualTime: 3 }),
    ];
    expect(await store.jobs.start(low)).toMatchObject({ accepted: true, job: { state: 'queued', priority: 0 } });
    expect(await order()).toEqual([low, high, last]);
    await store.jobs.start(last);
    expect(await order()).toEqual([last, low, high]);
    expect(await explainer().why(last)).toMatchObject({ reasons: [{ code: 'no_worker' }, { code: 'behind', ahead: { jobs: 0, exact: true } }] });
  });

  test('leaves a parked job parked, before the others that wait for its limit', async () => {
    const key = 'full';
    await places(`SELECT 'q' AS queue, 'k' AS kind, 9 AS priority, n AS virtual_time, '${key}' AS parked_on FROM generate_series(1, 9) n`);
    const id = await waiting({ limitKeys: [key], parkedOn: key, virtualTime: 50 });
    await store.jobs.start(id);
    expect((await inOrder('parked_on IS NOT NULL'))[0]).toMatchObject({ jobId: id, priority: 9 });
  });

  test('makes a scheduled job queued at the front, once, and nothing wakes it a second time', async () => {
    await waiting({ priority: 9 });
    const id = await store.queued({ queue: 'q', delayMs: 60_000 });
    expect(await store.jobs.start(id)).toMatchObject({ accepted: true, job: { state: 'queued', runAt: null } });
    expect((await order())[0]).toBe(id);
    expect(await store.outboxOf(id)).toEqual([]);
    expect((await store.row(id)).history.map(([, state]) => state)).toEqual(['scheduled', 'queued']);
    await store.jobs.start(id);
    expect((await store.row(id)).history).toHaveLength(2);
  });

  test('makes the next attempt of a failed one due', async () => {
    const { id, token } = await store.running(await store.worker(), { queue: 'q' });
    await store.query('DELETE FROM outbox');
    await store.attempts.settle([
      { jobId: id, token, event: 'retried', delayMs: 60_000, announce: false, error: { code: 'c', name: 'n', message: 'm', attempt: 1, at: '' } },
    ]);
    expect(await store.jobs.start(id)).toMatchObject({ accepted: true, job: { state: 'queued', attempt: 1 } });
    expect(await store.outboxOf(id)).toEqual([]);
  });

  test('leaves a job alone that RabbitMQ has, and refuses one that runs or has ended', async () => {
    const [published, ended] = [await store.queued(), await store.queued()];
    await store.query('DELETE FROM outbox');
    await store.jobs.cancel(ended);
    const running = await store.running(await store.worker());
    expect(await store.jobs.start(published)).toMatchObject({ accepted: true, job: { state: 'queued' } });
    expect(await order()).toEqual([]);
    expect(await store.jobs.start(ended)).toMatchObject({ accepted: false, job: { state: 'cancelled' } });
    expect(await store.jobs.start(running.id)).toMatchObject({ accepted: false, job: { state: 'running' } });
    expect(await store.jobs.start(uuidv7() as JobId)).toBeNull();
  });
});
