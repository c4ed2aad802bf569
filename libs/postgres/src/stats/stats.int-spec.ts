import { COARSE_STEP, FINE_STEP, type FigureRow, noFigures, quantile, uuidv4 } from '@app/core';
import { PostgresRecipientCounts } from '../notify/postgres-recipient-counts.js';
import { PostgresRetention } from '../retain/postgres-retention.js';
import { TestStore } from '../testing/test-store.js';
import { PostgresStats } from './postgres-stats.js';

let store: TestStore;
let stats: PostgresStats;
beforeAll(async () => {
  store = await TestStore.open();
  stats = new PostgresStats(store.db, store.db, store.jobs);
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.clear();
  await store.query('DELETE FROM stats');
  await store.query('DELETE FROM stats_writers');
  await store.query('DELETE FROM stats_queues');
});

const MINUTE = Math.floor(Date.now() / 60_000) * 60_000;
const row = (more: Partial<FigureRow>): FigureRow => ({ step: COARSE_STEP, at: MINUTE, queue: 'default', kind: 'a', ...noFigures(), ...more });
const minute = () => stats.figures(COARSE_STEP, MINUTE, MINUTE + 60_000);

test('two workers that write into the same minute add up, sums and histograms of any length', async () => {
  const [one, other] = [uuidv4(), uuidv4()];
  await Promise.all([
    stats.add(one, 1, [row({ started: 3, succeeded: 2, failed: 1, runMs: 30, run: [1, 2] }), row({ kind: 'b', started: 1 })]),
    stats.add(other, 1, [row({ started: 4, succeeded: 4, retried: 2, cancelled: 1, runMs: 40.5, run: [0, 1, 0, 5, 0] })]),
  ]);
  await stats.add(one, 2, [row({ accepted: 7, wait: [0, 0, 9] })]);
  const found = await minute();
  expect(found).toHaveLength(2);
  expect(found.find(({ kind }) => kind === 'a')).toEqual(
    row({ accepted: 7, started: 7, succeeded: 6, failed: 1, retried: 2, cancelled: 1, runMs: 70.5, run: [1, 3, 0, 5], wait: [0, 0, 9] }),
  );
});

test('a write that is repeated, at once or later, doubles nothing', async () => {
  const [one, other] = [uuidv4(), uuidv4()];
  const rows = [row({ started: 3, run: [3] })];
  await Promise.all([stats.add(one, 1, rows), stats.add(one, 1, rows), stats.add(one, 1, rows)]);
  await stats.add(one, 2, rows);
  await stats.add(one, 1, rows);
  await stats.add(one, 2, rows);
  await stats.add(other, 1, rows);
  expect(await minute()).toEqual([row({ started: 9, run: [9] })]);
});

test('twenty processes that write the same rows at once wait for each other, and none for ever', async () => {
  const rows = [10, 60].flatMap((step) => ['', 'a', 'b', 'c'].map((kind) => row({ step, kind, queue: kind === '' ? '' : 'default', started: 1 })));
  await Promise.all(Array.from({ length: 20 }, () => stats.add(uuidv4(), 1, rows)));
  expect((await minute()).map(({ started }) => started)).toEqual([20, 20, 20, 20]);
});

test('one queue or kind can be read alone', async () => {
  await stats.add(uuidv4(), 1, [
    row({ started: 1 }),
    row({ kind: 'b', started: 2 }),
    row({ queue: 'other', started: 3 }),
    row({ queue: '', kind: '', started: 6 }),
  ]);
  const started = async (of: { queue?: string; kind?: string }) => (await stats.figures(COARSE_STEP, MINUTE, MINUTE + 1, of)).map((each) => each.started);
  expect(await started({ queue: '', kind: '' })).toEqual([6]);
  expect((await started({ kind: 'a' })).toSorted()).toEqual([1, 3]);
  expect(await started({ queue: 'default', kind: 'b' })).toEqual([2]);
  expect(await stats.figures(COARSE_STEP, MINUTE + 60_000, MINUTE + 120_000)).toEqual([]);
  expect(await stats.figures(FINE_STEP, MINUTE, MINUTE + 60_000)).toEqual([]);
});

