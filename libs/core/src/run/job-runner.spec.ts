import type { JobContext } from '../job/job-context.js';
import type { Job, JobId, JsonValue, LeaseToken, PublishId, WorkerId } from '../job/job.js';
import { jsonText } from '../job/json-text.js';
import type { ClaimedJob } from './attempt-store.js';
import type { Handlers } from './handlers.js';
import { FakeDelivery, impatientClock, MemoryAttempts, MemoryTransactions, RecordingLogger, samplePolicy, turns } from '../testing/index.js';
import { JobRunner } from './job-runner.js';

type Run = (payload: JsonValue, context: JobContext<string>) => Promise<JsonValue>;

function running(run: Run = async () => null, paused = new Set<string>()) {
  const store = new MemoryAttempts();
  const announced: Job[] = [];
  const deafness = { on: false, to: new Set<JobId>() };
  const handlers: Handlers<string> = {
    names: () => ['test.job'],
    policy: (kind) => (kind === 'test.job' ? samplePolicy() : undefined),
    validate: () => [],
    run: (_kind, payload, context) => run(payload, context),
  };
  const runner = new JobRunner<string>({
    store,
    transactions: new MemoryTransactions(),
    handlers,
    announce: async (jobs) => {
      if (deafness.on) throw new Error('refused');
      const told = jobs.filter(({ id }) => !deafness.to.has(id));
      announced.push(...told);
      return new Map([...deafness.to].map((id) => [id, new Error('refused')]));
    },
    announceFromOutbox: true,
    slotsChanged: async () => undefined,
    paused: { kind: (name) => paused.has(name) },
    clock: impatientClock(),
    logger: new RecordingLogger(),
    random: () => 0.5,
    workerId: () => 1 as WorkerId,
    config: {
      handoverMs: 60_000,
      graceMs: 1_000,
      parkMs: 10,
      parkLimitMs: 50,
      unknownKindDelayMs: 30_000,
      unknownKindGiveUpMs: 3_600_000,
      maxBatch: 100,
      maxAside: 1,
    },
  });
  return { store, runner, announced, deafness };
}

/** A handler that runs until the test says so. */
function gate() {
  const opens: (() => void)[] = [];
  const run: Run = () => new Promise((resolve) => opens.push(() => resolve(null)));
  return { run, started: () => opens.length, open: () => opens.shift()?.() };
}

const copy = (id: string) => id as PublishId;

/** A runner whose handler is at work on a job, under the copy `a`. */
async function atWork() {
  const handler = gate();
  const { store, runner } = running(handler.run);
  const { id } = store.put();
  const first = new FakeDelivery(id, copy('a'));
  const handling = runner.handle(first);
  await turns();
  return { handler, store, runner, id, first, handling };
}

