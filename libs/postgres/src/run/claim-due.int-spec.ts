import { jsonText } from '@app/core';
import type { JobId, WorkerId } from '@app/core';
import { TestStore } from '../testing/test-store.js';

let store: TestStore;
let worker: WorkerId;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.clear();
  worker = await store.worker();
});

async function due(limit = 10, { queues = null, suspects = false }: { queues?: string[] | null; suspects?: boolean } = {}): Promise<JobId[]> {
  return (await store.attempts.claimDue(worker, queues, limit, suspects)).map(({ id }) => id);
}

describe('claiming what is due, without a broker,', () => {
  test('gives a running job with its lease, and takes its outbox row', async () => {
    const id = await store.queued({ payload: jsonText('p') });
    const [job] = await store.attempts.claimDue(worker, null, 10, false);
    expect(job).toMatchObject({ id, state: 'running', attempt: 1, fence: 1, payload: '"p"' });
    expect(await store.row(id)).toMatchObject({ worker_id: worker, lease_token: job?.token, publish_id: null });
    expect(await store.outboxOf(id)).toEqual([]);
    expect(await due()).toEqual([]);
  });

  test('tells how long a job has waited since it was due, and not since it was submitted (C37)', async () => {
    const [scheduled, queued] = [await store.queued({ delayMs: 3_600_000 }), await store.queued()];
    await store.query(`UPDATE jobs SET created_at = now() - interval '1 day'`);
    await store.query(`UPDATE jobs SET run_at = now() - interval '30 seconds' WHERE id = $1`, [scheduled]);
    await store.query(`UPDATE jobs SET queued_at = now() - interval '90 seconds' WHERE id = $1`, [queued]);
    await store.query('UPDATE outbox SET available_at = now()');
    const waited = new Map((await store.attempts.claimDue(worker, null, 10, false)).map(({ id, waitedSeconds }) => [id, Math.round(waitedSeconds ?? -1)]));
    expect([Number(waited.get(scheduled)) - 30, Number(waited.get(queued)) - 90].every((late) => late >= 0 && late < 20)).toBe(true);
  });

  test('takes the highest priority first and of one priority the oldest, up to the limit', async () => {
    const ids = await store.submit({ priority: 4 }, { priority: 9 }, { priority: 0 }, { priority: 4 });
    for (const [index, id] of ids.entries()) {
      await store.query(`UPDATE outbox SET available_at = now() - $2 * interval '1 second' WHERE job_ids[1] = $1`, [id, 10 - index]);
    }
    const [a, b, c, d] = ids;
    expect(await due(2)).toEqual(expect.arrayContaining([a, b]));
    expect(await due(1)).toEqual([d]);
    expect(await due(5)).toEqual([c]);
  });

  test('gives a job to exactly one of many that look at once', async () => {
    const ids = await store.submit(...Array.from({ length: 40 }, () => ({})));
    const taken = (await Promise.all(Array.from({ length: 8 }, () => due(10)))).flat();
    const rest = await due(40);
    expect([...taken, ...rest].toSorted()).toEqual(ids.toSorted());
  });

  test('passes over queues that are paused, and over those it was not asked for', async () => {
    await store.queues.ensure(['a', 'b', 'c']);
    const [a, b, c] = await store.submit({ queue: 'a' }, { queue: 'b' }, { queue: 'c' });
    await store.queues.setPaused('a', true);
    expect(await due(10, { queues: ['a', 'b'] })).toEqual([b]);
    expect(await due()).toEqual([c]);
    await store.queues.setPaused('a', false);
    expect(await due(10, { queues: ['b', 'c'] })).toEqual([]);
    expect(await due()).toEqual([a]);
  });

  test('a paused queue with many jobs does not stand before the others', async () => {
    await store.queues.ensure(['paused', 'open']);
    await store.submit(...Array.from({ length: 30 }, () => ({ queue: 'paused', priority: 9 })));
    const open = await store.queued({ queue: 'open', priority: 0 });
    await store.queues.setPaused('paused', true);
    expect(await due(5)).toEqual([open]);
  });

  test('passes over kinds that are paused, of which there may be many before the others', async () => {
    await store.submit(...Array.from({ length: 30 }, () => ({ kind: 'paused.kind', priority: 9 })));
    const open = await store.queued({ priority: 0 });
    await store.pauses.pause('paused.kind');
    expect(await due(5)).toEqual([open]);
    await store.pauses.resume('paused.kind');
    expect(await due(50)).toHaveLength(30);
  });

  test('takes jobs that have crashed a worker only when asked for suspects, and then no others', async () => {
    const innocent = await store.queued();
    const gone = await store.worker();
    const { id: suspect } = await store.running(gone);
    await store.query('DELETE FROM outbox WHERE job_ids[1] = $1', [suspect]);
    await store.workers.recover(gone);
    expect(await due(10, { suspects: true })).toEqual([suspect]);
    expect(await due()).toEqual([innocent]);
  });

  test('takes a scheduled job when its time has come, not before', async () => {
    const id = await store.queued({ delayMs: 60_000 });
    expect(await due()).toEqual([]);
    await store.query('UPDATE jobs SET run_at = now()');
    await store.query('UPDATE outbox SET available_at = now()');
    expect(await due()).toEqual([id]);
  });

  test('leaves a cancelled job alone, and the row of one that runs already', async () => {
    const [cancelled, taken] = (await store.submit({}, {})) as [JobId, JobId];
    await store.jobs.cancel(cancelled);
    const job = await store.claim(taken, await store.worker());
    expect(await due()).toEqual([]);
    expect(await store.row(taken)).toMatchObject({ lease_token: job.token, attempt: 1 });
    expect(await store.row(cancelled)).toMatchObject({ state: 'cancelled', attempt: 0 });
  });

  describe('for those that have waited longest,', () => {
    const oldest = async (limit: number, slots?: Parameters<typeof store.attempts.claimOldest>[3]) =>
      (await store.attempts.claimOldest(worker, null, limit, slots)).map(({ id }) => id);
    const waitingSince = (id: JobId | undefined, seconds: number) =>
      store.query(`UPDATE outbox SET available_at = now() - $2 * interval '1 second' WHERE job_ids[1] = $1`, [id, seconds]);

    test('takes them whatever their priority, of the outbox and of the waiting room, once', async () => {
      const [high, low] = await store.submit({ priority: 9 }, { priority: 0 });
      const [roomLow, roomHigh] = await store.submit({ priority: 1, waits: true }, { priority: 9, waits: true });
      await waitingSince(high, 10);
      await waitingSince(low, 40);
      await store.query(`UPDATE waiting_room SET entered_at = now() - interval '50 seconds' WHERE job_id = $1`, [roomLow]);
      await store.query(`UPDATE waiting_room SET entered_at = now() - interval '5 seconds' WHERE job_id = $1`, [roomHigh]);
      expect((await oldest(2)).toSorted()).toEqual([low, roomLow].toSorted());
      expect(await oldest(1)).toEqual([high]);
      expect(await oldest(5)).toEqual([roomHigh]);
      expect(await oldest(5)).toEqual([]);
      expect(await store.query('SELECT FROM waiting_room UNION ALL SELECT FROM outbox')).toEqual([]);
    });

    test('passes over what is paused, what is not due, and suspects', async () => {
      await store.queues.ensure(['paused']);
      await store.queues.setPaused('paused', true);
      await store.pauses.pause('paused.kind');
      const [, , , open] = await store.submit({ queue: 'paused' }, { kind: 'paused.kind' }, { delayMs: 60_000 }, { priority: 3 });
      const gone = await store.worker();
      const { id: suspect } = await store.running(gone);
      await store.query('DELETE FROM outbox WHERE job_ids[1] = $1', [suspect]);
      await store.workers.recover(gone);
      expect(await oldest(10)).toEqual([open]);
      await store.pauses.resume('paused.kind');
    });

    test('takes none before one that needs more slots than are free', async () => {
      const [heavy, light] = await store.submit({ kind: 'video.cut', priority: 0 }, { priority: 9 });
      await waitingSince(heavy, 40);
      await waitingSince(light, 10);
      const of = new Map([['video.cut', 3]]);
      expect(await oldest(2, { free: 2, of })).toEqual([]);
      expect((await oldest(2, { free: 4, of })).toSorted()).toEqual([heavy, light].toSorted());
    });

    test('gives a job to exactly one of many that look at once, beside claims in order', async () => {
      const ids = await store.submit(...Array.from({ length: 40 }, (_, index) => ({ priority: index % 10 })));
      const taken = (await Promise.all(Array.from({ length: 8 }, (_, index) => (index % 2 ? due(5) : oldest(5))))).flat();
      const rest = await due(40);
      expect([...taken, ...rest].toSorted()).toEqual(ids.toSorted());
    });
  });

  describe('where kinds take several slots,', () => {
    const HEAVY = 'video.cut';
    const inSlots = async (free: number, limit = 10) =>
      (await store.attempts.claimDue(worker, null, limit, false, { free, of: new Map([[HEAVY, 3]]) })).map(({ id }) => id);
    const inOrder = async (...ids: JobId[]) => {
      for (const [index, id] of ids.entries())
        await store.query(`UPDATE outbox SET available_at = now() - $2 * interval '1 second' WHERE job_ids[1] = $1`, [id, 60 - index]);
      return ids;
    };

    test('takes the first jobs that have their slots together, and nothing behind one that has not', async () => {
      const [light, heavy, behind] = await inOrder(...(await store.submit({}, { kind: HEAVY }, {})));
      expect(await inSlots(3)).toEqual([light]);
      expect(await inSlots(2)).toEqual([]);
      expect((await inSlots(4)).toSorted()).toEqual([heavy, behind].toSorted());
    });

    test('takes from the outbox first, and then from the waiting room, in one row', async () => {
      const [due] = await inOrder(...(await store.submit({})));
      const [heavy, last] = await store.submit({ kind: HEAVY, priority: 9, waits: true }, { waits: true });
      expect(await inSlots(3)).toEqual([due]);
      expect(await inSlots(2)).toEqual([]);
      expect((await inSlots(4)).toSorted()).toEqual([heavy, last].toSorted());
      expect(await store.query('SELECT FROM waiting_room')).toEqual([]);
    });
  });
});
