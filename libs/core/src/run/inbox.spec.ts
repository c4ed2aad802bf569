import type { PublishId } from '../job/job.js';
import type { Delivery } from './delivery.js';
import { FakeWakeUp, ManualClock, RecordingLogger, turns } from '../testing/index.js';
import { Inbox } from './inbox.js';

const WAIT_MS = 1_000;
/** Longer than a job may wait, and long enough for the look that notices. */
const TOO_LONG_MS = 1_500;
const SEVERAL_WAIT_MS = 30_000;
const HEAVY = 'heavy.job';

/** An inbox whose jobs run until the test ends them. */
function receiving(concurrency = 2) {
  const clock = new ManualClock();
  const running = new Map<string, { delivery: Delivery; slotFreed: () => void; end: (again?: boolean) => void }>();
  const held = new Set<string>();
  const putBack: string[][] = [];
  const heldBack: string[][] = [];
  const paused = { queues: new Set<string>(), kinds: new Set<string>() };
  const store: { error: Error | undefined; queued: (id: string) => boolean } = { error: undefined, queued: () => true };
  const state = { credits: [] as number[], unguarded: 0 };
  const inbox: Inbox = new Inbox({
    runner: {
      holds: (id) => held.has(id) || running.has(id),
      turnAway: () => undefined,
      unguarded: () => state.unguarded,
      handle: (delivery, slotFreed = () => undefined) =>
        new Promise((resolve) => {
          const end = (again = false) => {
            running.delete(delivery.jobId);
            resolve(again);
          };
          running.set(delivery.jobId, { delivery, slotFreed, end });
        }),
    },
    store: {
      putBack: async (ids) => {
        if (store.error) throw store.error;
        const queued = ids.filter((id) => store.queued(id));
        putBack.push(queued);
        return queued;
      },
      holdBack: async (ids) => {
        if (store.error) throw store.error;
        const queued = ids.filter((id) => store.queued(id));
        heldBack.push(queued);
        return queued;
      },
    },
    paused: {
      get any() {
        return paused.queues.size + paused.kinds.size > 0;
      },
      queue: (name) => paused.queues.has(name),
      kind: (name) => paused.kinds.has(name),
    },
    publishDeadLetter: async () => undefined,
    creditChanged: async () => void state.credits.push(inbox.credit('default')),
    putBack: () => undefined,
    clock,
    logger: new RecordingLogger(),
    slotsOf: (kind) => (kind === HEAVY ? 3 : 1),
    config: { concurrency, waitMs: WAIT_MS, severalWaitMs: SEVERAL_WAIT_MS },
  });
  inbox.open(new Set(['default']));
  const succeed = async (id: string) => {
    const job = running.get(id);
    job?.delivery.accept();
    job?.end();
    await turns();
  };
  const pause = (what: 'queues' | 'kinds', name: string, on = true) => {
    if (on) paused[what].add(name);
    else paused[what].delete(name);
    inbox.pausesChanged();
  };
  return { inbox, clock, running, held, putBack, heldBack, pause, store, state, succeed, begun: () => [...running.keys()] };
}

