import { type ClaimedJob, type JsonText, jsonText, type LeaseToken, SettleBatch, type Settlement, type SettleEvent, type WorkerId } from '@app/core';
import { classifyError } from '../pool/database.js';
import { claimOf, newToken, TestStore } from '../testing/test-store.js';

const ERROR = { code: 'handler_error', name: 'Error', message: 'no', attempt: 1, at: '2026-01-31T08:00:00.000Z' };

let store: TestStore;
let worker: WorkerId;
beforeAll(async () => {
  store = await TestStore.open();
  // What handlers write.
  await store.query('CREATE TABLE public.effects (key text NOT NULL, job_id uuid NOT NULL)');
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.clear();
  worker = await store.worker();
});

function settlement(job: Pick<ClaimedJob, 'id' | 'token'>, event: SettleEvent, more: Partial<Settlement> = {}): Settlement {
  return { jobId: job.id, token: job.token, event, announce: false, ...more };
}

/** The row's outbox begins with the row of its submission; what came later is what a test looks at. */
async function running(more = {}): Promise<ClaimedJob> {
  const job = await store.running(worker, more);
  await store.query('DELETE FROM outbox');
  return job;
}

async function written(job: ClaimedJob) {
  return { row: await store.row(job.id), outbox: await store.outboxOf(job.id), deadLetters: await store.deadLettersOf(job.id) };
}

describe('a settlement', () => {
  test('with success keeps the result, null included', async () => {
    const [one, none] = [await running(), await running()];
    const answers = await store.attempts.settle([
      settlement(one, 'succeeded', { result: jsonText({ n: 1 }), progress: { done: 3 } }),
      settlement(none, 'succeeded', { result: jsonText(null) }),
    ]);
    expect(answers).toMatchObject([
      { settled: true, job: { state: 'succeeded', result: '{"n":1}', progress: { done: 3 } } },
      { settled: true, job: { state: 'succeeded', result: 'null' } },
    ]);
    expect((await written(one)).outbox).toEqual([]);
  });

  test('with failure writes one dead letter with the reason', async () => {
    const job = await running();
    await store.attempts.settle([settlement(job, 'failed', { error: ERROR })]);
    expect(await written(job)).toMatchObject({
      row: { state: 'failed', errors: [ERROR] },
      deadLetters: [{ source: 'job', reason: 'handler_error' }],
      outbox: [],
    });
  });

  test('with a retry puts the next copy into the outbox, due when the backoff is over', async () => {
    const job = await running();
    await store.attempts.settle([settlement(job, 'retried', { error: ERROR, delayMs: 60_000 })]);
    expect(await written(job)).toMatchObject({ row: { state: 'scheduled', attempt: 1, errors: [ERROR] }, outbox: [{ type: 'job', due: false }] });
    const [{ same } = { same: false }] = await store.query<{ same: boolean }>(
      'SELECT run_at = available_at AS same FROM jobs JOIN outbox ON job_ids[1] = jobs.id',
    );
    expect(same).toBe(true);
  });

  test.each([
    ['snoozed', 'scheduled'],
    ['interrupted', 'queued'],
  ] as const)('that was %s costs no attempt', async (event, state) => {
    const job = await running();
    await store.attempts.settle([settlement(job, event, { delayMs: 60_000 })]);
    expect(await written(job)).toMatchObject({ row: { state, attempt: 0, errors: [] }, outbox: [{ type: 'job' }], deadLetters: [] });
  });

  test('that the platform has ended costs no attempt, is counted and kept with its reason, for a day in a row (C38)', async () => {
    const lost = { ...ERROR, code: 'platform_unavailable' };
    const job = await running();
    const end = (token: LeaseToken) => settlement({ ...job, token }, 'snoozed', { interrupted: true, error: lost, delayMs: 1_000 });
    const again = async () => {
      await store.query('UPDATE outbox SET available_at = now()');
      await store.query('UPDATE jobs SET run_at = now()');
      await store.outbox.take(10, 30);
      return (await store.claim(job.id, await store.worker())).token;
    };
    await store.attempts.settle([end(job.token)]);
    expect(await written(job)).toMatchObject({ row: { state: 'scheduled', attempt: 0, interruptions: 1, errors: [lost] } });
    await store.attempts.settle([end(await again())]);
    expect(await store.row(job.id)).toMatchObject({ state: 'scheduled', attempt: 0, interruptions: 2 });
    await store.query(`UPDATE jobs SET interrupted_at = now() - interval '25 hours'`);
    // An attempt that ends by itself begins another day.
    await store.attempts.settle([settlement({ ...job, token: await again() }, 'retried', { error: ERROR, delayMs: 0 })]);
    await store.attempts.settle([end(await again())]);
    expect(await store.row(job.id)).toMatchObject({ state: 'scheduled', attempt: 1 });
    await store.query(`UPDATE jobs SET interrupted_at = now() - interval '25 hours', interruptions = 19`);
    await store.attempts.settle([end(await again())]);
    expect(await store.row(job.id)).toMatchObject({ state: 'scheduled', interruptions: 20 });
    await store.attempts.settle([end(await again())]);
    expect(await written(job)).toMatchObject({ row: { state: 'failed' }, deadLetters: [{ reason: 'platform_unavailable' }] });
  });

  test('that is to be announced writes the event, but only when the job has ended', async () => {
    const [done, again] = [await running(), await running()];
    await store.attempts.settle([
      settlement(done, 'succeeded', { announce: true }),
      settlement(again, 'retried', { announce: true, delayMs: 0, error: ERROR }),
    ]);
    expect((await written(done)).outbox).toMatchObject([{ type: 'event', due: true }]);
    expect((await written(again)).outbox).toMatchObject([{ type: 'job' }]);
  });

  test('of a job that was asked to stop and has not ended by it ends it as cancelled: it does not start again', async () => {
    for (const event of ['retried', 'snoozed', 'interrupted'] as const) {
      const job = await running();
      await store.jobs.cancel(job.id);
      expect(await store.attempts.settle([settlement(job, event, { delayMs: 60_000, announce: true })])).toMatchObject([
        { settled: true, job: { state: 'cancelled' } },
      ]);
      expect(await written(job)).toMatchObject({ row: { state: 'cancelled', run_at: null }, outbox: [{ type: 'event' }], deadLetters: [] });
    }
  });

  test('of a job that was asked to stop and succeeded all the same has succeeded', async () => {
    const job = await running();
    await store.jobs.cancel(job.id);
    expect(await store.attempts.settle([settlement(job, 'succeeded')])).toMatchObject([{ job: { state: 'succeeded' } }]);
  });

  test('keeps the last 20 errors', async () => {
    const job = await running({ maxAttempts: 100 });
    await store.query(`UPDATE jobs SET errors = (SELECT jsonb_agg(jsonb_build_object('code', 'old', 'attempt', n)) FROM generate_series(1, 20) n)`);
    await store.attempts.settle([settlement(job, 'retried', { error: ERROR })]);
    const { errors } = await store.row(job.id);
    expect(errors).toHaveLength(20);
    expect([errors.at(0), errors.at(-1)]).toMatchObject([{ code: 'old', attempt: 2 }, ERROR]);
  });
});

