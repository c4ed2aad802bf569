import type { JobId } from '../job/job.js';
import type { JobMessage } from '../relay/outbox.js';
import { ManualClock, RecordingLogger, turns } from '../testing/index.js';
import { Backlogs } from './backlogs.js';
import { ReleasePass } from './release-pass.js';
import type { WaitingRoom, Wanted } from './waiting-room.js';

const message = (queue: string, jobs = 1): JobMessage => ({
  type: 'job',
  outboxId: 'o',
  jobIds: Array.from({ length: jobs }, (_, index) => String(index) as JobId),
  kind: 'test.job',
  queue,
  priority: 4,
  traceparent: null,
});

function passing({ waiting = [] as string[], fair = [] as string[], paused = [] as string[], held = false } = {}) {
  const clock = new ManualClock();
  const backlogs = new Backlogs();
  const state = { waiting, paused, held, looks: 0, ready: new Map<string, number | null>(), canPublish: true, nextTurnMs: null as number | null };
  const wanted: Wanted[][] = [];
  const published: JobMessage[] = [];
  const room: WaitingRoom = {
    look: async () => {
      state.looks++;
      const names = new Set(state.waiting);
      return {
        waiting: names,
        workers: new Map([...names].map((name) => [name, 1])),
        fairQueues: new Set(fair),
        pausedQueues: new Set(state.paused),
        pausedKinds: new Set(),
        nextTurnMs: state.nextTurnMs,
      };
    },
    release: async (each) => {
      if (state.held) return null;
      wanted.push([...each]);
      return each.map(({ queue, jobs }) => message(queue, jobs));
    },
  };
  const pass = new ReleasePass({
    room,
    backlogs,
    ready: async (queue) => state.ready.get(queue) ?? (state.ready.has(queue) ? null : 0),
    canPublish: () => state.canPublish,
    publish: async (messages) => void published.push(...messages),
    clock,
    logger: new RecordingLogger(),
    config: { lookMs: 250, hurryMs: 50, fairMs: 20, retryMs: 20, hideSeconds: 30, most: 4_000 },
  });
  return { clock, backlogs, state, wanted, published, pass };
}

async function looked({ pass }: ReturnType<typeof passing>): Promise<void> {
  pass.start();
  await turns(20);
}

/** How many of so many new jobs go to RabbitMQ. */
const flood = ({ backlogs }: ReturnType<typeof passing>, jobs: number, queue = 'flooded') =>
  Array.from({ length: jobs }, () => backlogs.waits(queue, 'test.job')).filter((waits) => !waits).length;