describe('the job runner', () => {
  test('does not run a job whose payload cannot be read for want of its key, charges it no attempt, and looks again later', async () => {
    const payloads: JsonValue[] = [];
    const { store, runner } = running(async (payload) => payloads.push(payload));
    const { id } = store.put();
    const claim = store.claim.bind(store);
    store.claim = async (...request) => {
      const answers = await claim(...request);
      for (const { claimed } of answers) if (claimed) claimed.unreadable = 'expected LONGHAUL_SECRET_KEYS to have the key 2026';
      return answers;
    };
    await runner.handle(new FakeDelivery(id, copy('a')));
    expect(payloads).toEqual([]);
    expect(store.settled).toMatchObject([
      { event: 'snoozed', interrupted: true, error: { code: 'platform_unavailable', message: 'expected LONGHAUL_SECRET_KEYS to have the key 2026' } },
    ]);
    expect(await store.find(id)).toMatchObject({ state: 'scheduled', attempt: 0 });
  });

  test('starts no job of a paused kind: it waits for its turn, and its copy is accepted', async () => {
    const paused = new Set(['test.job']);
    const { store, runner } = running(undefined, paused);
    const { id } = store.put();
    const delivery = new FakeDelivery(id, copy('a'));
    await runner.handle(delivery);
    expect([delivery.disposition, (await store.find(id))?.state]).toEqual(['accepted', 'queued']);
    paused.clear();
    await runner.handle(new FakeDelivery(id, copy('b')));
    expect((await store.find(id))?.state).toBe('succeeded');
  });

  test('announces a job of a paused kind that has ended', async () => {
    const { store, runner, announced } = running(undefined, new Set(['test.job']));
    const { id } = store.put({ state: 'succeeded' }, { publishId: copy('a') });
    await runner.handle(new FakeDelivery(id, copy('a')));
    expect(announced.map((job) => job.id)).toEqual([id]);
  });

  test('lets a job that has crashed a worker run beside the slots, so that nothing new waits for its process to boot', async () => {
    const { run, started, open } = gate();
    const { store, runner } = running(run);
    const deliveries = [1, 2].map((n) => new FakeDelivery(store.put({}, { crashes: n }).id, copy(`suspect-${String(n)}`)));
    const handled = deliveries.map((delivery) => runner.handle(delivery));
    await turns();
    expect(started()).toBe(2);
    // One stands aside, and the broker may fill its slot; the next takes a slot as any other job does.
    expect(deliveries.map(({ disposition }) => disposition)).toEqual(['accepted', undefined]);
    expect([runner.aside, runner.unguarded('default')]).toEqual([1, 0]);
    open();
    open();
    await Promise.all(handled);
    expect(deliveries.map(({ disposition }) => disposition)).toEqual(['accepted', 'accepted']);
    expect(runner.aside).toBe(0);
  });

  test('runs a delivered job, announces its outcome, and only then accepts the delivery', async () => {
    const { store, runner, announced } = running();
    const { id } = store.put();
    const announcedAtDisposition: number[] = [];
    const delivery = new FakeDelivery(id, copy('a'), 'test.job', () => announcedAtDisposition.push(announced.length));
    await runner.handle(delivery);
    expect(store.job(id).state).toBe('succeeded');
    expect(delivery.disposition).toBe('accepted');
    expect(announcedAtDisposition).toEqual([1]);
    expect(runner.size).toBe(0);
  });

  test('a copy that comes again after its channel was lost is adopted: nothing runs twice', async () => {
    const { handler, store, runner, id, first, handling } = await atWork();
    first.lose();
    const again = new FakeDelivery(id, copy('a'));
    await runner.handle(again);
    handler.open();
    await handling;
    expect(handler.started()).toBe(0);
    expect(again.disposition).toBe('accepted');
    expect(store.job(id)).toMatchObject({ state: 'succeeded', attempt: 1 });
  });

  test('a copy that somebody has doubled takes no slot for ever: each of its deliveries is settled, one of them guards', async () => {
    const { handler, store, runner, id, first, handling } = await atWork();
    const double = new FakeDelivery(id, copy('a'));
    await runner.handle(double);
    expect([first.disposition, double.disposition]).toEqual([undefined, 'accepted']);
    handler.open();
    await handling;
    expect(first.disposition).toBe('accepted');
    expect(store.job(id)).toMatchObject({ state: 'succeeded', attempt: 1 });
  });

  test('a claimed job whose former attempt is still on its way out has its slot, and its lease is known as in hand', async () => {
    const { handler, store, runner, id, handling } = await atWork();
    // Its outcome is written, and brought it back at once; this process has not heard the answer yet.
    Object.assign(store.row(id), { token: null, job: { ...store.job(id), state: 'queued' } });
    const [claimed] = await store.claimDue(1 as WorkerId, null, 1, false);
    const next = runner.runClaimed(claimed as ClaimedJob);
    await turns();
    expect([runner.slots, runner.size]).toEqual([2, 2]);
    expect(runner.tokens()).toContain(claimed?.token);
    handler.open();
    await handling;
    await turns();
    handler.open();
    await next;
    expect([runner.slots, runner.tokens()]).toEqual([0, []]);
  });

  test('another copy of a job that runs here is dropped', async () => {
    const { handler, runner, id, handling } = await atWork();
    const duplicate = new FakeDelivery(id, copy('b'));
    await runner.handle(duplicate);
    expect(duplicate.disposition).toBe('accepted');
    expect(handler.started()).toBe(1);
    handler.open();
    await handling;
  });

  test('another copy of a job whose lease was lost meanwhile is its wake-up: it is to be handled when the old attempt is out of the way', async () => {
    const handler = gate();
    const { store, runner } = running(handler.run);
    const { id } = store.put();
    const old = runner.handle(new FakeDelivery(id, copy('a')));
    await turns();
    // A sweeper took this worker for dead and put the job back; its new copy comes to this very worker.
    Object.assign(store.row(id), { token: null, job: { ...store.job(id), state: 'queued' } });
    const wakeUp = new FakeDelivery(id, copy('b'));
    const next = runner.handle(wakeUp);
    await turns();
    expect(wakeUp.disposition).toBeUndefined();
    handler.open();
    await old;
    expect(await next).toBe(true);
    const again = runner.handle(wakeUp);
    await turns();
    expect(handler.started()).toBe(1);
    handler.open();
    expect(await again).toBe(false);
    expect(wakeUp.disposition).toBe('accepted');
    expect(store.job(id)).toMatchObject({ state: 'succeeded', attempt: 2 });
  });

  test('a job of an unknown kind is held, not given back over and over, while the database is away', async () => {
    const { store, runner } = running();
    const { id } = store.put({ kind: 'other.kind' });
    store.faults.plan('defer', undefined, 3);
    const delivery = new FakeDelivery(id, copy('a'), 'other.kind');
    await runner.handle(delivery);
    expect(delivery.disposition).toBe('accepted');
    expect(store.job(id).state).toBe('scheduled');
  });

  test('a job of an unknown kind that had ended under this very copy is announced again', async () => {
    const { store, runner, announced } = running();
    const { id } = store.put({ kind: 'other.kind', state: 'succeeded' }, { publishId: copy('a') });
    const delivery = new FakeDelivery(id, copy('a'), 'other.kind');
    await runner.handle(delivery);
    expect(announced.map((job) => job.id)).toEqual([id]);
    expect(delivery.disposition).toBe('accepted');
  });

  test('a stop that is meant for an earlier attempt does not reach this one', async () => {
    const handler = gate();
    const { store, runner } = running((payload, context) => handler.run(payload, context).then(() => ({ stopped: context.signal.aborted })));
    const { id } = store.put();
    const handling = runner.handle(new FakeDelivery(id, copy('a')));
    await turns();
    runner.stopJob(id, 'an earlier token' as LeaseToken, 'lease_lost', 'late');
    handler.open();
    await handling;
    expect(store.job(id)).toMatchObject({ state: 'succeeded', result: '{"stopped":false}' });
  });

  test('a job of an unknown kind is put off and its delivery accepted', async () => {
    const { store, runner } = running();
    const { id } = store.put({ kind: 'other.kind' });
    const delivery = new FakeDelivery(id, copy('a'), 'other.kind');
    await runner.handle(delivery);
    expect(store.job(id).state).toBe('scheduled');
    expect(delivery.disposition).toBe('accepted');
  });

  test('a copy of a job that has limits and no slots is dropped, after the job has got a place in the waiting room', async () => {
    const { store, runner } = running();
    const { id } = store.put();
    store.slotless.add(id);
    store.faults.plan('awaitTurn');
    const delivery = new FakeDelivery(id, copy('a'));
    await runner.handle(delivery);
    expect(store.turns).toEqual([id]);
    expect(store.job(id).state).toBe('queued');
    expect(delivery.disposition).toBe('accepted');
  });

  test('a copy of the queue that a job has left is dropped, after the job has got a place in the waiting room', async () => {
    const { store, runner } = running();
    const { id } = store.put({ queue: 'elsewhere' });
    const delivery = new FakeDelivery(id, copy('a'));
    await runner.handle(delivery);
    expect(store.turns).toEqual([id]);
    expect(store.job(id)).toMatchObject({ state: 'queued', attempt: 0 });
    expect(delivery.disposition).toBe('accepted');
  });

  test('a copy whose owner lives is held for a while, then left to the lease', async () => {
    const { store, runner } = running();
    store.alive.add(7 as WorkerId);
    const { id } = store.put({ state: 'running', attempt: 1 }, { publishId: copy('a'), token: 'theirs' as LeaseToken, workerId: 7 as WorkerId });
    const delivery = new FakeDelivery(id, copy('a'));
    await runner.handle(delivery);
    expect(delivery.disposition).toBe('accepted');
    expect(store.row(id)).toMatchObject({ token: 'theirs', job: { state: 'running', attempt: 1 } });
  });

  test('an outcome event that nobody takes is left to the outbox, and the slot is free', async () => {
    const { store, runner, announced, deafness } = running();
    deafness.on = true;
    const { id } = store.put();
    const delivery = new FakeDelivery(id, copy('a'));
    await runner.handle(delivery);
    expect(announced).toEqual([]);
    expect(store.announcedLater).toEqual([id]);
    expect(delivery.disposition).toBe('accepted');
  });

  test('of outcomes that are told together, one that nobody takes is told again by itself, and left to the outbox in the end', async () => {
    const { store, runner, announced, deafness } = running();
    const jobs = [store.put(), store.put(), store.put()];
    const [, deaf] = jobs;
    if (deaf) deafness.to.add(deaf.id);
    const deliveries = jobs.map(({ id }) => new FakeDelivery(id, copy(id)));
    await Promise.all(deliveries.map((delivery) => runner.handle(delivery)));
    expect(announced.map(({ id }) => id).toSorted()).toEqual(
      jobs
        .filter((job) => job !== deaf)
        .map(({ id }) => id)
        .toSorted(),
    );
    expect(store.announcedLater).toEqual([deaf?.id]);
    expect(deliveries.map(({ disposition }) => disposition)).toEqual(['accepted', 'accepted', 'accepted']);
  });

  test('while turned away, what has not started goes back to the queue', async () => {
    const { store, runner } = running();
    const { id } = store.put();
    runner.turnAway(true);
    const delivery = new FakeDelivery(id);
    await runner.handle(delivery);
    expect(delivery.disposition).toBe('released');
    expect(store.job(id).state).toBe('queued');
  });

  test('a job that ended under this very copy is announced again', async () => {
    const { store, runner, announced } = running();
    const { id } = store.put({ state: 'failed', finishedAt: new Date() }, { publishId: copy('a') });
    const delivery = new FakeDelivery(id, copy('a'));
    await runner.handle(delivery);
    expect(announced.map((job) => job.id)).toEqual([id]);
    expect(delivery.disposition).toBe('rejected');
  });

  test('single-process mode: a job that was claimed again here waits for the attempt that lost its lease', async () => {
    const handler = gate();
    const { store, runner } = running(handler.run);
    const { id } = store.put();
    const [first] = await store.claimDue(1 as WorkerId, null, 1, false);
    if (!first) throw new Error('expected a job');
    const old = runner.runClaimed(first);
    await turns();
    Object.assign(store.row(id), { token: null, job: { ...store.job(id), state: 'queued' } });
    const [second] = await store.claimDue(1 as WorkerId, null, 1, false);
    if (!second) throw new Error('expected the job again');
    const next = runner.runClaimed(second);
    await turns();
    expect(handler.started()).toBe(1);
    handler.open();
    await old;
    await turns();
    expect(runner.size).toBe(1);
    handler.open();
    await next;
    expect(runner.size).toBe(0);
  });
});

