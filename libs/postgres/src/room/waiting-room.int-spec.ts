import { type Allowance, DEFAULT_SCHEMA, type JobId, type JobMessage, type NewJob } from '@app/core';
import { jobsOf } from '@app/core/testing';
import { lockKey } from '../locks.js';
import { limit } from '../testing/flow-rows.js';
import { newJob, TestStore } from '../testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.clear();
  await store.query('DELETE FROM kinds');
  await store.query('DELETE FROM paused_kinds');
});

const waits = (more: Partial<NewJob> = {}): Partial<NewJob> => ({ waits: true, ...more });
const waiting = (count: number, more: Partial<NewJob> = {}) => store.submit(...Array.from({ length: count }, () => waits(more)));

/** A limit `limit` that has no room. */
async function fullLimit(): Promise<void> {
  await limit(store, 'limit', { concurrency: 1 });
  await store.query(`INSERT INTO flow_slots (limit_key, job_id) VALUES ('limit', gen_random_uuid())`);
}

/** An allowance that keeps the jobs of these queues from going out. */
const none = (...queues: string[]): Allowance => ({ byQueue: new Map(queues.map((queue) => [queue, 0])), others: 1_000 });

function places(): Promise<{ job_id: JobId; queue: string; priority: number; suspect: boolean }[]> {
  return store.query('SELECT job_id, queue, priority, suspect FROM waiting_room ORDER BY priority DESC, virtual_time, job_id');
}

const placeIds = async () => (await places()).map(({ job_id }) => job_id);

async function release(jobs: number, queue = 'default'): Promise<JobMessage[]> {
  const messages = await store.room.release([{ queue, jobs }], 30);
  if (!messages) throw new Error('expected the lock of the release to be free');
  return messages;
}

const released = async (jobs: number, queue?: string) => (await release(jobs, queue)).flatMap(({ jobIds }) => jobIds);

describe('a job that waits for its turn', () => {
  test.each([1, 3])('is stored with a place in place of a row of the outbox (%i at once)', async (count) => {
    const ids = await waiting(count, { queue: 'slow', priority: 7 });
    expect(await places()).toEqual(ids.map((job_id) => ({ job_id, queue: 'slow', priority: 7, suspect: false })));
    expect(await store.query('SELECT id FROM outbox')).toEqual([]);
    for (const id of ids) expect(await store.row(id)).toMatchObject({ state: 'queued', attempt: 0, run_at: null });
  });

  test('is stored once, however often its batch is sent', async () => {
    for (const count of [1, 3]) {
      const jobs = Array.from({ length: count }, () => newJob(waits()));
      const first = await store.submissions.submit(jobs);
      expect(await store.submissions.submit(jobs)).toEqual(first);
      expect(await placeIds()).toEqual(jobs.map(({ id }) => id));
      await store.clear();
    }
  });

  test('whose time has not come has a row of the outbox, and so have others of its batch that do not wait', async () => {
    const [delayed, plain, place] = await store.submit(waits({ delayMs: 60_000 }), {}, waits());
    expect(await placeIds()).toEqual([place]);
    expect(await store.outboxOf(delayed as JobId)).toMatchObject([{ type: 'job', due: false }]);
    expect(await store.outboxOf(plain as JobId)).toMatchObject([{ type: 'job' }]);
  });

  test('keeps its limits; delayed, its row says that it has to take its turn', async () => {
    const limitKeys = ['a "quoted\\" one', 'b/tenant:x,{y}'];
    const [now, later] = await store.submit(waits({ limitKeys }), waits({ limitKeys, delayMs: 60_000 }));
    expect(await store.query('SELECT job_id, limit_keys FROM waiting_room')).toEqual([{ job_id: now, limit_keys: limitKeys }]);
    expect(await store.query('SELECT limit_keys FROM jobs')).toEqual([{ limit_keys: limitKeys }, { limit_keys: limitKeys }]);
    expect(await store.outboxOf(later as JobId)).toMatchObject([{ type: 'turn', due: false }]);
  });

  test.each<[string, (id: JobId) => Promise<unknown>]>([
    ['cancelled', (id) => store.jobs.cancel(id)],
    ['deferred', (id) => store.attempts.defer(id, 1_000, 60_000, { code: 'c', name: 'n', message: 'm', attempt: 0, at: '2026-01-01T00:00:00Z' })],
    [
      'failed without an attempt left',
      async (id) => {
        await store.query('UPDATE jobs SET attempt = max_attempts');
        await store.attempts.exhaust(id, null, null, { code: 'c', name: 'n', message: 'm', attempt: 3, at: '2026-01-01T00:00:00Z' });
      },
    ],
  ])('loses its place when it is %s', async (_, change) => {
    const [id, other] = (await waiting(2)) as [JobId, JobId];
    await change(id);
    expect(await store.row(id)).not.toMatchObject({ state: 'queued' });
    expect(await placeIds()).toEqual([other]);
  });

  test('is not taken for one whose message was lost, however long it waits', async () => {
    const [id] = await waiting(1);
    await store.query(`UPDATE jobs SET queued_at = now() - interval '1 day'`);
    expect(await store.workers.republishLost('default', true, 3)).toBe(0);
    await store.query('DELETE FROM waiting_room');
    expect(await store.workers.republishLost('default', true, 3)).toBe(1);
    expect(await store.outboxOf(id as JobId)).toMatchObject([{ type: 'job' }]);
  });
});

