import { COUNTED_EXACTLY, DEFAULT_SCHEMA, inSchema, JOB_STATES, type JobConditions, type JobFilter, type JobId } from '@app/core';
import type { QueryResultRow } from 'pg';
import { Database } from '../pool/database.js';
import { conditionsOf, walkJobs } from './job-walk.js';
import { PostgresJobs } from './postgres-jobs.js';
import { TestStore } from '../testing/test-store.js';
import { WALK_STEPS } from './walk.js';

/** More than one page looks at. */
const ROWS = 24_000;

let store: TestStore;
let jobs: PostgresJobs;
beforeAll(async () => {
  store = await TestStore.open();
  // A machine that has much to do must not make the pages shorter.
  const db = new Database(store.dataSource);
  jobs = new PostgresJobs(db, db, Infinity);
  await store.queues.ensure(['default', 'mail']);
  // The kind `old` and the tag `old` are of the first jobs alone; failures are of the last ones. A job is made each second.
  await store.query(
    `INSERT INTO jobs (id, kind, queue, state, priority, payload, max_attempts, lease_token, worker_id, run_at, queued_at, created_at, finished_at, tags, errors)
     SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, CASE WHEN n < 12000 THEN 'old' WHEN n % 4000 = 1 THEN 'rare' ELSE 'usual' END,
            CASE WHEN n % 700 = 3 THEN 'mail' ELSE 'default' END, state, 4, '{}', 3, gen_random_uuid(), 1, CASE WHEN state = 'scheduled' THEN now() END, now(), at,
            CASE WHEN state IN ('succeeded', 'failed', 'cancelled') THEN at + interval '1 minute' END,
            CASE WHEN n < 11000 THEN ARRAY['old'] WHEN n % 2 = 0 THEN ARRAY['common'] WHEN n % 5000 = 7 THEN ARRAY['rare', 'schedule:nightly'] ELSE '{}' END,
            CASE WHEN state = 'failed' THEN jsonb_build_array(jsonb_build_object('code', 'handler_error', 'name', 'TypeError', 'message', CASE WHEN n % 900 = 5 THEN 'Connect ECONNREFUSED' ELSE 'no' END)) ELSE '[]' END
     FROM (SELECT n, timestamptz '2026-01-01T00:00:00Z' + n * interval '1 second' AS at,
                  CASE WHEN n > 23000 AND n % 2 = 0 THEN 'queued' WHEN n % 500 = 1 THEN 'scheduled' WHEN n % 600 = 5 THEN 'running' WHEN n > 20000 THEN 'failed'
                          WHEN n % 100 = 9 THEN 'cancelled' ELSE 'succeeded' END AS state FROM generate_series(1, ${ROWS}) n) s`,
  );
  await store.query(
    `INSERT INTO idempotency_keys SELECT 'amqp:shop', 'order-17', '', id, now() + interval '1 day' FROM jobs WHERE kind = 'rare' ORDER BY id DESC LIMIT 1`,
  );
  await store.query(`INSERT INTO claims SELECT worker_id, array_agg(id) FROM jobs WHERE state = 'running' GROUP BY worker_id`);
  await store.query('ANALYZE');
});
afterAll(() => store.close());

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const ID = idOf(20_011);
const VALUES: Partial<{ [Name in keyof JobConditions]: JobConditions[Name][] }> = {
  states: [...JOB_STATES.map((state) => [state]), ['failed', 'cancelled'], ['scheduled', 'queued', 'running', 'failed']],
  kinds: [['old'], ['usual'], ['none'], ['old', 'rare']],
  queue: ['mail', 'none'],
  tags: [['old'], ['common'], ['rare', 'schedule:nightly']],
  createdFrom: [at(11_500)],
  createdTo: [at(12_500)],
  finishedFrom: [at(22_000)],
  finishedTo: [at(3_000)],
  error: ['econnrefused'],
  idempotencyKey: ['order-17'],
  ids: [[ID], [ID, idOf(7)]],
};