describe('the inbox', () => {
  test('begins as many jobs as there are slots, in order, and the next when one has ended', async () => {
    const { inbox, succeed, begun } = receiving(2);
    inbox.receive(new FakeWakeUp(['a', 'b', 'c']));
    inbox.receive(new FakeWakeUp(['d']));
    expect(begun()).toEqual(['a', 'b']);
    expect(inbox.size).toBe(2);
    await succeed('a');
    expect(begun()).toEqual(['b', 'c']);
    await succeed('b');
    expect(begun()).toEqual(['c', 'd']);
  });

  test('begins the next job when a slot is free, though the outcome of the last is still to be written; at most as many again', async () => {
    const { inbox, running, begun } = receiving(1);
    inbox.receive(new FakeWakeUp(['a', 'b', 'c']));
    running.get('a')?.slotFreed();
    expect(begun()).toEqual(['a', 'b']);
    running.get('b')?.slotFreed();
    expect(begun()).toEqual(['a', 'b']);
  });

  describe('given a job that was handed on to this process', () => {
    const own = (id: string, queue = 'default') => new FakeWakeUp([id], `row of ${id}` as PublishId, queue);

    /** An inbox whose queue has been seen to have short jobs. */
    async function busy(slots: number) {
      const receiver = receiving(slots);
      receiver.inbox.receive(new FakeWakeUp(['short']));
      await receiver.succeed('short');
      return receiver;
    }

    test('begins it in a free slot, though the broker has not sent it, and sees it through', async () => {
      const { inbox, running, begun, succeed } = await busy(1);
      const message = own('a');
      expect(inbox.handOn(message)).toBe(true);
      expect(begun()).toEqual(['a']);
      expect(running.get('a')?.delivery.publishId).toBe('row of a');
      await succeed('a');
      expect(message.disposition).toBe('accepted');
    });

    test('leaves it to the broker while no slot is free, and while another job waits for one', async () => {
      const { inbox, begun, running } = await busy(1);
      inbox.receive(new FakeWakeUp(['a', 'b']));
      expect(inbox.handOn(own('c'))).toBe(false);
      running.get('a')?.slotFreed();
      expect(inbox.handOn(own('c'))).toBe(false);
      expect(begun()).toEqual(['a', 'b']);
    });

    test('leaves it to the broker where something is paused, where its queue is not consumed, and where the job is in hand already', async () => {
      const { inbox, pause, held, begun } = await busy(2);
      pause('kinds', 'other.job');
      expect(inbox.handOn(own('a'))).toBe(false);
      pause('kinds', 'other.job', false);
      expect(inbox.handOn(own('a', 'unknown'))).toBe(false);
      held.add('a');
      expect(inbox.handOn(own('a'))).toBe(false);
      inbox.keep(new Set());
      expect(inbox.handOn(own('b'))).toBe(false);
      expect(begun()).toEqual([]);
    });

    test('leaves it to the broker where jobs take long: the row of a job that runs for more than a second guards it no more, and only the sweep would find it', async () => {
      const { inbox, clock, succeed } = receiving(1);
      for (let number = 0; number < 30; number++) {
        inbox.receive(new FakeWakeUp(['long']));
        await clock.advance(2_000);
        await succeed('long');
      }
      expect(inbox.handOn(own('a'))).toBe(false);
    });
  });

  test('needs no slot for a job that is in hand: its copy is adopted', () => {
    const { inbox, held, begun } = receiving(1);
    inbox.receive(new FakeWakeUp(['a']));
    held.add('b');
    inbox.receive(new FakeWakeUp(['b', 'c']));
    expect(begun()).toEqual(['a', 'b']);
    expect(inbox.size).toBe(1);
  });

  test('takes a copy that has waited beside an attempt before all others, and in a slot', async () => {
    const { inbox, running, held, begun, succeed } = receiving(1);
    held.add('a');
    inbox.receive(new FakeWakeUp(['a']));
    held.clear();
    inbox.receive(new FakeWakeUp(['b', 'c']));
    running.get('a')?.end(true);
    await turns();
    expect(begun()).toEqual(['b']);
    await succeed('b');
    expect(begun()).toEqual(['a']);
  });

  test('forgets what waits of a message whose channel is lost, for it comes again', async () => {
    const { inbox, succeed, begun } = receiving(1);
    const lost = new FakeWakeUp(['b', 'c']);
    inbox.receive(new FakeWakeUp(['a']));
    inbox.receive(lost);
    inbox.receive(new FakeWakeUp(['d']));
    lost.lose();
    await succeed('a');
    expect(begun()).toEqual(['d']);
  });
});

describe('a job that waits too long for a slot', () => {
  test('goes back into the outbox, and its message is accepted when the others of it have ended', async () => {
    const { inbox, clock, putBack, succeed } = receiving(1);
    const message = new FakeWakeUp(['a', 'b', 'c']);
    inbox.receive(message);
    await clock.advance(TOO_LONG_MS);
    expect(putBack).toEqual([['b', 'c']]);
    expect(inbox.size).toBe(0);
    expect(message.disposition).toBeUndefined();
    await succeed('a');
    expect(message.disposition).toBe('accepted');
  });

  test('stays if it is not queued: its copy may have to take it over, or announce it', async () => {
    const { inbox, clock, putBack, store, succeed, begun } = receiving(1);
    store.queued = (id) => id !== 'c';
    inbox.receive(new FakeWakeUp(['a', 'b', 'c']));
    await clock.advance(TOO_LONG_MS);
    expect(putBack).toEqual([['b']]);
    await succeed('a');
    expect(begun()).toEqual(['c']);
  });

  test('waits on while the store cannot be had', async () => {
    const { inbox, clock, putBack, store, succeed, begun } = receiving(1);
    store.error = new Error('away');
    const message = new FakeWakeUp(['a', 'b']);
    inbox.receive(message);
    await clock.advance(TOO_LONG_MS);
    expect(putBack).toEqual([]);
    await succeed('a');
    expect(begun()).toEqual(['b']);
    await succeed('b');
    expect(message.disposition).toBe('accepted');
  });
});