describe('the look at the room', () => {
  test('names the queues of which jobs wait, but not those of which every job is parked', async () => {
    await waiting(2, { queue: 'a' });
    await waiting(2, { queue: 'b' });
    await fullLimit();
    const parked = await waiting(1, { queue: 'c' });
    await store.query(`UPDATE waiting_room SET parked_on = 'limit' WHERE job_id = $1`, [parked[0]]);
    expect([...(await store.room.look([])).waiting].sort()).toEqual(['a', 'b']);
  });

  test('counts the live workers of those queues, and of the queues that it is asked for', async () => {
    await waiting(1, { queue: 'a' });
    await store.workers.register({ name: 'all', concurrency: 1, queues: [] }, 60);
    await store.workers.register({ name: 'b only', concurrency: 1, queues: ['b'] }, 60);
    await store.workers.register({ name: 'dead', concurrency: 1, queues: [] }, -1);
    expect(Object.fromEntries((await store.room.look(['b', 'a'])).workers)).toEqual({ a: 1, b: 2 });
  });

  test('says what is paused', async () => {
    await store.queues.ensure(['a', 'b']);
    await store.queues.setPaused('b', true);
    await store.query(`INSERT INTO paused_kinds (kind) VALUES ('test.paused')`);
    const { pausedQueues, pausedKinds } = await store.room.look([]);
    expect({ pausedQueues, pausedKinds }).toEqual({ pausedQueues: new Set(['b']), pausedKinds: new Set(['test.paused']) });
  });
});

