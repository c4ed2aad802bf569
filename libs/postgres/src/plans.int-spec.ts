import { type JobId, uuidv7 } from '@app/core';
import pg from 'pg';
import { BY_INDEX } from './pool/session-settings.js';
import type { Statement } from './pool/database.js';
import { jobColumns } from './run/job-row.js';
import { CLAIM_DUE, CLAIM_DUE_IN_SLOTS, CLAIM_FACTS, CLAIM_JOBS, CLAIM_OLDEST, CLAIM_SUSPECT, TAKE_OVER } from './run/claim-jobs.js';
import { EXPIRE_JOBS, LATE_JOBS } from './run/expire-jobs.js';
import { HOLD_BACK } from './run/hold-back.js';
import { NEXT_DUE, REMOVE_OUTBOX, TAKE_OUTBOX } from './relay/outbox.js';
import { READ_EVENTS, RECENTLY_CHANGED } from './watch/read-events.js';
import { CHANGE_WAITING, ENTER_WAITING, LOCK_WAITING, PLACES_TAKEN } from './control/change-waiting.js';
import { AWAIT_TURN, CLAIM_LIMITED } from './flow/claim-limited.js';
import { KEY_STATES, LIMITED_CANDIDATES, RELEASE_LIMITED } from './flow/release-limited.js';
import { WAKE_PARKED } from './flow/wake-parked.js';
import { CANCEL_JOB, CANCEL_JOBS, FIND_BY_ID, FIND_BY_IDS, FIND_ENDED, FIND_VIEW, REDRIVE_JOB, REDRIVE_JOBS, RUN_SECONDS } from './control/read-jobs.js';
import { SETTLE_JOBS, SETTLED_BEFORE } from './run/settle-jobs.js';
import { REKEY_JOBS, REKEY_PLACES, TURN_PAGE, UNFINISHED_PAGE } from './limits/rekey-statements.js';
import { PRUNE_JOBS, PRUNE_JOBS_OF_TENANT } from './retain/prune.js';
import { LOOK_AT_ROOM, RELEASE_UNLIMITED } from './room/release.js';
import { FIND_BY_KEYS, SUBMIT_JOBS, SUBMIT_TO_ROOM, SUBMIT_UNIQUE } from './submit/submit-jobs.js';
import { ASSIGN_QUEUES, DRAIN_WORKER, FIND_WORKER, LIST_WORKERS } from './lease/list-workers.js';
import { CHECK_HELD, COMPACT_CLAIMS, RECOVER_ORPHANS, RECOVER_STRAY, RECOVER_WORKER, RENEW_LEASE, STRAYS, WRITE_EVENTS } from './lease/workers.js';
import { LAST_JOBS, RECORD_TICKS, TRIGGERED } from './schedules/schedule-statements.js';
import { newToken, TestStore } from './testing/test-store.js';

const ROWS = 20_000;
/** Rows of these grow with the work; tables of queues and workers stay small, and are read whole. */
const LARGE = ['jobs', 'outbox', 'idempotency_keys', 'dead_letters', 'job_steps', 'job_events', 'waiting_room', 'flow_slots'];

let store: TestStore;
let session: pg.Client;
beforeAll(async () => {
  store = await TestStore.open();
  session = await store.session();
  await store.query(
    `INSERT INTO jobs (id, kind, queue, state, priority, payload, max_attempts, lease_token, worker_id, run_at, queued_at, finished_at)
     SELECT gen_random_uuid(), 'kind.' || n % 20, 'queue' || n % 5, state, n % 10, '{}', 3, gen_random_uuid(), n % 50, CASE WHEN state = 'scheduled' THEN now() END, now(),
            CASE WHEN state IN ('succeeded', 'failed') THEN now() END
     FROM (SELECT n, CASE WHEN n % 100 < 90 THEN 'succeeded' WHEN n % 100 < 95 THEN 'queued' WHEN n % 100 < 97 THEN 'running' WHEN n % 100 < 99 THEN 'scheduled' ELSE 'failed' END AS state
           FROM generate_series(1, ${ROWS}) n) s`,
  );
  await store.query(
    `INSERT INTO outbox (id, type, job_ids, queue, priority, available_at) SELECT gen_random_uuid(), 'job', ARRAY[id], queue, priority, now() FROM jobs`,
  );
  await store.query(`INSERT INTO idempotency_keys SELECT 'default', id::text, '', id, now() + interval '1 day' FROM jobs`);
  await store.query(`INSERT INTO dead_letters (identity, source, reason, detail, job_id) SELECT 'job:' || id || ':0', 'job', '', '', id FROM jobs`);
  await store.query(`INSERT INTO job_steps SELECT id, 'step', '1' FROM jobs`);
  await store.query(`INSERT INTO job_events SELECT id, 2, 'log', now(), '{}' FROM jobs`);
  await store.query(`INSERT INTO workers (id, name, concurrency, queues, lease_until) SELECT n, '', 1, '{}', now() FROM generate_series(0, 49) n`);
  await store.query(`INSERT INTO claims SELECT worker_id, array_agg(id) FROM jobs WHERE state = 'running' GROUP BY worker_id`);
  await store.query(
    `INSERT INTO waiting_room (job_id, queue, kind, priority, virtual_time, limit_keys, parked_on)
     SELECT id, queue, kind, priority, n, CASE WHEN n % 3 > 0 THEN ARRAY['limit/' || n % 1000] END, CASE WHEN n % 3 > 1 THEN 'limit/' || n % 1000 END
     FROM (SELECT *, row_number() OVER () AS n FROM jobs) j`,
  );
  await store.query(`INSERT INTO flow_slots (limit_key, job_id) SELECT 'limit/' || row_number() OVER () % 1000, id FROM jobs`);
  await store.query('ANALYZE');
});
afterAll(() => store.close());

