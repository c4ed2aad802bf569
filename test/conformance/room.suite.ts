import { type JobId, type JobMessage, jsonText, type NewJob, type WorkerId } from '@app/core';
import { jobsOf } from '@app/core/testing';
import { aJob, copy, LEASE_SECONDS, type StoreWorld, token } from './store-world.js';

const HIDE_SECONDS = 30;

/** What every waiting room has to do, with the store around it; runs on the simulated store and on PostgreSQL. */
export function roomSuite(makeWorld: () => Promise<StoreWorld>): void {
  let world: StoreWorld;
  let me: WorkerId;
  let tests = 0;
  let one: string;
  let two: string;
  const made: JobId[] = [];

  beforeAll(async () => {
    world = await makeWorld();
    me = await world.workers.register({ name: 'w', concurrency: 10, queues: [] }, LEASE_SECONDS);
    await world.holdLock(me, true);
  });
  afterAll(() => world.close());
  // Keys are of one test, for jobs of the one before may have slots still; jobs that wait would come out in the next.
  beforeEach(() => {
    tests++;
    one = `one-${String(tests)}`;
    two = `two-${String(tests)}`;
  });
  afterEach(async () => {
    for (const id of made.splice(0)) await world.control.cancel(id);
  });

  const release = async (jobs: number): Promise<JobMessage[]> => (await world.room.release([{ queue: 'default', jobs }], HIDE_SECONDS)) ?? [];
  const released = async (jobs: number): Promise<JobId[]> => (await release(jobs)).flatMap(jobsOf);

  /** Jobs that wait for their turn, in this order. */
  async function waiting(...jobs: Partial<NewJob>[]): Promise<JobId[]> {
    const ids: JobId[] = [];
    for (const more of jobs) {
      const job = aJob({ ...more, waits: true });
      await world.submissions.submit([job]);
      ids.push(job.id);
      made.push(job.id);
    }
    return ids;
  }

  async function claim(jobId: JobId) {
    const lease = { jobId, publishId: copy(), token: token() };
    const [answer] = await world.attempts.claim(me, [lease]);
    return { ...lease, answer };
  }

  async function succeed(jobId: JobId) {
    const { token: held, answer } = await claim(jobId);
    expect(answer?.claimed).toMatchObject({ id: jobId });
    const [settled] = await world.attempts.settle([{ jobId, token: held, event: 'succeeded', announce: false, result: jsonText(1) }]);
    return settled;
  }

  const limited = (...limitKeys: string[]): Partial<NewJob> => ({ limitKeys });

  describe('without limits', () => {
    test('a job that waits has a place and nothing in the outbox; released it has a row there, hidden, and no place', async () => {
      const [id] = (await waiting({})) as [JobId];
      expect(await world.row(id)).toMatchObject({ state: 'queued', place: 'ready', outbox: [] });
      expect((await world.room.look(['default'])).waiting).toContain('default');
      expect(await released(1)).toEqual([id]);
      expect(await world.row(id)).toMatchObject({ state: 'queued', place: null, outbox: ['job'] });
      expect((await world.outbox.take(1_000, 60)).flatMap(jobsOf)).not.toContain(id);
      await world.elapse(HIDE_SECONDS + 1);
      expect((await world.outbox.take(1_000, 60)).flatMap(jobsOf)).toContain(id);
    });

    test('the highest priority leaves first, and of one priority the oldest', async () => {
      const ids = await waiting({ priority: 1 }, { priority: 9 }, { priority: 4 }, { priority: 9 });
      const order = [];
      for (let left = ids.length; left > 0; left--) order.push(...(await released(1)));
      expect(order).toEqual([1, 3, 2, 0].map((index) => ids[index]));
    });

    test('no more leave than are asked for, and none of a queue that nobody asked for', async () => {
      const ids = await waiting({}, {}, {});
      expect(await released(2)).toEqual(ids.slice(0, 2));
      expect(await world.room.release([{ queue: 'other', jobs: 10 }], HIDE_SECONDS)).toEqual([]);
      expect(await world.row(ids[2] as JobId)).toMatchObject({ place: 'ready' });
    });

    test('a job that is cancelled while it waits leaves no place, and is never released', async () => {
      const [first, second] = (await waiting({}, {})) as [JobId, JobId];
      await world.control.cancel(first);
      expect(await world.row(first)).toMatchObject({ state: 'cancelled', place: null });
      expect(await released(10)).toEqual([second]);
    });

    test('a released job is claimed like any other', async () => {
      const [id] = (await waiting({})) as [JobId];
      await release(1);
      expect((await claim(id)).answer?.claimed).toMatchObject({ id, attempt: 1 });
    });
  });

  describe('with limits', () => {
    test('as many leave as there are slots, each with its slot; the others are parked', async () => {
      await world.limits.put(one, 2);
      const ids = (await waiting(limited(one), limited(one), limited(one))) as [JobId, JobId, JobId];
      expect(await released(10)).toEqual(ids.slice(0, 2));
      expect(await world.row(ids[0])).toMatchObject({ place: null, slots: [one] });
      expect(await world.row(ids[2])).toMatchObject({ place: one, slots: [], outbox: [] });
    });

    test('a job that is parked keeps no other of its queue from its turn', async () => {
      await world.limits.put(one, 1);
      const [first, parked, free] = (await waiting(limited(one), limited(one), {})) as [JobId, JobId, JobId];
      expect((await released(10)).toSorted()).toEqual([first, free].toSorted());
      expect(await world.row(parked)).toMatchObject({ place: one });
    });

    test('a slot goes with the settlement to the first that is parked on it', async () => {
      await world.limits.put(one, 1);
      const [first, second, third] = (await waiting(limited(one), limited(one), limited(one))) as [JobId, JobId, JobId];
      await release(10);
      const { slots } = (await succeed(first)) ?? {};
      expect(slots?.handedOn.flatMap(jobsOf)).toEqual([second]);
      expect(await world.row(first)).toMatchObject({ slots: [] });
      expect(await world.row(second)).toMatchObject({ place: null, slots: [one], outbox: ['job'] });
      expect(await world.row(third)).toMatchObject({ place: one, slots: [] });
    });

    test('a cancel gives the slot back, and the next look and release pass it on', async () => {
      await world.limits.put(one, 1);
      const [first, second] = (await waiting(limited(one), limited(one))) as [JobId, JobId];
      await release(10);
      await world.control.cancel(first);
      expect(await world.row(first)).toMatchObject({ state: 'cancelled', slots: [] });
      await world.room.look(['default']);
      expect(await released(10)).toEqual([second]);
    });

    test('a job with two limits leaves only with a slot of both', async () => {
      await world.limits.put(one, 1);
      await world.limits.put(two, 1);
      const [holder, both] = (await waiting(limited(two), limited(one, two))) as [JobId, JobId];
      expect(await released(10)).toEqual([holder]);
      expect(await world.row(both)).toMatchObject({ slots: [] });
      await succeed(holder);
      await world.room.look(['default']);
      await release(10);
      expect(await world.row(both)).toMatchObject({ place: null, slots: [one, two] });
    });

    test('a job is not claimed without its slot, and gets a place where it has none', async () => {
      await world.limits.put(one, 1);
      const [first, second] = (await waiting(limited(one), limited(one))) as [JobId, JobId];
      await release(10);
      expect((await claim(second)).answer).toMatchObject({ claimed: null });
      expect((await claim(first)).answer?.claimed).toMatchObject({ id: first });
      await world.attempts.awaitTurn(second);
      expect(await world.row(second)).toMatchObject({ state: 'queued', slots: [] });
      expect((await world.row(second)).place).not.toBeNull();
    });

    test('a limit that is deleted holds nobody: what was parked on it leaves, and is claimed without a slot', async () => {
      await world.limits.put(one, 1);
      const [, parked] = (await waiting(limited(one), limited(one))) as [JobId, JobId];
      await release(10);
      await world.limits.remove(one);
      await world.room.look(['default']);
      expect(await released(10)).toEqual([parked]);
      expect((await claim(parked)).answer?.claimed).toMatchObject({ id: parked });
    });

    test('a limit that is lowered takes no slot away, and lets nobody in until fewer hold one', async () => {
      await world.limits.put(one, 2);
      const [first, second, third] = (await waiting(limited(one), limited(one), limited(one))) as [JobId, JobId, JobId];
      await release(10);
      await world.limits.put(one, 1);
      expect((await succeed(first))?.slots?.handedOn ?? []).toEqual([]);
      await world.room.look(['default']);
      expect(await released(10)).toEqual([]);
      expect((await succeed(second))?.slots?.handedOn.flatMap(jobsOf) ?? []).toEqual([third]);
    });

    test('a job that fails and is tried again gives its slot back meanwhile', async () => {
      await world.limits.put(one, 1);
      const [first] = (await waiting(limited(one))) as [JobId];
      await release(10);
      const { token: held } = await claim(first);
      const error = { code: 'handler_error', name: 'Error', message: 'no', attempt: 1, at: '2026-01-01T00:00:00.000Z' };
      await world.attempts.settle([{ jobId: first, token: held, event: 'retried', announce: false, error, delayMs: 60_000 }]);
      expect(await world.row(first)).toMatchObject({ state: 'scheduled', slots: [] });
    });
  });
}
