import type { JobId, NewJob, PublishId, WorkerId } from '@app/core';
import { claimOf, newPublishId, TestStore } from '../testing/test-store.js';

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

/** A job that should have started a moment ago. */
async function late(more: Partial<NewJob> = {}): Promise<JobId> {
  const id = await store.queued({ startWithinMs: 3_600_000, ...more });
  await store.query(`UPDATE jobs SET start_before = now() - interval '1 millisecond' WHERE id = $1`, [id]);
  return id;
}

const letters = (id: JobId) => store.query<{ reason: string; detail: string }>('SELECT reason, detail FROM dead_letters WHERE job_id = $1', [id]);
const boundOf = async (id: JobId) => (await store.query<{ bound: Date | null }>('SELECT start_before AS bound FROM jobs WHERE id = $1', [id]))[0]?.bound;

describe('a job that has to start before a time', () => {
  test('keeps a time as it was given, and one from now by the clock of the database', async () => {
    const time = new Date('2036-01-31T08:00:00.123Z');
    expect(await boundOf(await store.queued({ startBefore: time }))).toEqual(time);
    const id = await store.queued({ startWithinMs: 60_000 });
    const [row] = await store.query(`SELECT start_before - created_at = interval '60 seconds' AS exact FROM jobs WHERE id = $1`, [id]);
    expect(row).toEqual({ exact: true });
  });

  test('is claimed before it, and is not bound any more then', async () => {
    const id = await store.queued({ startWithinMs: 3_600_000 });
    await store.claim(id, worker);
    expect(await boundOf(id)).toBeNull();
    expect(await store.workers.expireLate()).toBe(0);
  });

  test('is not claimed after it, in either mode, and the claim says why', async () => {
    const id = await late();
    const [answer] = await store.attempts.claim(worker, [claimOf(id)]);
    expect(answer).toMatchObject({ claimed: null, facts: { state: 'queued', late: true } });
    expect(await store.attempts.claimDue(worker, null, 10, false)).toEqual([]);
    await store.query('UPDATE jobs SET crashes = 1');
    expect(await store.attempts.claimSuspect(worker, claimOf(id))).toBeNull();
  });

  test('ends under the copy that came too late, with its dead letter, and that copy announces it', async () => {
    const id = await late();
    const copy: PublishId = newPublishId();
    expect(await store.attempts.expire(id, copy)).toBe(true);
    expect(await store.attempts.expire(id, copy)).toBe(false);
    expect(await store.row(id)).toMatchObject({ state: 'failed', attempt: 0, publish_id: copy, errors: [{ code: 'expired', attempt: 0 }] });
    expect(await letters(id)).toEqual([{ reason: 'deadline_passed', detail: expect.stringMatching(/^it had to start before 20.*Z and had not started$/) }]);
    expect((await store.outboxOf(id)).filter(({ type }) => type === 'event')).toEqual([]);
  });

  test('ends by the sweep wherever it waits: in the outbox, in the waiting room, or for its time', async () => {
    const [queued, waiting, scheduled, other] = [await late(), await late(), await late({ delayMs: 60_000 }), await store.queued({ startWithinMs: 60_000 })];
    await store.attempts.holdBack([waiting]);
    expect(await store.workers.expireLate()).toBe(3);
    for (const id of [queued, waiting, scheduled]) {
      expect(await store.row(id)).toMatchObject({ state: 'failed', run_at: null, errors: [{ code: 'expired' }] });
      expect((await store.outboxOf(id)).filter(({ type }) => type === 'event')).toHaveLength(1);
      expect(await letters(id)).toMatchObject([{ reason: 'deadline_passed' }]);
    }
    expect(await store.query('SELECT FROM waiting_room')).toEqual([]);
    expect((await store.row(other)).state).toBe('queued');
  });

  test('is ended once by many that look at the same time', async () => {
    const ids = [];
    for (let job = 0; job < 20; job++) ids.push(await late());
    const counts = await Promise.all(Array.from({ length: 6 }, () => store.workers.expireLate()));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(20);
    for (const id of ids) expect(await letters(id)).toHaveLength(1);
  });

  test('is either claimed or ended where both happen at once', async () => {
    for (let round = 0; round < 10; round++) {
      const id = await store.queued({ startWithinMs: 3_600_000 });
      const pass = store.query(`UPDATE jobs SET start_before = now() WHERE id = $1 AND state = 'queued'`, [id]);
      const [claimed] = await Promise.all([store.attempts.claim(worker, [claimOf(id)]), pass.then(() => store.workers.expireLate())]);
      const { state } = await store.row(id);
      expect(state).toBe(claimed[0]?.claimed ? 'running' : 'failed');
    }
  });

  test('runs when it is put back by hand, for its time is over', async () => {
    const id = await late();
    await store.workers.expireLate();
    expect(await store.jobs.redrive(id)).toMatchObject({ accepted: true, job: { state: 'queued' } });
    expect((await store.claim(id, worker)).id).toBe(id);
  });

  test('is not bound any more once it was cancelled', async () => {
    const id = await late();
    await store.jobs.cancel(id);
    expect([await boundOf(id), await store.workers.expireLate()]).toEqual([null, 0]);
  });
});
