import { ALL_TENANTS, type KeptTimes, MAX_RETENTION_RULES, type RetentionLimits } from '@app/core';
import { PostgresRetention } from './postgres-retention.js';
import { PostgresRetentionRules } from './postgres-retention-rules.js';
import { TestStore } from '../testing/test-store.js';

const DAY = 86_400;
const LIMITS: RetentionLimits = { succeededSeconds: 100 * DAY, failedSeconds: 200 * DAY, letterSeconds: null, statsSeconds: null };
const API = 'api';

let store: TestStore;
let rules: PostgresRetentionRules;
let now: number;
let retention: PostgresRetention;
beforeAll(async () => {
  store = await TestStore.open();
  rules = new PostgresRetentionRules(store.db);
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.clear();
  now = Date.now();
  retention = another();
});

/** Another process: it remembers for itself what it has looked at. */
function another(): PostgresRetention {
  return new PostgresRetention(store.db, [], () => now);
}

interface Ended {
  tenant?: string;
  kind?: string;
  state?: 'succeeded' | 'failed' | 'cancelled';
  daysAgo: number;
  /** How long it took. */
  tookDays?: number;
  count?: number;
}

/** Jobs that ended so long ago, all at one moment. */
async function ended({ tenant = 'default', kind = 'a.b', state = 'succeeded', daysAgo, tookDays = 0, count = 1 }: Ended): Promise<void> {
  await store.query(
    `INSERT INTO jobs (id, tenant, kind, queue, state, priority, payload, max_attempts, created_at, finished_at)
     SELECT (lpad(to_hex((extract(epoch FROM at - $5 * interval '1 day') * 1000)::bigint), 12, '0') || substr(md5(random()::text), 1, 20))::uuid,
            $1, $2, 'default', $3, 4, '{}', 3, at - $5 * interval '1 day', at
     FROM (SELECT now() - $4 * interval '1 day' AS at) t, generate_series(1, $6)`,
    [tenant, kind, state, daysAgo, tookDays, count],
  );
}

/** Goes on until a pass is over. */
async function prune(by = retention, limit = 100, limits = LIMITS): Promise<number> {
  for (let removed = 0; ;) {
    const answer = await by.prune(limits, limit);
    removed += answer.removed;
    if (!answer.more) return removed;
  }
}

/** What there still is: its tenant, kind, state, and how many days ago it ended. */
async function left(): Promise<string[]> {
  const rows = await store.query<{ text: string }>(
    `SELECT concat_ws(' ', tenant, kind, state, round(extract(epoch FROM now() - finished_at) / ${DAY}), count(*)) AS text FROM jobs
     GROUP BY tenant, kind, state, finished_at`,
  );
  return rows.map(({ text }) => text).sort();
}

const days = (succeeded?: number | null, failed?: number | null): KeptTimes => ({
  ...(succeeded === undefined ? {} : { succeededSeconds: succeeded && succeeded * DAY }),
  ...(failed === undefined ? {} : { failedSeconds: failed && failed * DAY }),
});

test('two tenants keep the same kinds for different times, and a third as the settings say', async () => {
  for (const tenant of ['acme', 'globex', 'initech', 'default']) for (const daysAgo of [2, 6, 20, 101]) await ended({ tenant, daysAgo });
  await rules.put('acme', '*', days(5));
  await rules.put('globex', 'a.*', days(10));
  await rules.put('default', 'a.b', days(null));
  await prune();
  expect(await left()).toEqual([
    ...['acme a.b succeeded 2 1', 'default a.b succeeded 101 1', 'default a.b succeeded 2 1', 'default a.b succeeded 20 1', 'default a.b succeeded 6 1'],
    ...['globex a.b succeeded 2 1', 'globex a.b succeeded 6 1', 'initech a.b succeeded 2 1', 'initech a.b succeeded 20 1', 'initech a.b succeeded 6 1'],
  ]);
});