describe('a release', () => {
  test('lets as many out as it is asked for, highest priority first, of one priority the oldest; the others stay', async () => {
    const [low, high, middle] = [await waiting(2, { priority: 0 }), await waiting(2, { priority: 9 }), await waiting(2, { priority: 4 })];
    expect(await released(5)).toEqual([...high, ...middle, low[0]]);
    expect(await placeIds()).toEqual([low[1]]);
  });

  test('writes rows of the outbox, hidden for its publisher, of as many jobs as one message of their kind may hold', async () => {
    await store.query(`INSERT INTO kinds (name, wake_up_size) VALUES ('test.short', 3)`);
    const [short, long] = [await waiting(4, { kind: 'test.short' }), await waiting(2, { kind: 'test.long' })];
    const messages = await release(10);
    expect(messages.map(({ kind, jobIds }) => [kind, jobIds])).toEqual([
      ['test.short', short.slice(0, 3)],
      ['test.short', short.slice(3)],
      ['test.long', long.slice(0, 1)],
      ['test.long', long.slice(1)],
    ]);
    expect(await store.outbox.take(10, 30)).toEqual([]);
    await store.query(`UPDATE outbox SET available_at = available_at - interval '30 seconds'`);
    // Its releaser has died: what has been released does not wait again, even in a queue that is backlogged.
    expect((await store.outbox.take(10, 30, none('default'))).flatMap(jobsOf).sort()).toEqual([...short, ...long].sort());
    expect(await places()).toEqual([]);
  });

  test('gives a job that has crashed a worker a message of its own', async () => {
    await store.query(`INSERT INTO kinds (name, wake_up_size) VALUES ('test.job', 10)`);
    const [first, suspect, last] = await waiting(3);
    await store.query('UPDATE waiting_room SET suspect = true WHERE job_id = $1', [suspect]);
    const messages = await release(3);
    expect(messages.map(({ jobIds }) => jobIds).sort()).toEqual([[first, last], [suspect]].sort());
    expect(await store.outboxOf(suspect as JobId)).toMatchObject([{ suspect: true }]);
  });

  test('carries the trace of a job that has a message of its own', async () => {
    await waiting(1, { traceparent: '00-trace' });
    expect(await release(1)).toMatchObject([{ traceparent: '00-trace' }]);
  });

  test('lets one in sixteen be the oldest of its queue, so that no job waits for ever behind higher priorities', async () => {
    const queue = 'shared';
    const [old] = await waiting(1, { queue, priority: 0 });
    await waiting(40, { queue, priority: 9 });
    expect(await released(15, queue)).not.toContain(old);
    expect(await released(1, queue)).toEqual([old]);
    expect(await released(30, queue)).toHaveLength(25);
  });

  test('lets nothing out that a limit has no room for or that is parked, nor anything of a queue or a kind that is paused', async () => {
    await store.queues.ensure(['default', 'paused']);
    await fullLimit();
    await store.queues.setPaused('paused', true);
    await store.query(`INSERT INTO paused_kinds (kind) VALUES ('test.paused')`);
    const [parked] = await waiting(1);
    await store.query(`UPDATE waiting_room SET parked_on = 'limit' WHERE job_id = $1`, [parked]);
    await waiting(1, { limitKeys: ['limit'] });
    await waiting(1, { kind: 'test.paused' });
    await waiting(1, { queue: 'paused' });
    const [free] = await waiting(1);
    expect(await released(32)).toEqual([free]);
    expect(await released(32, 'paused')).toEqual([]);
  });

  test('is one at a time: while another process releases, nothing is let out', async () => {
    const session = await store.session();
    await session.query('BEGIN');
    await session.query('SELECT pg_advisory_xact_lock($1, 0)', [lockKey('release', DEFAULT_SCHEMA)]);
    await waiting(1);
    expect(await store.room.release([{ queue: 'default', jobs: 1 }], 30)).toBeNull();
    await session.query('ROLLBACK');
    await session.end();
    expect(await released(1)).toHaveLength(1);
  });

  test('goes past a place that another statement is taking', async () => {
    const [held, free] = await waiting(2);
    const session = await store.session();
    await session.query('BEGIN');
    await session.query('DELETE FROM waiting_room WHERE job_id = $1', [held]);
    expect(await released(2)).toEqual([free]);
    await session.query('ROLLBACK');
    await session.end();
    expect(await released(2)).toEqual([held]);
  });
});

