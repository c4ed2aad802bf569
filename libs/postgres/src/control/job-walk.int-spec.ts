import { DEFAULT_SCHEMA, inSchema, JOB_STATES, type JobFilter, type JobId } from '@app/core';
import type { QueryResultRow } from 'pg';
import { Database } from '../pool/database.js';
import { conditionsOf, walkJobs, type WalkedFilter } from './job-walk.js';
import { PostgresJobs } from './postgres-jobs.js';
import { TestStore } from '../testing/test-store.js';
import { WALK_STEPS } from './walk.js';

/** More than one page looks at. */
const ROWS = 24_000;

let store: TestStore;
let jobs: PostgresJobs;
beforeAll(async () => {
  store = await TestStore.open();
  jobs = new PostgresJobs(new Database(store.dataSource));
  await store.queues.ensure(['default', 'mail']);
  // The kind `old` and the tag `old` are of the first jobs alone; failures are of the last ones.
  await store.query(
    `INSERT INTO jobs (id, kind, queue, state, priority, payload, max_attempts, lease_token, worker_id, run_at, queued_at, finished_at, tags)
     SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, CASE WHEN n < 12000 THEN 'old' WHEN n % 4000 = 1 THEN 'rare' ELSE 'usual' END,
            CASE WHEN n % 700 = 3 THEN 'mail' ELSE 'default' END, state, 4, '{}', 3, gen_random_uuid(), 1, CASE WHEN state = 'scheduled' THEN now() END, now(),
            CASE WHEN state IN ('succeeded', 'failed', 'cancelled') THEN now() END,
            CASE WHEN n < 11000 THEN ARRAY['old'] WHEN n % 2 = 0 THEN ARRAY['common'] WHEN n % 5000 = 7 THEN ARRAY['rare'] ELSE '{}' END
     FROM (SELECT n, CASE WHEN n > 23000 AND n % 2 = 0 THEN 'queued' WHEN n % 500 = 1 THEN 'scheduled' WHEN n % 600 = 5 THEN 'running' WHEN n > 20000 THEN 'failed'
                          WHEN n % 100 = 9 THEN 'cancelled' ELSE 'succeeded' END AS state FROM generate_series(1, ${ROWS}) n) s`,
  );
  await store.query(`INSERT INTO claims SELECT worker_id, array_agg(id) FROM jobs WHERE state = 'running' GROUP BY worker_id`);
  await store.query('ANALYZE');
});
afterAll(() => store.close());

const VALUES = { state: JOB_STATES, kind: ['old', 'usual', 'rare', 'none'], queue: ['default', 'mail', 'none'], tag: ['old', 'common', 'rare', 'none'] };

/** No filter, and every pair of values of two filters. */
function pairs(): WalkedFilter[] {
  const filters: WalkedFilter[] = [{}];
  const names = Object.keys(VALUES) as (keyof typeof VALUES)[];
  for (const [index, one] of names.entries()) {
    for (const value of VALUES[one]) {
      filters.push({ [one]: value });
      for (const other of names.slice(index + 1)) for (const second of VALUES[other]) filters.push({ [one]: value, [other]: second });
    }
  }
  return filters;
}

const FILTERS = pairs();

async function all(filter: Omit<JobFilter, 'limit'>): Promise<{ ids: string[]; pages: number }> {
  const ids: string[] = [];
  let pages = 0;
  for (let cursor: JobId | null | undefined; cursor !== null; pages++) {
    const page = await jobs.list({ ...filter, limit: 200, ...(cursor === undefined ? {} : { cursor }) });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
    if (ids.length > 1_000) break;
  }
  return { ids, pages };
}

describe('a list of jobs', () => {
  test('has, page by page, what fits every pair of filters, newest first, each once (E10)', async () => {
    for (const filter of FILTERS) {
      const values: unknown[] = [];
      const where = conditionsOf(filter, values).join(' AND ') || 'true';
      const expected = await store.query<{ id: string }>(`SELECT id FROM jobs WHERE ${where} ORDER BY id DESC`, values);
      const { ids } = await all(filter);
      expect({ filter, ids }).toEqual({ filter, ids: expected.slice(0, ids.length > 1_000 ? ids.length : undefined).map(({ id }) => id) });
    }
  });

  test('has the first of what is rare at once, as far as an index leads there (E10)', async () => {
    for (const filter of [
      { kind: 'rare' },
      { tag: 'rare' },
      { state: 'running', kind: 'old' },
      { queue: 'mail', state: 'queued' },
      { kind: 'rare', state: 'succeeded' },
    ] as const)
      expect([filter, (await all(filter)).pages]).toEqual([filter, 1]);
  });

  test('looks at a bounded number of rows for a page, whatever the filter (E10)', async () => {
    const session = await store.session();
    let most = 0;
    const explained = {
      runOnce: async <Row extends QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> => {
        text = inSchema(DEFAULT_SCHEMA, text);
        if (text.includes('EXPLAIN')) return (await session.query<Row>(text, values)).rows;
        const { rows } = await session.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values);
        most = Math.max(most, readOf((rows[0] as { 'QUERY PLAN': [{ Plan: Plan }] })['QUERY PLAN'][0].Plan));
        return (await session.query<Row>(text, values)).rows;
      },
    };
    await session.query('SET enable_seqscan = off');
    for (const filter of FILTERS) await walkJobs(explained as Database, filter, 51);
    expect(most).toBeGreaterThan(1_000);
    expect(most).toBeLessThanOrEqual(Number(WALK_STEPS.at(-1)));
  });
});

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
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