describe('a settlement that is repeated', () => {
  test.each(['succeeded', 'failed', 'retried', 'snoozed', 'interrupted', 'cancelled'] as const)(
    'is answered the same, and written once (%s)',
    async (event) => {
      const job = await running();
      const once = settlement(job, event, { announce: true, delayMs: 60_000, error: ERROR });
      const first = await store.attempts.settle([once]);
      const after = await written(job);
      expect(await store.attempts.settle([once])).toEqual(first);
      expect(await written(job)).toEqual(after);
      expect(await store.attempts.outcomeOf(job.id, job.token)).toBe('settled');
    },
  );

  test('at the same time is written once', async () => {
    const job = await running();
    const once = settlement(job, 'failed', { announce: true, error: ERROR });
    const answers = await Promise.all([1, 2, 3, 4].map(() => store.attempts.settle([once])));
    expect(answers.flat().map(({ settled }) => settled)).toEqual([true, true, true, true]);
    const { outbox, deadLetters } = await written(job);
    expect([outbox.length, deadLetters.length]).toEqual([1, 1]);
  });
});

describe('an attempt that lost its lease', () => {
  /** All that can happen to a running job while its owner is away. */
  const LOST: [string, (job: ClaimedJob) => Promise<unknown>][] = [
    ['to another worker', async (job) => store.attempts.takeOver(await store.worker(), claimOf(job.id), job.token, true)],
    ['to the sweep', () => store.workers.recover(worker)],
    ['to the sweep of orphans', () => store.workers.unregister(worker).then(() => store.workers.recoverOrphans())],
    ['as a stray', (job) => store.workers.recoverStray(job.id, job.token)],
    ['and was redriven after its end', async (job) => {
      await store.attempts.settle([settlement(job, 'failed', { error: ERROR })]);
      await store.jobs.redrive(job.id);
    }],
  ]; // prettier-ignore

  describe.each(LOST)('%s', (_, lose) => {
    test.each(['succeeded', 'failed', 'retried', 'interrupted', 'cancelled'] as const)(
      'changes nothing by its settlement (%s) and is told so',
      async (event) => {
        const job = await running();
        await lose(job);
        const before = await written(job);
        const late = settlement(job, event, { announce: true, error: ERROR, result: jsonText('late'), progress: { done: 9 }, delayMs: 0 });
        expect(await store.attempts.settle([late])).toEqual([{ settled: false }]);
        const inTransaction = store.dataSource.transaction((transaction) => store.attempts.settle([late], transaction));
        expect(await inTransaction).toEqual([{ settled: false }]);
        expect(await written(job)).toEqual(before);
      },
    );

    test('learns that it is lost by every way there is', async () => {
      const job = await running();
      await lose(job);
      expect(await store.attempts.outcomeOf(job.id, job.token)).toBe('lost');
      expect(await store.attempts.saveStep(job.id, job.token, 'step', jsonText(1))).toBe(false);
      const locked = store.dataSource.transaction((transaction) => store.attempts.holds(transaction, job.id, job.token));
      expect(await locked).toBe(false);
      const beat = {
        leaseSeconds: 30,
        held: [{ jobId: job.id, token: job.token }],
        events: [{ jobId: job.id, token: job.token, events: [{ type: 'progress' as const, progress: { done: 9 }, ageMs: 0 }] }],
      };
      expect(await store.workers.heartbeat(worker, { name: 'w', concurrency: 1, queues: [] }, beat)).toMatchObject({
        lost: [job.id],
        cancelRequested: [],
        notWritten: [job.token],
      });
      expect(await store.row(job.id)).toMatchObject({ progress: null });
    });
  });

  test('is not taken for the attempt that runs now, though both settle in one batch', async () => {
    const job = await running();
    const now = claimOf(job.id);
    await store.attempts.takeOver(await store.worker(), now, job.token, true);
    const late = settlement(job, 'failed', { error: ERROR });
    const current = settlement({ id: job.id, token: now.token }, 'succeeded');
    expect(await store.attempts.settle([late, current])).toMatchObject([{ settled: false }, { settled: true, job: { state: 'succeeded' } }]);
  });
});