interface Plan {
  'Node Type': string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  'Rows Removed by Filter'?: number;
  'Relation Name'?: string;
  Plans?: Plan[];
}

function scans(plan: Plan): string[] {
  const own = plan['Node Type'] === 'Seq Scan' && LARGE.includes(plan['Relation Name'] ?? '') ? [plan['Relation Name'] ?? ''] : [];
  return [...own, ...(plan.Plans ?? []).flatMap(scans)];
}

/** The most rows that one part of it has read, of this table alone where one is named. */
function readOf(plan: Plan, table?: string): number {
  const own =
    table === undefined || plan['Relation Name'] === table
      ? ((plan['Actual Rows'] ?? 0) + (plan['Rows Removed by Filter'] ?? 0)) * (plan['Actual Loops'] ?? 1)
      : 0;
  return Math.max(own, ...(plan.Plans ?? []).map((part) => readOf(part, table)));
}

/** As node-postgres prepares it, with the plan for these values and with the one for any. */
async function planOf(
  statement: Statement,
  values: unknown[],
  mode: 'force_custom_plan' | 'force_generic_plan',
  session: pg.Client,
  options: '' | 'ANALYZE, ' = '',
): Promise<Plan> {
  const { name, text } = store.db.bound(statement);
  await session.query(`SET plan_cache_mode = ${mode}`);
  await session.query(`PREPARE "${name}" AS ${text}`);
  try {
    const literals = values.map(literal).join(', ');
    const { rows } = await session.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
      `EXPLAIN (${options}FORMAT JSON) EXECUTE "${name}"${literals === '' ? '' : `(${literals})`}`,
    );
    return rows[0]?.['QUERY PLAN'][0].Plan as Plan;
  } finally {
    await session.query(`DEALLOCATE "${name}"`);
  }
}

function literal(value: unknown): string {
  if (value === null) return 'NULL';
  if (Array.isArray(value)) return `'{${value.map((member) => (member === null ? 'NULL' : `"${String(member)}"`)).join(',')}}'`;
  return pg.escapeLiteral(value instanceof Date ? value.toISOString() : JSON.stringify(value).replace(/^"|"$/g, ''));
}

const many = <Value>(value: (index: number) => Value, count = 100): Value[] => Array.from({ length: count }, (_, index) => value(index));
const ids = many(() => uuidv7() as JobId);
const tokens = many(newToken);
const nulls = many(() => null);
const submitted = [
  ids, ids, many(() => 'k'), many(() => '1'), nulls, nulls, nulls, nulls,
  many(() => 'default'), many((index) => `key ${index}`), many(() => '\\\\x00'), 3600, 5, 1_000, many(() => 'q'), many(() => 4), many(() => 3), nulls, nulls, many(() => 'acme'), nulls, nulls,
]; // prettier-ignore