describe('the relay', () => {
  const take = (...toRoom: string[]) => store.outbox.take(10, 30, none(...toRoom));

  test('sends due jobs of a backlogged queue to the room, in the order in which they were queued, and publishes the others', async () => {
    const [first, second, other] = (await store.submit({}, {}, { queue: 'short' })) as [JobId, JobId, JobId];
    const [waits] = await waiting(1);
    await store.query(`UPDATE waiting_room SET virtual_time = virtual_time + 60`);
    await store.query(`UPDATE jobs SET queued_at = queued_at - interval '1 second' WHERE id = $1`, [second]);
    expect((await take('default')).flatMap(jobsOf)).toEqual([other]);
    expect(await placeIds()).toEqual([second, first, waits]);
    expect(await store.outboxOf(first)).toEqual([]);
  });

  test('sends to the room what is more than a queue may get, and publishes the rest, by priority', async () => {
    const [low, ...others] = await store.submit({ priority: 1 }, {}, {}, { queue: 'short' }, { queue: 'short' });
    const allowance = { byQueue: new Map([['default', 2]]), others: 1 };
    expect((await store.outbox.take(10, 30, allowance)).flatMap(jobsOf)).toEqual(others.slice(0, 3));
    expect(await placeIds()).toEqual([others[3], low]);
  });

  test('queues a delayed job as it sends it to the room', async () => {
    const [id] = await store.submit({ delayMs: 60_000 });
    await store.query(`UPDATE jobs SET run_at = now()`);
    await store.query(`UPDATE outbox SET available_at = now()`);
    expect(await take('default')).toEqual([]);
    expect(await store.row(id as JobId)).toMatchObject({ state: 'queued', run_at: null });
    expect(await placeIds()).toEqual([id]);
  });

  test('always sends a job to the room that has to take its turn, whose row says so', async () => {
    const [id] = await store.submit({ limitKeys: ['limit'], delayMs: 60_000, waits: true });
    await store.query(`UPDATE jobs SET run_at = now()`);
    await store.query(`UPDATE outbox SET available_at = now()`);
    expect(await take()).toEqual([]);
    expect(await store.query('SELECT job_id, limit_keys FROM waiting_room')).toEqual([{ job_id: id, limit_keys: ['limit'] }]);
    expect(await store.outboxOf(id as JobId)).toEqual([]);
  });

  test('sends jobs of a paused kind to the room', async () => {
    await store.query(`INSERT INTO paused_kinds (kind) VALUES ('test.paused')`);
    const [paused, other] = await store.submit({ kind: 'test.paused' }, {});
    expect((await take()).flatMap(jobsOf)).toEqual([other]);
    expect(await placeIds()).toEqual([paused]);
  });

  test('puts a job in front of the others that was lost with its worker, or waited there for a slot', async () => {
    const [lost, returned] = [await store.running(await store.worker(-1)), await store.queued()];
    await waiting(2);
    await store.query('UPDATE waiting_room SET virtual_time = virtual_time - 60');
    await store.query('DELETE FROM outbox');
    await store.workers.recoverOrphans();
    for (const { workerId } of (await store.workers.suspects(null)).suspects) await store.workers.recover(workerId);
    await store.query(`UPDATE jobs SET queued_at = queued_at - interval '1 second' WHERE id = $1`, [returned]);
    await store.attempts.putBack([returned], 10);
    expect(await take('default')).toEqual([]);
    expect((await placeIds()).slice(0, 2).sort()).toEqual([lost.id, returned].sort());
  });

  test('drops the row of a job that has ended, and leaves that of one that somebody has locked', async () => {
    const [ended, locked] = (await store.submit({}, {})) as [JobId, JobId];
    await store.jobs.cancel(ended);
    const session = await store.session();
    await session.query('BEGIN');
    await session.query('SELECT id FROM jobs WHERE id = $1 FOR UPDATE', [locked]);
    expect((await take('default')).filter(({ type }) => type === 'job')).toEqual([]);
    expect(await places()).toEqual([]);
    expect(await store.query(`SELECT job_ids[1] AS id FROM outbox WHERE type = 'job'`)).toEqual([{ id: locked }]);
    await session.query('ROLLBACK');
    await session.end();
    await take('default');
    expect(await placeIds()).toEqual([locked]);
  });
});