describe("an attempt's own transaction", () => {
  test('commits its writes and its settlement together, or neither', async () => {
    const [kept, undone] = [await running(), await running()];
    for (const [job, commit] of [[kept, true], [undone, false]] as const) {
      const open = await store.transactions.begin();
      expect(await store.attempts.holds(open.transaction, job.id, job.token)).toBe(true);
      await open.transaction.query('INSERT INTO public.effects (key, job_id) VALUES ($1, $2)', ['effect', job.id]);
      expect(await store.attempts.settle([settlement(job, 'succeeded')], open.transaction)).toMatchObject([{ settled: true }]);
      await (commit ? open.commit() : open.rollback());
    } // prettier-ignore
    expect(await store.query('SELECT job_id FROM public.effects')).toEqual([{ job_id: kept.id }]);
    expect(await store.row(kept.id)).toMatchObject({ state: 'succeeded' });
    expect(await store.row(undone.id)).toMatchObject({ state: 'running' });
    expect(await store.attempts.outcomeOf(undone.id, undone.token)).toBe('running');
  });

  test('holds up nobody while it is open: heartbeat, cancel and sweep get at the job; and what it wrote for a lost lease is undone', async () => {
    const job = await running();
    const open = await store.transactions.begin();
    expect(await store.attempts.holds(open.transaction, job.id, job.token)).toBe(true);
    await open.transaction.query('INSERT INTO public.effects (key, job_id) VALUES ($1, $2)', ['late effect', job.id]);
    const beat = {
      leaseSeconds: 30,
      held: [{ jobId: job.id, token: job.token }],
      events: [{ jobId: job.id, token: job.token, events: [{ type: 'progress' as const, progress: { done: 1 }, ageMs: 0 }] }],
    };
    expect(await store.workers.heartbeat(worker, { name: 'w', concurrency: 1, queues: [] }, beat)).toMatchObject({
      lost: [],
      cancelRequested: [],
      notWritten: [],
    });
    expect(await store.row(job.id)).toMatchObject({ progress: { done: 1 } });
    expect(await store.jobs.cancel(job.id)).toMatchObject({ accepted: true });
    expect(await store.workers.heartbeat(worker, { name: 'w', concurrency: 1, queues: [] }, beat)).toMatchObject({
      lost: [],
      cancelRequested: [{ jobId: job.id }],
      notWritten: [],
    });
    await store.attempts.takeOver(await store.worker(), claimOf(job.id), job.token, true);
    expect(await store.attempts.settle([settlement(job, 'succeeded')], open.transaction)).toEqual([{ settled: false }]);
    await open.rollback();
    expect(await store.query(`SELECT FROM public.effects WHERE key = 'late effect'`)).toEqual([]);
  });

  test('is ended by PostgreSQL when its process leaves it alone for a whole lease', async () => {
    const open = await store.transactions.begin();
    const [row] = await open.transaction.query<{ idle_in_transaction_session_timeout: string }[]>('SHOW idle_in_transaction_session_timeout');
    await open.rollback();
    expect(row).toEqual({ idle_in_transaction_session_timeout: '30s' });
  });
});