const STATEMENTS: [Statement, unknown[]][] = [
  [SUBMIT_JOBS, submitted],
  [SUBMIT_TO_ROOM, [...submitted, many(() => true), nulls]],
  [SUBMIT_UNIQUE, [...submitted, many(() => true), nulls, many((index) => `unique ${index}`), many(() => 'newest')]],
  [LOOK_AT_ROOM, [['queue1']]],
  [UNFINISHED_PAGE, ['queue1', ids[0], 100]],
  [REKEY_JOBS, [ids, nulls]],
  [REKEY_PLACES, [ids]],
  [TURN_PAGE, [ids[0], 1_000]],
  [RELEASE_UNLIMITED, [['queue1', 'queue2'], [100, 100], [6, 6], 30]],
  [FIND_BY_KEYS(jobColumns()), [many(() => 'default', 10), many((index) => `key ${index}`, 10)]],
  [CLAIM_JOBS, [ids, tokens, tokens, 1, many(() => 'queue1')]],
  [CLAIM_FACTS, [ids]],
  [CLAIM_SUSPECT, [ids[0], tokens[0], tokens[0], 1, 'queue1']],
  [TAKE_OVER, [ids[0], tokens[0], tokens[0], 1, tokens[1], true, '{}', 5]],
  [CLAIM_DUE, [null, 10, 1, false]],
  [CLAIM_DUE_IN_SLOTS, [null, 10, 1, false, 10, ['video.cut'], [3]]],
  [CLAIM_OLDEST, [null, 10, 1, false, 10, ['video.cut'], [3]]],
  [
    SETTLE_JOBS,
    [ids, tokens, many(() => 'succeeded'), nulls, nulls, many(() => 0), many(() => false), nulls, many(() => false), nulls, many(() => false), 1, nulls, nulls],
  ],
  [SETTLED_BEFORE, [ids, tokens]],
  [RENEW_LEASE, [1, 'w', 1, [], 30, null, null]],
  [LIST_WORKERS, []],
  [FIND_WORKER, [1]],
  [DRAIN_WORKER, [1, '{}']],
  [ASSIGN_QUEUES, [1, '{}']],
  [CHECK_HELD, [ids, tokens]],
  [WRITE_EVENTS, [ids, tokens, many(() => '[]'), nulls]],
  [READ_EVENTS, [ids, many(() => 0), 100]],
  [RECENTLY_CHANGED, ['kind.1', null, 10, ids, 100, 'acme']],
  [STRAYS, [1, tokens]],
  [COMPACT_CLAIMS, [1]],
  [RECOVER_STRAY, [ids[0], tokens[0]]],
  [RECOVER_WORKER, [1, 5]],
  [RECOVER_ORPHANS, [5]],
  [TAKE_OUTBOX, [500, 30, ['queue1'], [0], 16]],
  [REMOVE_OUTBOX, [ids]],
  [NEXT_DUE, []],
  [FIND_BY_ID, [ids[0], 'acme']],
  [FIND_BY_IDS, [ids]],
  [FIND_VIEW, [ids[0], null]],
  [FIND_ENDED, [ids]],
  [CANCEL_JOB, [ids[0], '{}', 'acme', false]],
  [CANCEL_JOBS, [ids, '{}', true]],
  [CLAIM_LIMITED, [ids, tokens, tokens, 1, false, many(() => 'queue1')]],
  [AWAIT_TURN, [ids[0], 'queue1']],
  [LOCK_WAITING, [ids]],
  [PLACES_TAKEN, [ids]],
  [CHANGE_WAITING, [ids, nulls, 'queue2', 9]],
  [ENTER_WAITING, [ids]],
  [LIMITED_CANDIDATES, [['queue1'], [100]]],
  [KEY_STATES, [many((index) => `limit/${index}`), ids]],
  [RELEASE_LIMITED, [ids, tokens, ids, many(() => 'limit'), 30, ids, many(() => 'limit'), ['limit'], [0], []]],
  [WAKE_PARKED, ['', 500]],
  [REDRIVE_JOB, [ids[0], null, true, 'acme']],
  [REDRIVE_JOBS, [ids, null, true]],
  [HOLD_BACK, [ids, false]],
  [RECORD_TICKS, ['[]', '[]']],
  [LAST_JOBS, [many((index) => `s${index}`), ids]],
  [TRIGGERED, ['a', ids[0]]],
  [LATE_JOBS, []],
  [EXPIRE_JOBS, [ids, null, true]],
];

describe.each(['force_custom_plan', 'force_generic_plan'] as const)('with full tables and %s', (mode) => {
  test.each(STATEMENTS.map(([statement, values]) => ({ name: statement.name, statement, values })))(
    '$name reads no table from end to end',
    async ({ statement, values }) => {
      expect(scans(await planOf(statement, values, mode, session))).toEqual([]);
    },
  );
});