describe('claiming without a broker', () => {
  const claim = async (limit: number, queues: string[] | null = null) =>
    (await store.attempts.claimDue(await store.worker(), queues, limit, false)).map(({ id }) => id);

  test('takes due rows first, then jobs of the room by priority and age; queues take turns', async () => {
    const [slow] = [await waiting(3, { queue: 'slow' })];
    const fast = await waiting(2, { queue: 'fast' });
    const high = await waiting(1, { queue: 'slow', priority: 9 });
    const due = await store.submit({ priority: 0 });
    expect((await claim(5)).sort()).toEqual([...due, ...high, slow[0], fast[0], slow[1]].sort());
    expect((await claim(5)).sort()).toEqual([slow[2], fast[1]].sort());
    expect(await places()).toEqual([]);
  });

  test('leaves what has limits, what is parked, what is paused, and the queues of other workers', async () => {
    await store.queues.ensure(['default', 'paused', 'other']);
    await store.queues.setPaused('paused', true);
    await store.query(`INSERT INTO paused_kinds (kind) VALUES ('test.paused')`);
    await waiting(1, { limitKeys: ['limit'] });
    await waiting(1, { kind: 'test.paused' });
    await waiting(1, { queue: 'paused' });
    await waiting(1, { queue: 'other' });
    const [parked, free] = await waiting(2);
    await store.query(`UPDATE waiting_room SET parked_on = 'limit' WHERE job_id = $1`, [parked]);
    expect(await claim(10, ['default', 'paused'])).toEqual([free]);
  });

  test('sends jobs with limits to the room when they are due, for there is no relay', async () => {
    const [later, due] = (await store.submit(waits({ limitKeys: ['a'], delayMs: 60_000 }), waits({ limitKeys: ['b'], delayMs: 60_000 }))) as [JobId, JobId];
    await store.query(`UPDATE jobs SET run_at = now() WHERE id = $1`, [due]);
    await store.query(`UPDATE outbox SET available_at = now() WHERE job_ids[1] = $1`, [due]);
    await store.room.enterDue();
    expect(await placeIds()).toEqual([due]);
    expect(await store.row(due)).toMatchObject({ state: 'queued', run_at: null });
    expect(await store.row(later)).toMatchObject({ state: 'scheduled' });
    expect(await store.query('SELECT job_ids[1] AS id FROM outbox')).toEqual([{ id: later }]);
  });

  test('finds a job that has crashed a worker and waited in the room when there was a broker', async () => {
    const [suspect, other] = await waiting(2);
    await store.query('UPDATE waiting_room SET suspect = true WHERE job_id = $1', [suspect]);
    expect(await claim(10)).toEqual([other]);
    await store.room.suspectsOut();
    expect((await store.attempts.claimDue(await store.worker(), null, 10, true)).map(({ id }) => id)).toEqual([suspect]);
    expect(await places()).toEqual([]);
  });

  test('releases jobs with limits alone, and counts those that nobody has claimed', async () => {
    await waiting(2);
    expect(await store.room.release([{ queue: 'default', jobs: 2 }], 0, 'limited')).toEqual([]);
    await store.submit({}, {}, { queue: 'other' });
    expect([await store.room.released('default', 10), await store.room.released('default', 1)]).toEqual([2, 1]);
  });

  test('takes each job once, also where two processes claim at the same moment', async () => {
    const ids = await waiting(40);
    const claimed = await Promise.all(Array.from({ length: 4 }, () => claim(10)));
    expect(claimed.flat().sort()).toEqual(ids.toSorted());
  });
});