describe('the most specific rule holds', () => {
  /** From the most to the least specific; each says another time. */
  const ORDER: [name: string, set: () => Promise<unknown>, days: number][] = [
    ['its kind, of the tenant', () => rules.put('acme', 'a.b.c', days(50)), 50],
    ['the longest prefix, of the tenant', () => rules.put('acme', 'a.b.*', days(45)), 45],
    ['a shorter prefix, of the tenant', () => rules.put('acme', 'a.*', days(40)), 40],
    ['every kind, of the tenant', () => rules.put('acme', '*', days(35)), 35],
    ['its kind, for all', () => rules.put(ALL_TENANTS, 'a.b.c', days(30)), 30],
    ['the longest prefix, for all', () => rules.put(ALL_TENANTS, 'a.b.*', days(25)), 25],
    ['a shorter prefix, for all', () => rules.put(ALL_TENANTS, 'a.*', days(20)), 20],
    ['every kind, for all', () => rules.put(ALL_TENANTS, '*', days(15)), 15],
    ['its code', () => rules.putCode('code:default', [{ kind: 'a.b.c', times: days(10) }]), 10],
    ['the settings', () => Promise.resolve(), 5],
  ];

  test.each(ORDER.map(([name, , days], at) => ({ name, days, at })))('$name, over all below it', async ({ days, at }) => {
    for (const [, set] of ORDER.slice(at)) await set();
    // Of others, or silent about what succeeds: none of them counts.
    await rules.put('globex', '*', { succeededSeconds: DAY });
    for (const kinds of ['a.b.c.*', 'a.b', 'a.bb.*', 'b.*']) await rules.put('acme', kinds, { succeededSeconds: DAY });
    if (at > 0) await rules.put('acme', 'a.b.c', { failedSeconds: DAY });
    for (const daysAgo of [days - 1, days + 1]) await ended({ tenant: 'acme', kind: 'a.b.c', daysAgo });
    await prune(retention, 100, { ...LIMITS, succeededSeconds: 5 * DAY });
    expect(await left()).toEqual([`acme a.b.c succeeded ${days - 1} 1`]);
  });

  test('and the other outcome goes by the next rule that says it', async () => {
    await rules.put('acme', 'a.b', days(undefined, 3));
    await rules.put('acme', '*', days(2, 1));
    for (const state of ['succeeded', 'failed', 'cancelled'] as const) for (const daysAgo of [1.5, 2.5, 3.5]) await ended({ tenant: 'acme', state, daysAgo });
    await prune();
    const kept = ['acme a.b cancelled 2 1', 'acme a.b cancelled 3 1', 'acme a.b failed 2 1', 'acme a.b failed 3 1', 'acme a.b succeeded 2 1'];
    expect(await left()).toEqual(kept);
  });

  test('of the code of two configurations the longer time', async () => {
    await rules.putCode('code:shop', [{ kind: 'a.b', times: days(3, 3) }]);
    await rules.putCode('code:billing', [{ kind: 'a.b', times: days(7, null) }]);
    for (const state of ['succeeded', 'failed'] as const) for (const daysAgo of [6, 8, 300]) await ended({ state, daysAgo });
    await prune();
    expect(await left()).toEqual(['default a.b failed 300 1', 'default a.b failed 6 1', 'default a.b failed 8 1', 'default a.b succeeded 6 1']);
  });
});

test('a rule that is made shorter, longer, for ever, and deleted, holds for the jobs that there are', async () => {
  const tenant = 'acme';
  for (const daysAgo of [1, 2, 3, 4, 5, 101]) await ended({ tenant, daysAgo });
  const kept = async () => (await left()).map((line) => Number(line.split(' ')[3]));
  await rules.put(tenant, 'a.b', days(null));
  await prune();
  expect(await kept()).toEqual([1, 101, 2, 3, 4, 5]);
  await rules.put(tenant, 'a.b', days(200));
  await prune();
  expect(await kept()).toEqual([1, 101, 2, 3, 4, 5]);
  await rules.put(tenant, 'a.b', days(4.5));
  await prune();
  expect(await kept()).toEqual([1, 2, 3, 4]);
  await rules.put(tenant, 'a.b', days(2.5));
  await rules.put(tenant, 'a.b', days(4.5));
  await prune();
  expect(await kept()).toEqual([1, 2, 3, 4]);
  await rules.remove(tenant, 'a.b');
  await prune(retention, 100, { ...LIMITS, succeededSeconds: 1.5 * DAY });
  expect(await kept()).toEqual([1]);
});

test('jobs of kinds that a rule no longer names go by the next one, also where nothing else has changed', async () => {
  const tenant = 'acme';
  await rules.put(tenant, '*', days(3));
  await rules.put(tenant, 'a.b', days(null));
  await ended({ tenant, daysAgo: 4 });
  await prune();
  expect(await left()).toHaveLength(1);
  await rules.remove(tenant, 'a.b');
  await prune();
  expect(await left()).toEqual([]);
});

test('what is kept for ever stands in the way of nothing: batches go on behind it, and behind many that ended at one moment', async () => {
  await rules.put(ALL_TENANTS, 'kept.*', days(null));
  await ended({ kind: 'kept.long', daysAgo: 300, count: 250 });
  await ended({ daysAgo: 250, count: 120 });
  await ended({ kind: 'kept.long', daysAgo: 200, count: 30 });
  expect(await prune(retention, 10)).toBe(120);
  expect(await left()).toEqual(['default kept.long succeeded 200 30', 'default kept.long succeeded 300 250']);
});

test('a pass reads again what came to its end late, a whole one all that could not go before', async () => {
  const locked = await store.session();
  await ended({ daysAgo: 150 });
  await ended({ kind: 'a.late', daysAgo: 99.9995, tookDays: 1 });
  await locked.query('BEGIN');
  await locked.query(`SELECT FROM jobs WHERE kind = 'a.b' FOR UPDATE`);
  expect(await prune()).toBe(0);
  await locked.query('ROLLBACK');
  await store.query(`UPDATE jobs SET finished_at = finished_at - interval '1 minute' WHERE kind = 'a.late'`);
  for (let pass = 0; pass < 3; pass++) expect(await prune()).toBe(0);
  now += 3_600_001;
  expect(await prune()).toBe(2);
});