describe('a job that takes several slots', () => {
  const heavy = (ids: string[]) => new FakeWakeUp(ids, 'copy' as FakeWakeUp['publishId'], 'default', HEAVY);

  test('begins when so many are free, and leaves the others to the jobs after it', async () => {
    const { inbox, succeed, begun } = receiving(4);
    for (const message of [heavy(['a']), new FakeWakeUp(['b', 'c']), heavy(['d'])]) inbox.receive(message);
    expect(begun()).toEqual(['a', 'b']);
    await succeed('a');
    expect(begun()).toEqual(['b', 'c']);
    await succeed('c');
    expect(begun()).toEqual(['b', 'd']);
  });

  test('is passed by none of the smaller ones that come after it, though slots are free for them', async () => {
    const { inbox, clock, putBack, succeed, begun } = receiving(4);
    inbox.receive(new FakeWakeUp(['a', 'b']));
    inbox.receive(heavy(['c']));
    inbox.receive(new FakeWakeUp(['d']));
    await clock.advance(TOO_LONG_MS);
    expect([begun(), putBack]).toEqual([['a', 'b'], [['d']]]);
    inbox.receive(new FakeWakeUp(['e']));
    await succeed('b');
    expect(begun()).toEqual(['a', 'c']);
  });

  test('goes back into the outbox when it has waited for long as the first, or for a second behind others', async () => {
    const { inbox, clock, putBack, begun } = receiving(3);
    inbox.receive(new FakeWakeUp(['a', 'b', 'c']));
    inbox.receive(new FakeWakeUp(['d']));
    inbox.receive(heavy(['e']));
    await clock.advance(TOO_LONG_MS);
    expect(putBack).toEqual([['d', 'e']]);
    inbox.receive(heavy(['f']));
    await clock.advance(SEVERAL_WAIT_MS - 500);
    expect(putBack).toHaveLength(1);
    await clock.advance(TOO_LONG_MS);
    expect([putBack.at(-1), begun()]).toEqual([['f'], ['a', 'b', 'c']]);
  });

  test('needs no more than one where there are fewer than it takes: it cannot run there, and is put off', () => {
    const { inbox, begun } = receiving(2);
    inbox.receive(heavy(['a']));
    inbox.receive(new FakeWakeUp(['b']));
    expect(begun()).toEqual(['a', 'b']);
  });
});

describe('what has not begun when its queue is not consumed any more', () => {
  test('is released with its message, which keeps its place in the queue', () => {
    const { inbox } = receiving(1);
    const [first, second] = [new FakeWakeUp(['a']), new FakeWakeUp(['b', 'c'])];
    inbox.receive(first);
    inbox.receive(second);
    inbox.keep(new Set());
    expect([first.disposition, second.disposition]).toEqual([undefined, 'released']);
  });

  test('goes back into the outbox where others of its message run', async () => {
    const { inbox, putBack, succeed } = receiving(1);
    const message = new FakeWakeUp(['a', 'b']);
    inbox.receive(message);
    inbox.keep(new Set());
    await turns();
    expect(putBack).toEqual([['b']]);
    await succeed('a');
    expect(message.disposition).toBe('accepted');
  });

  test('is released where the store cannot be had: the message comes again when the others have ended', async () => {
    const { inbox, store, succeed } = receiving(1);
    store.error = new Error('away');
    const message = new FakeWakeUp(['a', 'b']);
    inbox.receive(message);
    inbox.turnAway(true);
    await turns();
    await succeed('a');
    expect(message.disposition).toBe('released');
  });

  test('begins again only when its queue is opened', () => {
    const { inbox, begun } = receiving(1);
    inbox.turnAway(true);
    const away = new FakeWakeUp(['a']);
    inbox.receive(away);
    inbox.turnAway(false);
    inbox.open(new Set(['default']));
    inbox.receive(new FakeWakeUp(['b']));
    expect([away.disposition, begun()]).toEqual(['released', ['b']]);
  });
});

