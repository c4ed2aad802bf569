import { DEFAULT_SCHEMA, jsonText } from '@app/core';
import type { ClaimRequest, JobId, WorkerId } from '@app/core';
import { lockKey } from '../locks.js';
import { claimOf, type LiveWorker, newToken, TestStore } from '../testing/test-store.js';

let store: TestStore;
let ours: WorkerId;
let theirs: WorkerId;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.clear();
  [ours, theirs] = [await store.worker(), await store.worker()];
});

async function claimed(worker: WorkerId, ...requests: ClaimRequest[]) {
  return (await store.attempts.claim(worker, requests)).map((answer) => answer.claimed);
}

describe('a claim', () => {
  test('gives the payload and the lease, and counts the attempt', async () => {
    const id = await store.queued({ payload: jsonText({ a: [1] }) });
    const request = claimOf(id);
    const [job] = await claimed(ours, request);
    expect(job).toMatchObject({
      id,
      state: 'running',
      payload: '{"a":[1]}',
      attempt: 1,
      fence: 1,
      crashes: 0,
      token: request.token,
      publishId: request.publishId,
    });
    expect(job?.startedAt).toBeInstanceOf(Date);
    expect(await store.row(id)).toMatchObject({ worker_id: ours, lease_token: request.token });
  });

  test('is granted to exactly one of many that come at once', async () => {
    for (let round = 0; round < 5; round++) {
      const id = await store.queued();
      const answers = (await Promise.all([ours, theirs, ours, theirs, ours, theirs].map((worker) => claimed(worker, claimOf(id))))).flat();
      const granted = answers.filter((job) => job !== null);
      expect(granted).toHaveLength(1);
      expect(await store.row(id)).toMatchObject({ attempt: 1, fence: 1, lease_token: granted[0]?.token });
    }
  });

  test('of two copies in one batch is granted to one of them only', async () => {
    const id = await store.queued();
    const requests = [claimOf(id), claimOf(id)];
    const answers = await claimed(ours, ...requests);
    const granted = answers.filter((job) => job !== null);
    expect(granted).toHaveLength(1);
    const { lease_token, publish_id } = await store.row(id);
    expect(requests[answers.indexOf(granted[0] as never)]).toEqual({ jobId: id, publishId: publish_id, token: lease_token });
  });

  test('of batches with the same jobs in another order is not a deadlock', async () => {
    for (let round = 0; round < 5; round++) {
      const ids = await store.submit({}, {}, {}, {}, {}, {}, {}, {});
      const batches = [ids, ids.toReversed(), ids, ids.toReversed()];
      const answers = await Promise.all(batches.map((batch, index) => claimed(index % 2 ? ours : theirs, ...batch.map((id) => claimOf(id)))));
      expect(answers.flat().filter((job) => job !== null)).toHaveLength(ids.length);
    }
  });

  test('answers each request of a batch in its place, with what stands in the way', async () => {
    const [free, taken, unknown] = [await store.queued(), await store.running(theirs), claimOf('00000000-0000-7000-8000-000000000000' as JobId)];
    const answers = await store.attempts.claim(ours, [unknown, claimOf(taken.id), claimOf(free)]);
    expect(answers).toMatchObject([
      { claimed: null, facts: null },
      { claimed: null, facts: { state: 'running', attempt: 1, token: taken.token, publishId: taken.publishId, workerId: theirs } },
      { claimed: { id: free } },
    ]);
  });

  test('is not granted for a job that has crashed a worker, but to who promises to run it alone', async () => {
    const id = await store.queued();
    await store.query('UPDATE jobs SET crashes = 1');
    expect(await store.attempts.claim(ours, [claimOf(id)])).toMatchObject([{ claimed: null, facts: { state: 'queued', crashes: 1 } }]);
    const request = claimOf(id);
    const [first, second] = await Promise.all([store.attempts.claimSuspect(ours, request), store.attempts.claimSuspect(theirs, claimOf(id))]);
    expect([first, second].filter((job) => job !== null)).toHaveLength(1);
    expect(await store.row(id)).toMatchObject({ state: 'running', attempt: 1 });
  });

  test('is not granted without attempts left', async () => {
    const id = await store.queued({ maxAttempts: 1 });
    await store.query('UPDATE jobs SET attempt = 1');
    expect(await store.attempts.claim(ours, [claimOf(id)])).toMatchObject([{ claimed: null, facts: { attempt: 1, maxAttempts: 1 } }]);
    expect(await store.attempts.claimSuspect(ours, claimOf(id))).toBeNull();
  });

  test('whose answer was lost is found by its token, and by no other', async () => {
    const { waitedSeconds, ...job } = await store.running(ours);
    expect(waitedSeconds).toBeGreaterThanOrEqual(0);
    expect(await store.attempts.claimedBy(job.id, job.token)).toEqual(job);
    expect(await store.attempts.claimedBy(job.id, newToken())).toBeNull();
  });
});

describe('the owner of a running job', () => {
  let worker: LiveWorker;
  let id: JobId;
  beforeEach(async () => {
    worker = await store.liveWorker();
    ({ id } = await store.running(worker.id));
  });

  async function owner(): Promise<{ alive: boolean | undefined; died: boolean | undefined }> {
    const [answer] = await store.attempts.claim(ours, [claimOf(id)]);
    const facts = answer?.claimed === null ? answer.facts : undefined;
    return { alive: facts?.ownerAlive, died: facts?.ownerDied };
  }

  test('is alive while its lock is held and its lease runs', async () => {
    expect(await owner()).toEqual({ alive: true, died: false });
    expect(await owner()).toEqual({ alive: true, died: false });
  });

  test('is gone when its process has ended, though its lease runs on', async () => {
    await worker.die();
    expect(await owner()).toEqual({ alive: false, died: true });
    // Asking has not taken the lock.
    const session = await store.session();
    const { rows } = await session.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS got', [lockKey('presence', DEFAULT_SCHEMA), worker.id]);
    expect(rows).toEqual([{ got: true }]);
    await session.end();
  });

  test('is gone when its lease is over, though its lock is held', async () => {
    await store.query(`UPDATE workers SET lease_until = now() - interval '1 second' WHERE id = $1`, [worker.id]);
    expect(await owner()).toEqual({ alive: false, died: false });
  });

  test('is gone when nobody has registered it', async () => {
    await store.workers.unregister(worker.id);
    expect(await owner()).toEqual({ alive: false, died: false });
  });
});