describe('when nearly all jobs are of one kind', () => {
  let single: TestStore;
  let client: pg.Client;
  beforeAll(async () => {
    single = await TestStore.open();
    client = await single.session(BY_INDEX);
    await single.query(
      `INSERT INTO jobs (id, kind, queue, state, priority, payload, max_attempts, queued_at)
       SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'common', 'default', 'queued', 4, '{}', 3, now() FROM generate_series(1, ${ROWS}) n`,
    );
    await single.query('ANALYZE');
  });
  afterAll(() => single.close());

  test.each(['force_custom_plan', 'force_generic_plan'] as const)('how long jobs run is read from the newest of each kind (%s)', async (mode) => {
    const plan = await planOf(RUN_SECONDS, [['absent.one', 'common', 'absent.two']], mode, client, 'ANALYZE, ');
    expect(readOf(plan)).toBeLessThanOrEqual(200 * 3);
  });

  test('what happened of late is read from the newest jobs alone', async () => {
    const plan = await planOf(RECENTLY_CHANGED, ['absent.one', null, 10, ids, 100, null], 'force_custom_plan', client, 'ANALYZE, ');
    expect(readOf(plan)).toBeLessThanOrEqual(100);
  });
});

describe('when nearly all finished jobs are kept for ever', () => {
  let kept: TestStore;
  let client: pg.Client;
  beforeAll(async () => {
    kept = await TestStore.open();
    client = await kept.session(BY_INDEX);
    await kept.query(
      `INSERT INTO jobs (id, tenant, kind, queue, state, priority, payload, max_attempts, finished_at)
       SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, CASE WHEN n % 2 = 0 THEN 'acme' ELSE 'default' END, 'kind.' || n % 7, 'default',
              CASE WHEN n % 100 = 0 THEN 'failed' ELSE 'succeeded' END, 4, '{}', 3, now() - interval '1 year' FROM generate_series(1, ${ROWS}) n`,
    );
    await kept.query(`INSERT INTO retention_rules SELECT '*', 'kind.' || n, 'api', -1, -1 FROM generate_series(0, 6) n`);
    await kept.query('ANALYZE');
  });
  afterAll(() => kept.close());

  test.each([
    { name: 'of all tenants', statement: PRUNE_JOBS, more: [], mode: 'force_custom_plan' },
    { name: 'of all tenants', statement: PRUNE_JOBS, more: [], mode: 'force_generic_plan' },
    // It is not prepared.
    { name: 'of one tenant', statement: PRUNE_JOBS_OF_TENANT, more: ['acme'], mode: 'force_custom_plan' },
  ] as const)('a look at finished jobs $name reads no more of them than it was asked for ($mode)', async ({ statement, more, mode }) => {
    for (const outcome of ['succeeded', 'failed', 'cancelled'])
      for (const after of ['00000000-0000-0000-0000-000000000000', '00000000-0000-7000-8000-000000002000']) {
        const plan = await planOf(statement, [outcome, after, 86_400, 100, 86_400, ...more], mode, client, 'ANALYZE, ');
        expect(readOf(plan, 'jobs')).toBeLessThanOrEqual(100);
      }
  });
});

test('a claim changes no column of an index, so that its row stays on its page', async () => {
  const indexes = await store.query<{ indexdef: string }>(`SELECT indexdef FROM pg_indexes WHERE tablename = 'jobs'`);
  expect(indexes.length).toBeGreaterThan(3);
  const changed = /\b(state|attempt|fence|lease_token|publish_id|worker_id|started_at|progress|events|history)\b/;
  expect(indexes.filter(({ indexdef }) => changed.test(indexdef))).toEqual([]);
});

test('the guard sees a statement that does', async () => {
  expect(scans(await planOf({ name: 'bad', text: `SELECT id FROM jobs WHERE queue = $1` }, ['q'], 'force_custom_plan', session))).toEqual(['jobs']);
});

describe('with tables that are empty and were never analyzed, when a worker prepares its statements', () => {
  let fresh: TestStore;
  const sessions = new Map<string, pg.Client>();
  beforeAll(async () => {
    fresh = await TestStore.open();
    for (const options of ['', BY_INDEX]) sessions.set(options, await fresh.session(options));
  });
  afterAll(() => fresh.close());
  const scansWith = async (options: string, [statement, values]: [Statement, unknown[]]) =>
    scans(await planOf(statement, values, 'force_generic_plan', sessions.get(options) as pg.Client));

  test.each(STATEMENTS.map(([statement, values]) => ({ name: statement.name, statement, values })))(
    '$name will read no table from end to end when they have grown',
    async ({ statement, values }) => {
      expect(await scansWith(BY_INDEX, [statement, values])).toEqual([]);
    },
  );

  test('a claim would, left to PostgreSQL', async () => {
    expect(await scansWith('', [CLAIM_JOBS, [ids, tokens, tokens, 1, many(() => 'queue1')]])).toEqual(['jobs']);
  });
});