describe('a fair queue', () => {
  const tenant = (name: string) => ({ tags: ['other:x', `tenant:${name}`] });
  const fair = (weights: Record<string, number> = {}, by: 'kind' | 'tag:tenant' = 'tag:tenant') =>
    store.queues.setFair('default', { by, cost: 'count', weights });
  beforeEach(() => store.queues.ensure(['default']));

  test('starts the few jobs of one tenant within twice their share of a release, whatever another has waiting', async () => {
    await fair();
    const many = await waiting(200, tenant('a'));
    const few = await waiting(10, tenant('b'));
    const first = await released(20);
    expect(first.filter((id) => few.includes(id)).length).toBeGreaterThanOrEqual(9);
    expect(first.filter((id) => many.includes(id)).length).toBeGreaterThanOrEqual(9);
    expect((await released(2)).concat(first)).toEqual(expect.arrayContaining(few));
  });

  test('leaves in messages of a tenth of the jobs that others hold, so that whoever comes new starts behind few', async () => {
    await store.query(`INSERT INTO kinds (name, wake_up_size) VALUES ('test.quick', 50), ('test.slow', 9)`);
    await fair();
    for (const kind of ['test.quick', 'test.slow']) await waiting(10, { kind, ...tenant('a') });
    const messages = (await store.room.release([{ queue: 'default', jobs: 20 }], 30)) ?? [];
    const sizes = (kind: string) => messages.filter((message) => message.kind === kind).map(({ jobIds }) => jobIds.length);
    expect([sizes('test.quick'), sizes('test.slow')]).toEqual([[5, 5], Array.from({ length: 10 }, () => 1)]);
  });

  test('gives a key with a greater weight as many jobs more', async () => {
    await fair({ b: 3 });
    await waiting(40, tenant('a'));
    const heavy = await waiting(40, tenant('b'));
    // Three in four, but for where the first of each begin.
    expect(Math.abs((await released(20)).filter((id) => heavy.includes(id)).length - 15)).toBeLessThanOrEqual(1);
  });

  test('keeps the order of one key, and goes by priority first', async () => {
    await fair();
    const [first, second] = [await waiting(3, tenant('a')), await waiting(3, tenant('a'))];
    const high = await waiting(2, { ...tenant('a'), priority: 9 });
    expect(await placeIds()).toEqual([...high, ...first, ...second]);
  });

  test('shares between kinds where it says so, and where a job has no such tag', async () => {
    await fair({}, 'kind');
    await waiting(3, { kind: 'test.a', ...tenant('x') });
    await waiting(1, { kind: 'test.b', ...tenant('x') });
    expect(await store.query('SELECT DISTINCT flow_key FROM waiting_room ORDER BY flow_key')).toEqual([{ flow_key: 'test.a' }, { flow_key: 'test.b' }]);
    await store.query('DELETE FROM waiting_room');
    await fair();
    await waiting(1, { kind: 'test.untagged' });
    expect(await store.query('SELECT flow_key FROM waiting_room')).toEqual([{ flow_key: 'test.untagged' }]);
  });

  test('goes by the key that a job names itself, when it comes from the relay too', async () => {
    await fair();
    const [id] = await store.submit({ ...tenant('a'), flowKey: 'own' });
    await store.outbox.take(10, 30, none('default'));
    expect(await store.query('SELECT job_id, flow_key FROM waiting_room')).toEqual([{ job_id: id, flow_key: 'own' }]);
    const [other] = await waiting(1, { ...tenant('a'), flowKey: 'other' });
    expect(await store.query('SELECT flow_key FROM waiting_room WHERE job_id = $1', [other])).toEqual([{ flow_key: 'other' }]);
  });

  test('charges a kind whose jobs take long more, where it shares by time', async () => {
    await store.query(`INSERT INTO kinds (name, wake_up_size) VALUES ('test.quick', 50)`);
    await store.queues.setFair('default', { by: 'kind', cost: 'time', weights: {} });
    const slow = await waiting(10, { kind: 'test.slow' });
    const quick = await waiting(40, { kind: 'test.quick' });
    const first = await released(30);
    expect([first.filter((id) => slow.includes(id)).length, first.filter((id) => quick.includes(id)).length]).toEqual([1, 29]);
  });

  test('that becomes one is put into its order at once, and first in, first out when it is none any more', async () => {
    const many = await waiting(20, tenant('a'));
    const few = await waiting(2, tenant('b'));
    await fair();
    expect((await placeIds()).slice(0, 4)).toEqual(expect.arrayContaining([...few, ...many.slice(0, 2)]));
    await store.queues.setFair('default', null);
    expect(await placeIds()).toEqual([...many, ...few]);
    const [last] = await waiting(1, tenant('c'));
    expect((await placeIds()).at(-1)).toBe(last);
    expect(await store.query('SELECT flow_key FROM waiting_room WHERE flow_key IS NOT NULL')).toEqual([]);
    expect(await store.queues.setFair('unknown', null)).toBe(false);
  });
});
