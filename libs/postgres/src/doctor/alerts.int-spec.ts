import type { Alert, AlertCause, AlertFilter } from '@app/core';
import { TestStore } from '../testing/test-store.js';
import { PostgresAlerts } from './postgres-alerts.js';

let store: TestStore;
let alerts: PostgresAlerts;
beforeAll(async () => {
  store = await TestStore.open();
  alerts = new PostgresAlerts(store.db);
});
afterAll(() => store.close());
beforeEach(() => store.query('DELETE FROM alerts'));

const cause = (more: Partial<AlertCause> = {}): AlertCause => ({
  ...{ rule: 'no_worker', level: 'error', message: '1 job waits.', link: '/workers', fix: 'Start one', ...more },
});
/** Everything that was found and told was so many seconds earlier. */
const pass = (seconds: number) =>
  store.query(`UPDATE alerts SET opened_at = opened_at - $1 * interval '1 second', seen_at = seen_at - $1 * interval '1 second'`, [seconds]);
async function told(after = 30, quiet = 30): Promise<Pick<Alert, 'rule' | 'link' | 'message' | 'endedAt'>[]> {
  const all: Alert[] = [];
  const count = await alerts.tell(after, quiet, async (some) => void all.push(...some));
  expect(count).toBe(all.length);
  return all;
}

test('an alert is told once, when it has been found for the time, with its newest words', async () => {
  await alerts.found([cause()]);
  expect(await told()).toEqual([]);
  await pass(29);
  await alerts.found([cause({ message: '5 jobs wait.' })]);
  expect(await told()).toEqual([]);
  await pass(1);
  await alerts.found([cause({ message: '7 jobs wait.' })]);
  expect(await told()).toMatchObject([{ rule: 'no_worker', message: '7 jobs wait.', endedAt: null }]);
  await alerts.found([cause()]);
  expect(await told()).toEqual([]);
});

test('its end is told once, when nobody has found it for the time; the next one is another alert', async () => {
  await alerts.found([cause()]);
  expect(await told(0)).toHaveLength(1);
  await pass(29);
  expect(await told()).toEqual([]);
  await pass(2);
  const [ended] = await told();
  expect(ended).toMatchObject({ rule: 'no_worker', endedAt: expect.any(Date) as unknown });
  expect(await told()).toEqual([]);
  await alerts.found([cause()]);
  expect(await told(0)).toMatchObject([{ endedAt: null }]);
});

test('what ended before it was told is never told', async () => {
  await alerts.found([cause()]);
  await pass(31);
  expect(await told()).toEqual([]);
  expect(await store.query('SELECT FROM alerts')).toEqual([]);
});

test('what ends where nobody is told is kept if it lasted, and what goes on is told to whoever wants to be later', async () => {
  await alerts.found([cause({ rule: 'short' }), cause({ rule: 'long' }), cause({ rule: 'lasting' })]);
  await pass(31);
  await alerts.found([cause({ rule: 'long' }), cause({ rule: 'lasting' })]);
  await alerts.end(30, 30);
  await pass(31);
  await alerts.found([cause({ rule: 'lasting' })]);
  await alerts.end(30, 30);
  const listed = async (state: AlertFilter['state']) => (await alerts.list(30, { state, rule: null, before: null, limit: 10 })).map(({ rule }) => rule);
  expect([await listed('open'), await listed('ended')]).toEqual([['lasting'], ['long']]);
  expect(await told()).toMatchObject([{ rule: 'lasting', endedAt: null }]);
  await pass(31);
  expect(await told()).toMatchObject([{ rule: 'lasting', endedAt: expect.any(Date) as unknown }]);
});

test('alerts are listed from the newest on, page by page, by state and rule, and not before they have lasted', async () => {
  for (const rule of ['a', 'b', 'c']) await alerts.found([cause({ rule })]);
  const listed = async (more: Partial<AlertFilter> = {}) => alerts.list(30, { state: 'all', rule: null, before: null, limit: 2, ...more });
  expect(await listed()).toEqual([]);
  await pass(31);
  await alerts.found([cause({ rule: 'a' }), cause({ rule: 'b' }), cause({ rule: 'c' })]);
  const [first, second] = await listed();
  expect([first, second]).toMatchObject([{ rule: 'c', message: '1 job waits.', fix: 'Start one', toldAt: null, endedAt: null }, { rule: 'b' }]);
  expect(await listed({ before: second?.id ?? null })).toMatchObject([{ rule: 'a' }]);
  expect(await listed({ rule: 'b' })).toMatchObject([{ rule: 'b' }]);
  expect(await listed({ state: 'ended' })).toEqual([]);
  await told();
  expect((await listed())[0]?.toldAt).toBeInstanceOf(Date);
});

test('two places of one rule are two alerts, and what two gateways find at once is one', async () => {
  const causes = [cause(), cause({ link: '/queues' }), cause({ rule: 'queue_behind' })];
  await Promise.all(Array.from({ length: 8 }, (_, n) => alerts.found(n % 2 === 0 ? causes : causes.toReversed())));
  const all = await Promise.all([told(0), told(0), told(0)]);
  expect(
    all
      .flat()
      .map(({ rule, link }) => `${rule} ${link}`)
      .toSorted(),
  ).toEqual(['no_worker /queues', 'no_worker /workers', 'queue_behind /workers']);
});

test('a telling that fails leaves it untold', async () => {
  await alerts.found([cause()]);
  await expect(alerts.tell(0, 30, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await told(0)).toHaveLength(1);
});