describe('the pass', () => {
  test('releases of each queue with waiting jobs what its headroom allows, and publishes it', async () => {
    const all = passing({ waiting: ['a', 'b'] });
    all.state.ready.set('b', 10);
    await looked(all);
    expect(all.wanted).toEqual([[{ queue: 'a', jobs: 16 }, { queue: 'b', jobs: 6 }]]); // prettier-ignore
    expect(all.published.map(({ queue }) => queue)).toEqual(['a', 'b']);
    await all.pass.close();
  });

  test('keeps little of a fair queue in RabbitMQ, and looks at it again before half of that has been started', async () => {
    const all = passing({ waiting: ['shared'], fair: ['shared'] });
    await looked(all);
    expect(all.wanted).toEqual([[{ queue: 'shared', jobs: 8 }]]);
    // Sixteen were started in a quarter of a second, so half of the next eight last a sixteenth.
    all.backlogs.published(message('shared', 20));
    all.state.ready.set('shared', 4 / 20);
    await all.clock.advance(250);
    await all.clock.advance(62);
    expect([all.state.looks, all.wanted.at(-1)]).toEqual([2, [{ queue: 'shared', jobs: 4 }]]);
    await all.clock.advance(1);
    expect(all.state.looks).toBe(3);
    await all.pass.close();
  });

  test('looks again when a rate gives its next start, and not only at the next look', async () => {
    const all = passing();
    all.state.nextTurnMs = 100;
    await looked(all);
    await all.clock.advance(99);
    expect(all.state.looks).toBe(1);
    await all.clock.advance(1);
    expect(all.state.looks).toBe(2);
    await all.pass.close();
  });

  test('releases nothing of a queue that is full or paused, nor while nothing can be published', async () => {
    const all = passing({ waiting: ['full', 'paused'], paused: ['paused'] });
    all.state.ready.set('full', 16);
    await looked(all);
    all.state.ready.set('full', 0);
    all.state.canPublish = false;
    await all.clock.advance(250);
    expect(all.wanted).toEqual([]);
    await all.pass.close();
  });

  test('makes a queue backlogged whose ready jobs reach the headroom, counting the jobs of a message, until nothing of it waits', async () => {
    const all = passing();
    for (let times = 0; times < 4; times++) all.backlogs.published(message('long', 8));
    all.backlogs.published(message('short'));
    all.state.ready.set('long', 2).set('short', 2);
    await looked(all);
    expect([all.backlogs.waits('long', 'k'), all.backlogs.waits('short', 'k')]).toEqual([true, false]);
    expect(all.backlogs.allowance.byQueue.get('long')).toBe(0);
    all.state.waiting = ['long'];
    all.state.ready.set('long', 0);
    await all.clock.advance(250);
    expect(all.backlogs.waits('long', 'k')).toBe(true);
    all.state.waiting = [];
    await all.clock.advance(250);
    expect(all.backlogs.waits('long', 'k')).toBe(false);
    await all.pass.close();
  });

  test('keeps a queue backlogged while it is long, although nothing more is published to it and nothing of it waits', async () => {
    const all = passing();
    all.backlogs.published(message('long'));
    all.state.ready.set('long', 16);
    await looked(all);
    await all.clock.advance(500);
    expect(all.backlogs.waits('long', 'k')).toBe(true);
    all.state.ready.set('long', 1);
    await all.clock.advance(250);
    expect(all.backlogs.waits('long', 'k')).toBe(false);
    await all.pass.close();
  });

  test('knows a queue as backlogged in which only other processes have jobs waiting', async () => {
    const all = passing({ waiting: ['theirs'] });
    await looked(all);
    expect(all.backlogs.waits('theirs', 'k')).toBe(true);
    await all.pass.close();
  });

  test('looks again after 20 ms when another process releases', async () => {
    const all = passing({ waiting: ['a'], held: true });
    await looked(all);
    all.state.held = false;
    await all.clock.advance(19);
    expect(all.wanted).toEqual([]);
    await all.clock.advance(1);
    expect(all.wanted).toHaveLength(1);
    await all.pass.close();
  });

  test('releases the least headroom of a queue whose length it cannot read, and never takes it for backlogged', async () => {
    const all = passing({ waiting: ['dark'] });
    all.state.ready.set('dark', null);
    all.backlogs.published(message('darker'));
    all.state.ready.set('darker', null);
    await looked(all);
    expect(all.wanted).toEqual([[{ queue: 'dark', jobs: 16 }]]);
    expect(all.backlogs.waits('darker', 'k')).toBe(false);
    await all.pass.close();
  });

  test('looks at once when it is nudged, and otherwise each quarter of a second', async () => {
    const all = passing();
    await looked(all);
    await all.clock.advance(249);
    expect(all.state.looks).toBe(1);
    all.pass.nudge();
    await turns();
    expect(all.state.looks).toBe(2);
    await all.clock.advance(250);
    expect(all.state.looks).toBe(3);
    await all.pass.close();
  });

  test('sends a flood into an empty queue to the room beyond two headrooms, until a look finds the queue short and the room empty', async () => {
    const all = passing();
    // Of a queue that was never seen one headroom may go, also before the first look.
    expect(flood(all, 100)).toBe(16);
    await looked(all);
    expect(flood(all, 100)).toBe(16);
    for (let times = 0; times < 16; times++) all.backlogs.published(message('flooded'));
    all.state.ready.set('flooded', 6);
    await all.clock.advance(250);
    expect(flood(all, 100)).toBe(2 * 16 - 6);
    await all.pass.close();
  });

  test('lets more through to a queue that takes more, so that nothing that comes evenly goes through the room, and forgets that with time', async () => {
    const all = passing();
    all.backlogs.published(message('fast'));
    await looked(all);
    for (const jobs of [32, 64, 128, 256]) {
      all.backlogs.published(message('fast', jobs));
      await all.clock.advance(250);
      expect(flood(all, 1_000, 'fast')).toBeGreaterThanOrEqual(2 * jobs);
    }
    await all.clock.advance(2_500);
    expect(flood(all, 1_000, 'fast')).toBeLessThanOrEqual(2 * 16);
    await all.pass.close();
  });

  test('counts jobs that fall due with those that are submitted', async () => {
    const all = passing();
    await looked(all);
    expect(all.backlogs.allowance).toEqual({ byQueue: new Map(), others: 16 });
    all.backlogs.took([message('flooded', 10)]);
    expect(all.backlogs.allowance.byQueue.get('flooded')).toBe(6);
    expect(flood(all, 100)).toBe(6);
    await all.pass.close();
  });

  test('looks at once when a flood went to the room of a queue that was short, and not for a queue that is known to be long', async () => {
    const all = passing();
    await looked(all);
    flood(all, 100);
    all.pass.waiting(false);
    await turns();
    expect(all.state.looks).toBe(2);
    all.state.waiting = ['flooded'];
    await all.clock.advance(250);
    flood(all, 100);
    all.pass.waiting(false);
    await turns();
    expect(all.state.looks).toBe(3);
    await all.pass.close();
  });

  test('keeps nothing from the outbox while RabbitMQ is away, at once, so that the bound of its rows is reached', async () => {
    const all = passing();
    await looked(all);
    expect(flood(all, 100)).toBe(16);
    all.state.canPublish = false;
    expect(flood(all, 100)).toBe(100);
    all.state.canPublish = true;
    expect(flood(all, 100)).toBe(0);
    await all.pass.close();
  });

  test('keeps nothing from a queue whose length it cannot read', async () => {
    const all = passing();
    all.backlogs.published(message('dark'));
    all.state.ready.set('dark', null);
    await looked(all);
    expect(flood(all, 1_000, 'dark')).toBe(1_000);
    await all.pass.close();
  });
});