test('a job that took some minutes goes without a whole pass', async () => {
  await prune();
  await ended({ daysAgo: 100.001, tookDays: 5 / 1_440 });
  let passes = 0;
  while ((await prune()) === 0) passes++;
  expect(passes).toBeLessThan(16);
});

test('any number of processes remove each job once, and none before its time', async () => {
  await rules.put('acme', '*', days(3));
  await rules.put('acme', 'kept.*', days(null));
  await ended({ tenant: 'acme', daysAgo: 4, count: 400 });
  await ended({ tenant: 'acme', kind: 'kept.long', daysAgo: 4, count: 100 });
  await ended({ tenant: 'acme', daysAgo: 2, count: 50 });
  const removed = await Promise.all([1, 2, 3].map(() => prune(another(), 20)));
  expect(removed.reduce((sum, count) => sum + count, 0)).toBe(400);
  expect(await left()).toEqual(['acme a.b succeeded 2 50', 'acme kept.long succeeded 4 100']);
});

test('a job that was put back is not removed', async () => {
  await rules.put('acme', '*', days(null, 3));
  await ended({ tenant: 'acme', state: 'failed', daysAgo: 4 });
  const [before] = await store.query<{ id: string }>('SELECT id FROM jobs');
  await store.jobs.redrive(before?.id as never);
  expect(await prune()).toBe(0);
  expect(await store.query('SELECT state FROM jobs')).toEqual([{ state: 'queued' }]);
});

describe('rules as people set them', () => {
  test('a rule says what was put, and a second one for the same kinds takes its place', async () => {
    expect(await rules.put('acme', 'a.*', days(1, null))).toMatchObject({
      tenant: 'acme',
      kinds: 'a.*',
      succeededSeconds: DAY,
      failedSeconds: null,
      origin: API,
    });
    const { updatedAt, ...second } = await rules.put('acme', 'a.*', days(2));
    expect(second).toEqual({ tenant: 'acme', kinds: 'a.*', succeededSeconds: 2 * DAY, origin: API });
    expect(await rules.find('acme', 'a.*')).toEqual({ ...second, updatedAt });
    expect(await rules.find('globex', 'a.*')).toBeNull();
  });

  test('a tenant has its own and those for all, and nobody else’s', async () => {
    for (const tenant of ['acme', 'globex', ALL_TENANTS]) await rules.put(tenant, '*', days(1));
    const of = async (tenant: string | null) => (await rules.list(tenant)).map((rule) => rule.tenant);
    expect([await of('acme'), await of('initech'), await of(null)]).toEqual([['*', 'acme'], ['*'], ['*', 'acme', 'globex']]);
  });

  test('what code says is set, changed and taken away with the code, beside what the API says', async () => {
    await rules.putCode('code:shop', [
      { kind: 'a.b', times: days(1) },
      { kind: 'a.c', times: days(null, 2) },
    ]);
    await rules.put(ALL_TENANTS, 'a.b', days(5));
    const [first] = await rules.list(null);
    expect(await rules.remove(ALL_TENANTS, 'a.c')).toBe('code');
    expect(await rules.remove(ALL_TENANTS, 'a.d')).toBe('unknown');
    expect(await rules.remove('acme', 'a.b')).toBe('unknown');
    await rules.putCode('code:shop', [{ kind: 'a.b', times: days(1) }]);
    const listed = (await rules.list(null)).map(({ kinds, origin, succeededSeconds }) => [kinds, origin, succeededSeconds]);
    expect(listed).toEqual([
      ['a.b', API, 5 * DAY],
      ['a.b', 'code:shop', DAY],
    ]);
    expect(first?.origin).toBe(API);
    expect([await rules.remove(ALL_TENANTS, 'a.b'), await rules.remove(ALL_TENANTS, 'a.b')]).toEqual(['removed', 'code']);
    await rules.putCode('code:shop', []);
    expect(await rules.list(null)).toEqual([]);
  });

  test('one rule more than a tenant may have is refused, and another for the same kinds is not', async () => {
    await store.query(`INSERT INTO retention_rules SELECT 'acme', 'a.k' || n, 'api', 1 FROM generate_series(1, ${MAX_RETENTION_RULES}) n`);
    await expect(rules.put('acme', 'a.b', days(1))).rejects.toMatchObject({ code: 'invalid_payload', faults: [{ pointer: '/kinds' }] });
    expect(await rules.put('acme', 'a.k1', days(1))).toMatchObject({ succeededSeconds: DAY });
    expect(await rules.put('globex', 'a.b', days(1))).toMatchObject({ tenant: 'globex' });
  });
});
