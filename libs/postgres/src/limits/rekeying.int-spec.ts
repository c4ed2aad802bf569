import { type JobId, LimitsAt, type RekeyPlace } from '@app/core';
import { waitFor } from '../../../../test/support/index.js';
import { TestStore } from '../testing/test-store.js';
import { PostgresRekeying } from './postgres-rekeying.js';

let store: TestStore;
let rekeying: PostgresRekeying;

beforeAll(async () => {
  store = await TestStore.open();
  rekeying = new PostgresRekeying(store.db);
});
afterEach(() => store.clear());
afterAll(() => store.close());

const NONE = new LimitsAt(1, []);
const OF_TENANTS = new LimitsAt(2, [{ name: 'tenant', match: { tag: 'tenant:*' }, per: 'tag:tenant' }]);

const keysOf = async (id: JobId) => (await store.query<{ limit_keys: string[] | null }>('SELECT limit_keys FROM jobs WHERE id = $1', [id]))[0]?.limit_keys;

async function all(limits: LimitsAt, size = 1_000): Promise<{ looked: number; changed: number; pages: number }> {
  const sum = { looked: 0, changed: 0, pages: 0 };
  let after: RekeyPlace | null = null;
  do {
    const { last, looked, changed } = await rekeying.page(limits, after, size);
    sum.looked += looked;
    sum.changed += changed;
    sum.pages++;
    after = last;
  } while (after !== null);
  return sum;
}

async function place(id: JobId, more: { keys?: string[]; parkedOn?: string } = {}): Promise<void> {
  await store.query(
    `INSERT INTO waiting_room (job_id, queue, kind, priority, virtual_time, limit_keys, parked_on) VALUES ($1, 'default', 'test.job', 4, 0, $2, $3)`,
    [id, more.keys ?? null, more.parkedOn ?? null],
  );
}

