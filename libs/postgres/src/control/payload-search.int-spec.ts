import { DEFAULT_SCHEMA, inSchema, type JobConditions, type JobFilter, readJobFilter } from '@app/core';
import type pg from 'pg';
import { lockKey } from '../locks.js';
import { Database } from '../pool/database.js';
import { BY_INDEX } from '../pool/session-settings.js';
import { TestStore } from '../testing/test-store.js';
import { walkJobs } from './job-walk.js';
import { PayloadIndexBusy, PayloadIndexes } from './payload-indexes.js';
import { FAR_STEPS, NEAR_STEPS, payloadIndexOf } from './payload-search.js';
import { PostgresJobs } from './postgres-jobs.js';

/** More than one page looks at, of one kind. */
const ROWS = 24_000;
/** What `json` keeps and `jsonb` cannot hold, what it reads otherwise, and what is not looked into. */
const ODD = [
  String.raw`{"odd":true,"text":"\u0000"}`,
  String.raw`{"odd":true,"text":"\ud800"}`,
  '{"odd":true,"n":1e200000}',
  '{"odd":true,"n":1e-20000}',
  `{"odd":true,"text":"${'x'.repeat(66_000)}"}`,
];
const READABLE = [
  '{"odd":true,"n":1e400,"id":12345678901234567890}',
  '{"odd":true,"n":1.0,"deep":{"list":[{"a":1},{"b":[2,3]}]}}',
  '[{"odd":true}]',
  '7',
  'null',
];

let store: TestStore;
let jobs: PostgresJobs;
let indexes: PayloadIndexes;
beforeAll(async () => {
  store = await TestStore.open();
  const db = new Database(store.dataSource);
  // A machine that has much to do must not make the pages shorter.
  jobs = new PostgresJobs(db, db, Infinity);
  indexes = new PayloadIndexes(store.url, DEFAULT_SCHEMA);
  await store.queues.ensure(['default']);
  await insert(`SELECT n, 'shop.order', CASE WHEN n % 2 = 0 THEN 'acme' ELSE 'default' END, json_build_object('customer', n % 8000, 'even', n % 2 = 0, 'none', json_build_object())
    FROM generate_series(1, ${ROWS}) n`);
  await insert(`SELECT ${ROWS} + n, 'odd.one', 'default', payload::json FROM unnest($1::text[]) WITH ORDINALITY AS p (payload, n)`, [[...ODD, ...READABLE]]);
  await store.query('ANALYZE');
});
afterAll(() => store.close());

/** `rows`: a number, which is the end of the id, kind, tenant and payload of each. */
async function insert(rows: string, values: unknown[] = []): Promise<void> {
  await store.query(
    `INSERT INTO jobs (id, kind, tenant, queue, state, priority, payload, max_attempts, queued_at)
     SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, kind, tenant, 'default', 'queued', 4, payload, 3, now() FROM (${rows}) AS r (n, kind, tenant, payload)`,
    values,
  );
}

/** As a caller's condition is read. */
function holding(payload: object | string, kind = 'shop.order', tenant?: string): JobConditions {
  const { conditions, faults } = readJobFilter({ kind, payload });
  expect(faults).toEqual([]);
  return { ...conditions, ...(tenant === undefined ? {} : { tenant }) };
}

async function all(filter: Omit<JobFilter, 'limit'>, most = Infinity): Promise<{ numbers: number[]; pages: number }> {
  const numbers: number[] = [];
  let pages = 0;
  for (let cursor: string | null | undefined; cursor !== null; pages++) {
    const page = await jobs.list({ ...filter, limit: 200, ...(cursor === undefined ? {} : { cursor }) });
    numbers.push(...page.items.map(({ id }) => Number.parseInt(id.slice(-12), 16)));
    cursor = page.nextCursor;
    if (numbers.length >= most) break;
  }
  return { numbers, pages };
}

const whose = (customer: number) => [2, 1, 0].map((n) => n * 8_000 + customer);