describe('large payloads', () => {
  /** Deliveries of jobs with a payload of so many characters, and how many each statement has claimed. */
  function received(count: number, length: number) {
    const { store, runner } = running();
    const claims: number[] = [];
    const { claim } = store;
    store.claim = (worker, requests) => {
      claims.push(requests.length);
      return claim.call(store, worker, requests);
    };
    const payload = jsonText('x'.repeat(length));
    const deliveries = Array.from({ length: count }, (_, n) => new FakeDelivery(store.put({ payload }).id, copy(`large-${n}`)));
    return { store, claims, deliveries, handle: () => Promise.all(deliveries.map((delivery) => runner.handle(delivery))) };
  }

  test('are claimed by several statements, each of as many as it should carry; small ones by one', async () => {
    const large = received(20, 700_000);
    await large.handle();
    expect(large.claims).toEqual([8, 2, 2, 2, 2, 2, 2]);
    const small = received(60, 100);
    await small.handle();
    expect(small.claims).toEqual([8, 52]);
  });

  test('are not claimed while those that have run wait for the store', async () => {
    const { store, claims, deliveries, handle } = received(18, 1_100_000);
    const { settle } = store;
    let letGo!: () => void;
    const answers = new Promise<void>((resolve) => (letGo = resolve));
    store.settle = async (settlements, transaction) => {
      await answers;
      return settle.call(store, settlements, transaction);
    };
    const handled = handle();
    await turns();
    const claimed = () => claims.reduce((sum, count) => sum + count, 0);
    expect(claimed()).toBe(16);
    letGo();
    await handled;
    expect(claimed()).toBe(18);
    expect(deliveries.map(({ disposition }) => disposition)).toEqual(deliveries.map(() => 'accepted'));
  });
});