describe('keying jobs anew', () => {
  test('gives queued, scheduled and running jobs the keys that they have now, and those that have ended none', async () => {
    const tags = ['tenant:acme', 'x "quoted" \\'];
    const [queued, scheduled, other] = await store.submit({ tags }, { tags, delayMs: 60_000, queue: 'later' }, { tags: ['nightly'] });
    const running = await store.running(await store.worker(), { tags });
    const cancelled = await store.queued({ tags });
    await store.jobs.cancel(cancelled);
    expect(await all(OF_TENANTS)).toMatchObject({ looked: 4, changed: 3 });
    expect(await Promise.all([queued, scheduled, running.id, other, cancelled].map((id) => keysOf(id as JobId)))).toEqual([
      ['tenant/tenant:acme'],
      ['tenant/tenant:acme'],
      ['tenant/tenant:acme'],
      null,
      null,
    ]);
    expect(await all(OF_TENANTS)).toMatchObject({ changed: 0 });
    expect(await all(NONE)).toMatchObject({ changed: 3 });
    expect(await keysOf(queued as JobId)).toBeNull();
  });

  test('keys with quotes and backslashes are kept as they are', async () => {
    const id = await store.queued({ tags: ['tenant:"a\\b",{c}'] });
    await all(OF_TENANTS);
    expect(await keysOf(id)).toEqual(['tenant/tenant:"a\\b",{c}']);
  });

  test.each([1, 2, 3, 7, 100])('in pages of %d each job is looked at once, over all queues', async (size) => {
    await store.submit(...Array.from({ length: 7 }, (_, n) => ({ queue: n % 2 ? 'a' : 'b', tags: ['tenant:acme'], ...(n % 3 ? {} : { delayMs: 60_000 }) })));
    expect(await all(OF_TENANTS, size)).toMatchObject({ looked: 7, changed: 7 });
  });

  test('a place in the waiting room gets the keys of its job, and is parked no more', async () => {
    const [one, deleted, same] = (await store.submit({ tags: ['tenant:acme'] }, {}, { tags: ['tenant:tiny'] })) as [JobId, JobId, JobId];
    await place(one);
    await place(deleted, { keys: ['gone'], parkedOn: 'gone' });
    await place(same, { keys: ['tenant/tenant:tiny'], parkedOn: 'tenant/tenant:tiny' });
    await store.query(`UPDATE jobs SET limit_keys = ARRAY['tenant/tenant:tiny'] WHERE id = $1`, [same]);
    await store.query(`UPDATE jobs SET limit_keys = ARRAY['gone'] WHERE id = $1`, [deleted]);
    await all(OF_TENANTS);
    expect(await store.query('SELECT job_id, limit_keys, parked_on FROM waiting_room ORDER BY job_id')).toEqual([
      { job_id: one, limit_keys: ['tenant/tenant:acme'], parked_on: null },
      { job_id: deleted, limit_keys: null, parked_on: null },
      { job_id: same, limit_keys: ['tenant/tenant:tiny'], parked_on: 'tenant/tenant:tiny' },
    ]);
  });

  test('a place that came between the job and its page agrees after the page is done once more', async () => {
    const id = await store.queued({ tags: ['tenant:acme'] });
    await all(OF_TENANTS);
    await place(id);
    await all(OF_TENANTS);
    expect(await store.query('SELECT limit_keys FROM waiting_room')).toEqual([{ limit_keys: ['tenant/tenant:acme'] }]);
  });

  test('a job keeps the slots of the keys that it still has, and gives back the others', async () => {
    const id = await store.queued({ tags: ['tenant:acme'] });
    await store.query(`UPDATE jobs SET limit_keys = ARRAY['old', 'tenant/tenant:acme'] WHERE id = $1`, [id]);
    await store.query(`INSERT INTO flow_slots (limit_key, job_id) VALUES ('old', $1), ('tenant/tenant:acme', $1)`, [id]);
    await all(OF_TENANTS);
    expect(await store.query('SELECT limit_key FROM flow_slots')).toEqual([{ limit_key: 'tenant/tenant:acme' }]);
  });

  test('a job that somebody else has locked is waited for, and holds up no other', async () => {
    const [locked, free] = (await store.submit({ tags: ['tenant:a'] }, { tags: ['tenant:b'] })) as [JobId, JobId];
    const other = await store.session();
    await other.query('BEGIN');
    await other.query('SELECT FROM jobs WHERE id = $1 FOR UPDATE', [locked]);
    const done = all(OF_TENANTS);
    for (let keys = await keysOf(free); keys === null; keys = await keysOf(free)) await new Promise(setImmediate);
    expect(await keysOf(locked)).toBeNull();
    await other.query('COMMIT');
    await done;
    expect(await keysOf(locked)).toEqual(['tenant/tenant:a']);
  });

  test('rows of the outbox of scheduled jobs with limits take their turn when they are due; no other row does', async () => {
    const [limited, plain, queued] = (await store.submit({ tags: ['tenant:a'], delayMs: 60_000 }, { delayMs: 60_000 }, { tags: ['tenant:a'] })) as [
      JobId,
      JobId,
      JobId,
    ];
    await all(OF_TENANTS);
    for (let row = await rekeying.turnPage(null, 1); row !== null; row = await rekeying.turnPage(row, 1));
    expect(await Promise.all([limited, plain, queued].map(async (id) => (await store.outboxOf(id))[0]?.type))).toEqual(['turn', 'job', 'job']);
  });

  test('tells which transactions have begun and which are over', async () => {
    const other = await store.session();
    await other.query('BEGIN');
    await other.query(`UPDATE flow_revision SET number = number`);
    const next = await rekeying.nextTransaction();
    expect(await rekeying.oldestTransaction()).toBeLessThan(next);
    await other.query('ROLLBACK');
    // Transactions of other databases count too.
    await waitFor('every transaction below it to be over', async () => (await rekeying.oldestTransaction()) >= next);
  });
});