describe.each(['without an index', 'with the index of the kind'] as const)('a search by payload, %s,', (how) => {
  beforeAll(async () => {
    if (how === 'without an index') return;
    for (const kind of ['shop.order', 'odd.one']) expect(await indexes.create(kind)).toBe(true);
  });

  test('finds each job that holds the condition, whatever else its payload has', async () => {
    const { numbers, pages } = await all(holding({ customer: 17 }));
    expect(numbers).toEqual(whose(17));
    // Without an index the jobs of the kind are looked through, so many for a page.
    if (how === 'without an index') expect(pages).toBeGreaterThan(1);
    else expect(pages).toBe(1);
    expect((await all({ ...holding({ customer: 17 }), order: 'oldest' })).numbers).toEqual(whose(17).reverse());
    expect((await all(holding({ customer: 17, even: true }))).numbers).toEqual([]);
    expect((await all(holding({ customer: '17' }))).numbers).toEqual([]);
    expect((await all(holding({ customer: 17 }, 'odd.one'))).numbers).toEqual([]);
  });

  test('goes through all jobs of what is frequent, and of what an index has no values for', async () => {
    const numbers = Array.from({ length: 6_000 }, (_, index) => ROWS - index);
    expect((await all(holding({ even: true }), 3_000)).numbers).toEqual(numbers.filter((n) => n % 2 === 0));
    expect((await all(holding({ none: {} }), 1_000)).numbers).toEqual(numbers.slice(0, 1_000));
  });

  test('fits the other conditions too', async () => {
    expect((await all({ ...holding({ customer: 17 }), states: ['queued'] })).numbers).toEqual(whose(17));
    expect((await all({ ...holding({ customer: 17 }), states: ['failed'] })).numbers).toEqual([]);
    const [first] = (await jobs.list({ ...holding({ customer: 17 }), limit: 1 })).items;
    if (first) expect((await all({ ...holding({ customer: 17 }), ids: [first.id] })).numbers).toHaveLength(1);
    else expect(how).toBe('without an index');
  });

  test('of one tenant finds its jobs alone, and says nothing of how many others have', async () => {
    expect((await all(holding({ customer: 18 }, 'shop.order', 'acme'))).numbers).toEqual(whose(18));
    expect(await all(holding({ customer: 18 }, 'shop.order', 'default'))).toMatchObject({ numbers: [] });
    const ofOthers = holding({ even: true }, 'shop.order', 'default');
    expect((await all(ofOthers)).numbers).toEqual([]);
    if (how !== 'without an index') expect(await jobs.list({ ...ofOthers, limit: 50 })).toMatchObject({ nextCursor: null, searchedUntil: null });
  });

  test('is kept from no job by payloads that PostgreSQL cannot compare, or that are longer than is looked into', async () => {
    const first = ROWS + ODD.length + 1;
    expect((await all(holding({ odd: true }, 'odd.one'))).numbers).toEqual([first + 1, first]);
    expect((await all(holding('{"n":1e400}', 'odd.one'))).numbers).toEqual([first]);
    expect((await all(holding('{"n":1}', 'odd.one'))).numbers).toEqual([first + 1]);
    expect((await all(holding('{"id":12345678901234567890}', 'odd.one'))).numbers).toEqual([first]);
    expect((await all(holding('{"id":12345678901234567000}', 'odd.one'))).numbers).toEqual([]);
    expect((await all(holding({ deep: { list: [{ b: [3] }] } }, 'odd.one'))).numbers).toEqual([first + 1]);
    expect((await all(holding('{"n":1e10000}', 'odd.one'))).numbers).toEqual([]);
    expect((await all(holding(`{"n":0.${'1'.repeat(3_900)}e-10000}`, 'odd.one'))).numbers).toEqual([]);
  });

  test('counts exactly what the index leads to, and else what one look has found', async () => {
    const count = await jobs.count(holding({ customer: 17 }));
    if (how === 'without an index') expect(count.exact).toBe(false);
    else expect(count).toEqual({ jobs: 3, exact: true });
  });
});

describe('with an index of payloads', () => {
  test('a submission of whatever payload succeeds (E10)', async () => {
    await insert(`SELECT ${ROWS} + 1000 + n, 'odd.one', 'default', payload::json FROM unnest($1::text[]) WITH ORDINALITY AS p (payload, n)`, [ODD]);
    await store.query(`DELETE FROM jobs WHERE id >= ('01900000-0000-7000-8000-' || lpad(to_hex(${ROWS} + 1000), 12, '0'))::uuid`);
  });

  test('a search reads the jobs alone that the index leads to, and without one a bounded number in small steps', async () => {
    const session = await store.session(BY_INDEX);
    const plans: Plan[] = [];
    const explained = new Explained(store, session, plans);
    expect((await walkJobs(explained.db, holding({ customer: 17 }), 51, { lookMs: Infinity })).ids).toHaveLength(3);
    expect(plans.flatMap(indexesOf)).toContain(payloadIndexOf('shop.order'));
    expect(plans.map(readOf)).toEqual([...NEAR_STEPS, 3, 3]);
    expect(plans.flatMap(scans)).toEqual([]);

    plans.length = 0;
    await walkJobs(explained.db, holding({ none: { a: {} } }), 51, { lookMs: Infinity });
    // A plan may sort more rows than that, but compares no others with the condition.
    expect(plans.map(boundOf)).toEqual([...NEAR_STEPS, ...FAR_STEPS]);
    expect([...NEAR_STEPS, ...FAR_STEPS].reduce((sum, step) => sum + step)).toBeLessThanOrEqual(20_000);
    expect(plans.flatMap(scans)).toEqual([]);

    plans.length = 0;
    // What is frequent needs no index, and of what is neither no more than that is fetched.
    expect((await walkJobs(explained.db, holding({ even: false }), 51, { lookMs: Infinity })).ids).toHaveLength(51);
    expect(plans).toHaveLength(NEAR_STEPS.length);
    plans.length = 0;
    expect((await walkJobs(explained.db, holding({ even: false }), 3_000, { lookMs: Infinity })).ids).toHaveLength(3_000);
    expect(plans.filter((plan) => indexesOf(plan).includes(payloadIndexOf('shop.order'))).map(readOf)).toEqual([100, 1_000, 4_001]);
  });

  test('a change that no index is of leaves its row without new entries, as before', async () => {
    const [id] = (await jobs.list({ ...holding({ customer: 21 }), limit: 1 })).items.map((job) => job.id);
    const session = await store.session();
    await session.query('BEGIN');
    await session.query(`UPDATE longhaul.jobs SET attempt = attempt + 1 WHERE id = $1`, [id]);
    const { rows } = await session.query<{ n: string }>(`SELECT pg_stat_get_xact_tuples_hot_updated('longhaul.jobs'::regclass) AS n`);
    await session.query('COMMIT');
    expect(rows).toEqual([{ n: '1' }]);
  });
});