describe('a take-over', () => {
  test('of a crashed attempt counts the crash and no attempt (C38), keeps the error, and fences the former owner out', async () => {
    const job = await store.running(theirs);
    const request = claimOf(job.id);
    const taken = await store.attempts.takeOver(ours, request, job.token, true);
    expect(taken).toMatchObject({ state: 'running', attempt: 1, crashes: 1, fence: 2, token: request.token, errors: [{ code: 'worker_lost', attempt: 1 }] });
    expect(await store.attempts.claimedBy(job.id, job.token)).toBeNull();
    expect(await store.attempts.settle([{ jobId: job.id, token: job.token, event: 'succeeded', announce: true }])).toEqual([{ settled: false }]);
  });

  test('of an own claim counts nothing', async () => {
    const job = await store.running(ours);
    expect(await store.attempts.takeOver(ours, claimOf(job.id), job.token, false)).toMatchObject({ attempt: 1, crashes: 0, fence: 2, errors: [] });
  });

  test('needs the token that is held now', async () => {
    const job = await store.running(theirs);
    expect(await store.attempts.takeOver(ours, claimOf(job.id), newToken(), true)).toBeNull();
    const answers = await Promise.all([ours, theirs, ours, theirs].map((worker) => store.attempts.takeOver(worker, claimOf(job.id), job.token, true)));
    expect(answers.filter((taken) => taken !== null)).toHaveLength(1);
    expect(await store.row(job.id)).toMatchObject({ attempt: 1, crashes: 1, fence: 2 });
  });

  test('is not to be had of the fifth lost worker (C38)', async () => {
    const job = await store.running(theirs, { maxAttempts: 1 });
    await store.query('UPDATE jobs SET crashes = 4');
    expect(await store.attempts.takeOver(ours, claimOf(job.id), job.token, true)).toBeNull();
    expect(await store.row(job.id)).toMatchObject({ attempt: 1, worker_id: theirs });
  });
});

describe('exhausting', () => {
  const error = { code: 'worker_lost', name: 'Error', message: 'gone', attempt: 0, at: '2026-01-31T08:00:00.000Z' };

  test('ends an abandoned job as failed, with one dead letter and the copy that is to announce it', async () => {
    const job = await store.running(theirs, { maxAttempts: 1 });
    await store.query('UPDATE jobs SET crashes = 4');
    const { publishId } = claimOf(job.id);
    const answers = await Promise.all([1, 2, 3].map(() => store.attempts.exhaust(job.id, publishId, job.token, error)));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await store.row(job.id)).toMatchObject({ state: 'failed', publish_id: publishId, errors: [{ code: 'worker_lost', attempt: 1 }] });
    expect(await store.deadLettersOf(job.id)).toEqual([{ source: 'job', reason: 'worker_lost', redriven: false }]);
    // The attempt that was given up cannot say any more that it ended the job.
    expect(await store.attempts.settle([{ jobId: job.id, token: job.token, event: 'succeeded', announce: false }])).toEqual([{ settled: false }]);
    expect(await store.attempts.outcomeOf(job.id, job.token)).toBe('lost');
  });

  test('does nothing while more workers may be lost, or with another token', async () => {
    const [some, none] = [await store.running(theirs), await store.running(theirs, { maxAttempts: 1 })];
    expect(await store.attempts.exhaust(some.id, null, some.token, error)).toBe(false);
    expect(await store.attempts.exhaust(none.id, null, newToken(), error)).toBe(false);
    expect(await store.attempts.exhaust(none.id, null, null, error)).toBe(false);
  });
});

describe('deferring', () => {
  const error = { code: 'unknown_kind', name: 'Error', message: 'no handler', attempt: 0, at: '2026-01-31T08:00:00.000Z' };

  test('puts a queued job off with an outbox row for then, and keeps its reason once', async () => {
    const id = await store.queued();
    await store.query('DELETE FROM outbox');
    await store.attempts.defer(id, 30_000, 3_600_000, error);
    await store.attempts.defer(id, 30_000, 3_600_000, error);
    expect(await store.row(id)).toMatchObject({ state: 'scheduled', attempt: 0, errors: [{ code: 'unknown_kind' }] });
    expect(await store.outboxOf(id)).toMatchObject([{ type: 'job', due: false }]);
  });

  test('gives a job up that was put off for too long: failed, with dead letter and event', async () => {
    const id = await store.queued();
    await store.query(`DELETE FROM outbox`);
    await store.query(`UPDATE jobs SET deferred_at = now() - interval '2 hours', errors = $1`, [JSON.stringify([error])]);
    await store.attempts.defer(id, 30_000, 3_600_000, error);
    expect(await store.row(id)).toMatchObject({ state: 'failed', run_at: null, errors: [{ code: 'unknown_kind' }] });
    expect(await store.deadLettersOf(id)).toMatchObject([{ reason: 'unknown_kind' }]);
    expect(await store.outboxOf(id)).toMatchObject([{ type: 'event', due: true }]);
  });
});