describe('a pause', () => {
  const OTHER = ['copy', 'default', 'other.job'] as const;
  const other = (ids: string[]) => new FakeWakeUp(ids, OTHER[0] as FakeWakeUp['publishId'], OTHER[1], OTHER[2]);

  test('of a kind gives back what has not begun of it, at once, and leaves the other kinds of the queue alone', async () => {
    const { inbox, heldBack, pause, succeed, begun } = receiving(1);
    const [message, mine] = [other(['a', 'b', 'c']), new FakeWakeUp(['d'])];
    inbox.receive(message);
    inbox.receive(mine);
    pause('kinds', 'other.job');
    await turns();
    expect([heldBack, message.disposition, begun(), inbox.size]).toEqual([[['b', 'c']], undefined, ['a'], 1]);
    await succeed('a');
    expect([message.disposition, begun()]).toEqual(['accepted', ['d']]);
  });

  test('of a kind holds back what comes while it lasts, and nothing after it', async () => {
    const { inbox, heldBack, pause, begun } = receiving(2);
    pause('kinds', 'other.job');
    const message = other(['a', 'b']);
    inbox.receive(message);
    await turns();
    expect([heldBack, message.disposition, begun()]).toEqual([[['a', 'b']], 'accepted', []]);
    pause('kinds', 'other.job', false);
    inbox.receive(other(['c']));
    expect(begun()).toEqual(['c']);
  });

  test('of a kind handles a job of it that is not queued, for its copy may have to take it over, or announce it', async () => {
    const { inbox, store, pause, begun } = receiving(2);
    store.queued = (id) => id !== 'b';
    pause('kinds', 'other.job');
    inbox.receive(other(['a', 'b']));
    await turns();
    expect(begun()).toEqual(['b']);
  });

  test('of a kind begins nothing while the store cannot be had, and holds back when it can be', async () => {
    const { inbox, clock, store, heldBack, pause, begun } = receiving(2);
    store.error = new Error('away');
    pause('kinds', 'other.job');
    const message = other(['a']);
    inbox.receive(message);
    await clock.advance(2_000);
    expect([begun(), message.disposition]).toEqual([[], undefined]);
    store.error = undefined;
    await clock.advance(500);
    expect([heldBack, message.disposition]).toEqual([[['a']], 'accepted']);
  });

  test('of a kind releases what could not be held back when the worker drains', async () => {
    const { inbox, clock, store, pause } = receiving(2);
    store.error = new Error('away');
    pause('kinds', 'other.job');
    const message = other(['a']);
    inbox.receive(message);
    await turns();
    inbox.turnAway(true);
    await clock.advance(500);
    expect(message.disposition).toBe('released');
  });

  test('of a queue begins nothing of it from then on, though its consumer is not cancelled yet; resumed, it goes on', async () => {
    const { inbox, pause, succeed, begun } = receiving(1);
    inbox.receive(new FakeWakeUp(['a', 'b']));
    pause('queues', 'default');
    inbox.receive(new FakeWakeUp(['c']));
    await succeed('a');
    expect(begun()).toEqual([]);
    pause('queues', 'default', false);
    expect(begun()).toEqual(['b']);
  });
});

describe('the credit that the broker gets', () => {
  const messages = (count: number) => Array.from({ length: count }, (_, index) => new FakeWakeUp([`job ${index}`]));

  test('grows until messages of one job each fill all slots, and not beyond', () => {
    const { inbox, state } = receiving(10);
    expect(inbox.credit('default')).toBe(2);
    for (const message of messages(10)) inbox.receive(message);
    expect(state.credits.at(-1)).toBe(10);
    expect(inbox.credit('default')).toBe(10);
  });

  test('shrinks when messages of one job are followed by messages of many, and stays then', async () => {
    const { inbox, running, state, succeed, begun } = receiving(10);
    for (const message of messages(10)) inbox.receive(message);
    for (const id of begun()) await succeed(id);
    expect(inbox.credit('default')).toBe(10);
    const jobsOf = (name: number) => Array.from({ length: 64 }, (_, index) => `${name}.${index}`);
    for (let name = 0; name < 10; name++) inbox.receive(new FakeWakeUp(jobsOf(name)));
    const shrunk = inbox.credit('default');
    expect(shrunk).toBeLessThanOrEqual(3);
    const changes = state.credits.length;
    // As many as are done come again, as the broker sends them.
    for (let name = 10; name < 40; name++) {
      for (let done = 0; done < 64; done++) await succeed([...running.keys()][0] ?? '');
      if (inbox.size < 64 * shrunk) inbox.receive(new FakeWakeUp(jobsOf(name)));
    }
    expect(state.credits.length - changes).toBeLessThanOrEqual(1);
  });

  test('does not grow while the broker may send more than it has', () => {
    const { inbox, state } = receiving(10);
    inbox.receive(new FakeWakeUp(['a']));
    expect(state.credits).toEqual([]);
  });

  test('leaves out the slots of jobs that run without an open message', () => {
    const { inbox, state } = receiving(10);
    state.unguarded = 9;
    expect(inbox.credit('default')).toBe(1);
    state.unguarded = 10;
    expect(inbox.credit('default')).toBe(0);
  });

  test('shrinks to what is at work when something has waited too long, and grows again when a slot is free', async () => {
    const { inbox, clock, succeed } = receiving(2);
    inbox.receive(new FakeWakeUp(['a']));
    inbox.receive(new FakeWakeUp(['b', 'c', 'd']));
    await clock.advance(TOO_LONG_MS);
    expect(inbox.credit('default')).toBe(2);
    inbox.receive(new FakeWakeUp(['e']));
    await clock.advance(TOO_LONG_MS);
    expect(inbox.credit('default')).toBe(2);
    await succeed('a');
    await succeed('b');
    const openBefore = inbox.credit('default');
    expect(openBefore).toBeGreaterThan(0);
  });
});