describe('the result of a step', () => {
  test('survives the attempt that made it', async () => {
    const job = await running();
    expect(await store.attempts.readStep(job.id, job.token, 'fetch')).toEqual({ held: true, result: null });
    expect(await store.attempts.saveStep(job.id, job.token, 'fetch', jsonText({ n: 1 }))).toBe(true);
    expect(await store.attempts.saveStep(job.id, job.token, 'nothing', jsonText(null))).toBe(true);
    const next = claimOf(job.id);
    await store.attempts.takeOver(worker, next, job.token, true);
    expect(await store.attempts.readStep(job.id, next.token, 'fetch')).toEqual({ held: true, result: expect.stringMatching(/^\{"n": ?1\}$/) });
    expect(await store.attempts.readStep(job.id, job.token, 'nothing')).toEqual({ held: false, result: 'null' });
    expect(await store.attempts.saveStep(job.id, newToken(), 'fetch', jsonText('zombie'))).toBe(false);
    expect(await store.attempts.readStep(job.id, next.token, 'fetch')).toEqual({ held: true, result: expect.stringMatching(/^\{"n": ?1\}$/) });
  });

  test('can be kept while the handler has its transaction open', async () => {
    const job = await running();
    const open = await store.transactions.begin();
    await store.attempts.holds(open.transaction, job.id, job.token);
    expect(await store.attempts.saveStep(job.id, job.token, 'fetch', jsonText(1))).toBe(true);
    await open.rollback();
  });
});

test('a result that PostgreSQL refuses is found alone, and its neighbours in the batch are settled (C1)', async () => {
  const jobs = [await running(), await running(), await running(), await running()];
  const result = (n: number) => (n === 2 ? ('{"cut' as JsonText) : jsonText(n));
  const batch = new SettleBatch(store.attempts, classifyError);
  const answers = await batch.settle(jobs.map((job, n) => settlement(job, 'succeeded', { result: result(n) })));
  expect(answers.map((answer) => (answer instanceof Error ? 'refused' : answer.settled))).toEqual([true, true, 'refused', true]);
  expect((await Promise.all(jobs.map(({ id }) => store.row(id)))).map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'running', 'succeeded']);
});

test('an event that the database refuses is dropped alone: its neighbours in the heartbeat are written (C1)', async () => {
  const jobs = [await running(), await running(), await running()];
  const line = (n: number) => ({ level: 'info' as const, message: n === 1 ? '\u0000' : `line ${n}`, fields: {} });
  const events = jobs.map(({ id, token }, n) => ({ jobId: id, token, events: [{ type: 'log' as const, line: line(n), ageMs: 0 }] }));
  await store.workers.heartbeat(worker, { name: 'w', concurrency: 1, queues: [] }, { leaseSeconds: 30, held: [], events });
  const kept = await store.query<{ job_id: string }>('SELECT job_id FROM job_events WHERE job_id = ANY ($1)', [jobs.map(({ id }) => id)]);
  expect(kept.map(({ job_id }) => job_id).sort()).toEqual([jobs[0]?.id, jobs[2]?.id].sort());
});
