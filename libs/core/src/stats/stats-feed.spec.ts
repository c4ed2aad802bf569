import { ManualClock, RecordingLogger, turns } from '../testing/index.js';
import type { Stats } from './snapshot.js';
import { StatsFeed, type StatsSink } from './stats-feed.js';

function feeding() {
  const clock = new ManualClock();
  const looks = { state: 0, ledger: 0 };
  let away = false;
  const feed = new StatsFeed({
    reader: {
      state: async () => {
        looks.state++;
        return { queues: [], groups: [], late: 0 };
      },
      figures: async () => [],
      ledger: async () => {
        looks.ledger++;
        throw new Error('it takes too long');
      },
      failures: async () => [],
      failedByKind: async () => new Map(),
    },
    ping: async () => {
      if (away) throw new Error('away');
    },
    broker: () => 'none',
    brokerReason: () => undefined,
    exceeded: () => [],
    clock,
    time: { now: () => Date.now() },
    logger: new RecordingLogger(),
  });
  const reader = () => {
    const got: (Stats | 'away')[] = [];
    const sink: StatsSink = { give: (stats) => got.push(stats), away: () => got.push('away') };
    return { got, sink };
  };
  return { clock, looks, feed, reader, goAway: () => (away = true) };
}

test('two readers get the very same snapshots, each second one, and each is made once', async () => {
  const { clock, looks, feed, reader } = feeding();
  const [one, other] = [reader(), reader()];
  feed.add(one.sink);
  feed.add(other.sink);
  await turns();
  for (let second = 0; second < 5; second++) await clock.advance(1_000);
  expect(looks.state).toBe(6);
  expect(one.got).toHaveLength(6);
  expect(other.got.every((stats, n) => stats === one.got[n])).toBe(true);
  feed.remove(one.sink);
  feed.remove(other.sink);
  await turns();
});

test('nothing is read before the first reader comes, nor after the last one has gone', async () => {
  const { clock, looks, feed, reader } = feeding();
  for (let second = 0; second < 5; second++) await clock.advance(1_000);
  expect(looks.state).toBe(0);
  const { sink } = reader();
  feed.add(sink);
  await turns();
  feed.remove(sink);
  await turns();
  for (let second = 0; second < 5; second++) await clock.advance(1_000);
  expect(looks.state).toBe(1);
});

test('a reader that comes after the last one has gone gets snapshots again', async () => {
  const { clock, feed, reader } = feeding();
  const [one, other] = [reader(), reader()];
  feed.add(one.sink);
  await turns();
  feed.remove(one.sink);
  feed.add(other.sink);
  await turns();
  await clock.advance(1_000);
  await clock.advance(1_000);
  expect(other.got.length).toBeGreaterThanOrEqual(2);
  feed.remove(other.sink);
  await turns();
});

test('who asks often gets one snapshot a second', async () => {
  const { clock, looks, feed } = feeding();
  const [first, second] = await Promise.all([feed.now(), feed.now()]);
  expect(first).toBe(second);
  expect(await feed.now()).toBe(first);
  await clock.advance(1_000);
  await feed.now();
  expect(looks.state).toBe(2);
});

test('a ledger that cannot be counted hides nothing else', async () => {
  const { looks, feed } = feeding();
  expect(await feed.now()).toMatchObject({ ledger: null, verdict: { ok: true, message: 'Everything runs.' } });
  expect(looks.ledger).toBe(1);
});

test('readers are told when the database is away, and what is asked for then is refused', async () => {
  const { clock, feed, reader, goAway } = feeding();
  const { got, sink } = reader();
  feed.add(sink);
  await turns();
  goAway();
  await clock.advance(1_000);
  expect(got.at(-1)).toBe('away');
  await expect(feed.now()).rejects.toThrow('away');
  feed.remove(sink);
  await turns();
});

test('what has changed is read at once, five times in a second at most, and not without a reader', async () => {
  const { clock, looks, feed, reader } = feeding();
  const { got, sink } = reader();
  feed.nudge();
  feed.add(sink);
  await clock.advance(500);
  feed.nudge();
  await turns();
  expect([looks.state, got.length]).toEqual([2, 2]);
  for (let hint = 0; hint < 100; hint++) {
    feed.nudge();
    await clock.advance(10);
  }
  expect(looks.state).toBe(7);
  feed.remove(sink);
  feed.nudge();
  await clock.advance(5_000);
  expect(looks.state).toBe(7);
});