describe('the indexes of payloads', () => {
  test('are listed with their kind, made and dropped once, and made again where that has failed', async () => {
    const states = async () => (await indexes.list()).map(({ kind, state }) => [kind, state]);
    expect(await states()).toEqual([
      ['odd.one', 'ready'],
      ['shop.order', 'ready'],
    ]);
    expect(await indexes.create('odd.one')).toBe(false);
    // As PostgreSQL leaves it when the statement ends early.
    await store.query(`UPDATE pg_index SET indisvalid = false WHERE indexrelid = '${payloadIndexOf('odd.one')}'::regclass`);
    expect(await states()).toEqual([
      ['odd.one', 'unfinished'],
      ['shop.order', 'ready'],
    ]);
    expect((await all(holding({ odd: true }, 'odd.one'))).numbers).toHaveLength(2);
    expect(await indexes.create('odd.one')).toBe(true);
    expect(await indexes.drop('odd.one')).toBe(true);
    expect(await indexes.drop('odd.one')).toBe(false);
    expect(await states()).toEqual([['shop.order', 'ready']]);
  });

  test('are made by one process at a time', async () => {
    const session = await store.session();
    await session.query('SELECT pg_advisory_lock($1, 0)', [lockKey('payload-index', DEFAULT_SCHEMA)]);
    await expect(indexes.create('odd.one')).rejects.toThrow(PayloadIndexBusy);
    await session.query('SELECT pg_advisory_unlock_all()');
    const [made, busy] = await Promise.allSettled([indexes.create('a.b'), indexes.create('a.b')]);
    expect([made, busy].filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    for (const one of [made, busy]) if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(PayloadIndexBusy);
    expect((await indexes.list()).map(({ kind }) => kind)).toEqual(['a.b', 'shop.order']);
  });

  test('are made while a transaction of others is open, which goes on submitting', async () => {
    const session = await store.session();
    await session.query('BEGIN; SELECT count(*) FROM jobs');
    const made = indexes.create('odd.one');
    await store.query(`UPDATE jobs SET priority = 5 WHERE kind = 'odd.one'`);
    await session.query('COMMIT');
    expect(await made).toBe(true);
    expect((await all(holding({ odd: true }, 'odd.one'))).numbers).toHaveLength(2);
  });
});

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: Plan[];
}

/** Explains what reads jobs, and runs it. */
class Explained {
  readonly db: Database;

  constructor(store: TestStore, session: pg.Client, plans: Plan[]) {
    this.db = {
      schema: DEFAULT_SCHEMA,
      data: store.db.data,
      run: store.db.run.bind(store.db),
      runOnce: async (text: string, values: unknown[]) => {
        text = inSchema(DEFAULT_SCHEMA, text);
        const { rows } = await session.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values);
        plans.push((rows[0] as { 'QUERY PLAN': [{ Plan: Plan }] })['QUERY PLAN'][0].Plan);
        return (await session.query<pg.QueryResultRow>(text, values)).rows;
      },
    } as unknown as Database;
  }
}

const indexesOf = (plan: Plan): string[] => [...(plan['Index Name'] === undefined ? [] : [plan['Index Name']]), ...(plan.Plans ?? []).flatMap(indexesOf)];
const scans = (plan: Plan): string[] => [...(plan['Node Type'] === 'Seq Scan' ? [plan['Relation Name'] ?? ''] : []), ...(plan.Plans ?? []).flatMap(scans)];

/** Rows that the bound of a step has let through. */
const boundOf = (plan: Plan): number => Math.max(plan['Node Type'] === 'Limit' ? plan['Actual Rows'] : 0, ...(plan.Plans ?? []).map(boundOf));

/** Rows that one node of the plan has read from jobs. */
function readOf(plan: Plan): number {
  const own = plan['Relation Name'] === 'jobs' ? (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops'] : 0;
  return Math.max(own, ...(plan.Plans ?? []).map(readOf));
}