/** The id of the nth job. */
function idOf(n: number): JobId {
  const digits = at(n).getTime().toString(16).padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}-7000-8000-${n.toString(16).padStart(12, '0')}` as JobId;
}

/** No filter, each value of one filter, and a third of the pairs of values of two filters. */
function pairs(): JobConditions[] {
  const filters: JobConditions[] = [{}];
  let met = 0;
  const entries = Object.entries(VALUES) as [keyof JobConditions, unknown[]][];
  for (const [index, [one, values]] of entries.entries()) {
    for (const value of values) {
      filters.push({ [one]: value });
      for (const [other, seconds] of entries.slice(index + 1))
        for (const second of seconds) if (met++ % 3 === 0) filters.push({ [one]: value, [other]: second });
    }
  }
  return filters;
}

const FILTERS = pairs();

/** What the filter says, by looking at all jobs. */
async function expected(filter: JobConditions): Promise<string[]> {
  const values: unknown[] = [];
  const searched = filter.error !== undefined && filter.states === undefined ? { ...filter, states: ['failed' as const] } : filter;
  const where = conditionsOf(searched, values).join(' AND ') || 'true';
  return (await store.query<{ id: string }>(`SELECT id FROM jobs WHERE ${where} ORDER BY id DESC`, values)).map(({ id }) => id);
}

async function all(filter: Omit<JobFilter, 'limit'>, most = 500): Promise<{ ids: string[]; pages: number; last: string | null }> {
  const ids: string[] = [];
  let pages = 0;
  let last: string | null = null;
  for (let cursor: string | null | undefined; cursor !== null; pages++) {
    const page = await jobs.list({ ...filter, limit: 200, ...(cursor === undefined ? {} : { cursor }) });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
    last = page.previousCursor;
    if (ids.length > most) break;
  }
  return { ids, pages, last };
}

describe('a list of jobs', () => {
  test('has, page by page, what fits every pair of filters, newest first, each once (E10)', async () => {
    for (const filter of FILTERS) {
      const { ids } = await all(filter);
      expect({ filter, ids }).toEqual({ filter, ids: (await expected(filter)).slice(0, ids.length > 500 ? ids.length : undefined) });
    }
  });

  test('has the same the other way round, oldest first', async () => {
    for (const filter of FILTERS.filter((_, index) => index % 4 === 0)) {
      const { ids } = await all({ ...filter, order: 'oldest' });
      expect({ filter, ids }).toEqual({ filter, ids: (await expected(filter)).reverse().slice(0, ids.length > 500 ? ids.length : undefined) });
    }
  });

  test.each(['newest', 'oldest'] as const)('leads back from any page to the first one, %s first', async (order) => {
    for (const filter of [
      { createdFrom: at(23_300) },
      { kinds: ['rare'] },
      { states: ['cancelled', 'running'] },
      { queue: 'mail' },
      { createdTo: at(600), tags: ['old'] },
    ] as JobConditions[]) {
      const ids: string[] = [];
      const { ids: forth, last } = await all({ ...filter, order }, Infinity);
      for (let cursor = last; cursor !== null;) {
        const page = await jobs.list({ ...filter, order, cursor, limit: 150 });
        ids.unshift(...page.items.map(({ id }) => id));
        // What comes behind a page is where it came from.
        const next = await jobs.list({ ...filter, order, limit: 200, cursor: page.nextCursor ?? '' });
        if (page.items.length > 0 && next.items.length > 0) expect(next.items[0]?.id).toBe(forth[forth.indexOf(page.items.at(-1)?.id ?? '') + 1]);
        cursor = page.previousCursor;
      }
      expect({ filter, ids }).toEqual({ filter, ids: forth.slice(0, ids.length) });
      expect(forth.length - ids.length).toBeLessThanOrEqual(200);
    }
  });

  test('says of a page that its look has ended early, and how far it has come', async () => {
    // Of the queue alone there is no index for what has ended: all jobs are looked through.
    const page = await jobs.list({ queue: 'none', limit: 50 });
    expect(page).toMatchObject({ items: [], previousCursor: null });
    expect(page.nextCursor).not.toBeNull();
    const until = page.searchedUntil?.getTime() ?? 0;
    expect(until).toBeGreaterThanOrEqual(at(0).getTime());
    expect(until).toBeLessThan(at(ROWS - 250).getTime());
    expect(await jobs.list({ kinds: ['rare'], limit: 50 })).toMatchObject({ nextCursor: null, searchedUntil: null });
    expect(await jobs.list({ limit: 50 })).toMatchObject({ searchedUntil: null });
  });

  test('counts exactly what one index leads to, up to 10,000, and else says that there are more', async () => {
    for (const filter of [{ kinds: ['rare'] }, { states: ['failed', 'running'] }, { tags: ['rare'] }, { createdTo: at(500) }, { ids: [ID] }] as JobConditions[])
      expect([filter, await jobs.count(filter)]).toEqual([filter, { jobs: (await expected(filter)).length, exact: true }]);
    expect(await jobs.count({ kinds: ['usual'] })).toEqual({ jobs: COUNTED_EXACTLY, exact: false });
    const { jobs: counted, exact } = await jobs.count({ queue: 'mail' });
    expect(exact).toBe(false);
    expect(counted).toBeLessThanOrEqual((await expected({ queue: 'mail' })).length);
  });

  test('has the first of what is rare at once, as far as an index leads there (E10)', async () => {
    for (const filter of [
      { kinds: ['rare'] },
      { tags: ['rare'] },
      { states: ['running'], kinds: ['old'] },
      { queue: 'mail', states: ['queued'] },
      { kinds: ['rare'], states: ['succeeded'] },
      { error: 'econnrefused' },
      { idempotencyKey: 'order-17', states: ['succeeded', 'failed'] },
      { createdFrom: at(9_000), createdTo: at(9_100) },
    ] as JobConditions[])
      expect([filter, (await all(filter)).pages]).toEqual([filter, 1]);
  });

  test('looks at a bounded number of rows for a page, each by a condition on an index, whatever the filter (E10)', async () => {
    const session = await store.session();
    let most = 0;
    const unbounded: string[] = [];
    const explained = {
      runOnce: async <Row extends QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> => {
        text = inSchema(DEFAULT_SCHEMA, text);
        if (text.includes('EXPLAIN')) return (await session.query<Row>(text, values)).rows;
        const { rows } = await session.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values);
        const plan = (rows[0] as { 'QUERY PLAN': [{ Plan: Plan }] })['QUERY PLAN'][0].Plan;
        most = Math.max(most, readOf(plan));
        unbounded.push(...withoutCondition(plan));
        return (await session.query<Row>(text, values)).rows;
      },
    };
    await session.query('SET enable_seqscan = off; SET jit = off');
    for (const filter of FILTERS.filter((_, index) => index % 2 === 0)) await walkJobs(explained as Database, filter, 51, { lookMs: Infinity });
    expect(unbounded).toEqual([]);
    expect(most).toBeGreaterThan(1_000);
    expect(most).toBeLessThanOrEqual(Number(WALK_STEPS.at(-1)));
  });
});

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Cond'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: Plan[];
}

/** Rows that one node of the plan has read from jobs. */
function readOf(plan: Plan): number {
  const own = plan['Relation Name'] === 'jobs' ? (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops'] : 0;
  return Math.max(own, ...(plan.Plans ?? []).map(readOf));
}

/** Looks at jobs that no condition on an index bounds. */
function withoutCondition(plan: Plan): string[] {
  const { 'Node Type': node, 'Relation Name': relation, 'Index Cond': condition } = plan;
  // Of a bitmap the condition is with the index, below.
  const isBounded = node === 'Bitmap Heap Scan' || condition !== undefined;
  const own = relation === 'jobs' && !isBounded ? [node] : node === 'Bitmap Index Scan' && condition === undefined ? [node] : [];
  return [...own, ...(plan.Plans ?? []).flatMap(withoutCondition)];
}