test('the ledger counts each job of its time once, by its state', async () => {
  const worker = await store.worker();
  await store.submit({}, {}, { delayMs: 3_600_000 });
  await store.running(worker);
  for (const event of ['succeeded', 'succeeded', 'cancelled'] as const) {
    const { id, token } = await store.running(worker);
    await store.attempts.settle([{ jobId: id, token, event, announce: false }]);
  }
  const { countedAt, since, ...counts } = await stats.ledger(86_400);
  expect(counts).toEqual({ accepted: 7, scheduled: 1, queued: 2, running: 1, succeeded: 2, failed: 0, cancelled: 1 });
  expect(countedAt.getTime() - since.getTime()).toBe(86_400_000);
  const old = '00000000-0000-7000-8000-000000000001';
  await store.query(`UPDATE jobs SET id = $1 WHERE id = (SELECT id FROM jobs WHERE outcome = 'cancelled')`, [old]);
  expect(await stats.ledger(86_400)).toMatchObject({ accepted: 6, cancelled: 0 });
});

test('slots are those of live workers that take something, by the queues that they take', async () => {
  const join = (queues: string[], concurrency: number, more = `now() + interval '1 hour'`, drain: object | null = null) =>
    store.query(`INSERT INTO workers (name, concurrency, queues, lease_until, drain) VALUES ('w', $1, $2, ${more}, $3)`, [concurrency, queues, drain]);
  await join([], 10);
  await join([], 5);
  await join(['mail'], 3);
  await join(['mail'], 4, undefined, { by: 'ada' });
  await join(['mail'], 99, `now() - interval '1 second'`);
  expect(await stats.state()).toMatchObject({
    groups: [
      { queues: [], workers: 2, draining: 0, slots: 15 },
      { queues: ['mail'], workers: 2, draining: 1, slots: 3 },
    ],
    late: 1,
  });
});

test('how many jobs wait is written once for each bucket, whoever comes first', async () => {
  await store.queues.ensure(['default']);
  await store.submit({}, {}, {}, { delayMs: 60_000 });
  await store.running(await store.worker());
  for (const unfinished of [5, 50]) await stats.sampleDepths(new Map([['default', unfinished]]), new Map([['default', 1]]));
  const [written] = await store.query('SELECT step, queue, queued, scheduled, running FROM stats_queues WHERE step = 60 ORDER BY at');
  expect(written).toEqual({ step: 60, queue: 'default', queued: 3, scheduled: 1, running: 1 });
  const read = await stats.depths({ step: 60, from: 0, to: Date.now() + 60_000, stepSeconds: 300, queue: null, most: 5 });
  expect(read).toMatchObject([{ name: 'default', points: [{ scheduled: 1, running: 1 }] }]);
  expect(read[0]?.points[0]?.oldestAgeSeconds).toBeGreaterThanOrEqual(0);
});

test('of many queues the deepest are read, the deepest first', async () => {
  for (const [queue, queued] of [
    ['a', 1],
    ['b', 9],
    ['c', 4],
  ] as const)
    // prettier-ignore
    await store.query(`INSERT INTO stats_queues VALUES (60, date_trunc('minute', now()), $1, $2, 0, 0, NULL)`, [queue, queued]);
  const read = await stats.depths({ step: 60, from: 0, to: Date.now() + 60_000, stepSeconds: 60, queue: null, most: 2 });
  expect(read.map(({ name }) => name)).toEqual(['b', 'c']);
});

test('figures go when their time is over: those of ten seconds after a quarter of an hour, those of a minute after theirs', async () => {
  const retention = new PostgresRetention(store.db, [new PostgresRecipientCounts(store.db)]);
  const ago = (minutes: number) => Date.now() - minutes * 60_000;
  const rows = [row({ step: 10, at: ago(14) }), row({ step: 10, at: ago(20) }), row({ at: ago(20) }), row({ at: ago(100) })];
  await stats.add(uuidv4(), 1, rows);
  await store.query(`UPDATE stats_writers SET at = now() - interval '2 hours'`);
  const limits = { succeededSeconds: null, failedSeconds: null, letterSeconds: null, statsSeconds: 3_600 };
  expect(await retention.prune(limits, 100)).toMatchObject({ removed: 3 });
  expect((await store.query<{ step: number }>('SELECT step FROM stats ORDER BY at')).map(({ step }) => step)).toEqual([60, 10]);
  expect(await retention.prune({ ...limits, statsSeconds: null }, 100)).toMatchObject({ removed: 0 });
});

test('percentiles of what two processes have written are those of all jobs together', async () => {
  await stats.add(uuidv4(), 1, [row({ run: [90] })]);
  await stats.add(uuidv4(), 1, [row({ run: [...new Array<number>(20).fill(0), 10] })]);
  const [found] = await minute();
  expect(quantile(found?.run ?? [], 0.5)).toBeLessThan(1);
  expect(quantile(found?.run ?? [], 0.95)).toBeGreaterThan(700);
});
