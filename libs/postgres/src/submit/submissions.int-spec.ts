import { type JsonText, jsonText, type NewJob, Refusal } from '@app/core';
import { keyed, newJob, TestStore } from '../testing/test-store.js';
import { PostgresSubmissions } from './postgres-submissions.js';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());
beforeEach(() => store.clear());

async function submit(...jobs: NewJob[]) {
  return store.submissions.submit(jobs);
}

async function count(table: 'jobs' | 'outbox' | 'idempotency_keys'): Promise<number> {
  const [row] = await store.query<{ count: number }>(`SELECT count(*)::integer FROM ${table}`);
  return row?.count ?? -1;
}

describe('a stored job', () => {
  test('has its outbox row, and is read back as it was given', async () => {
    const job = newJob({
      tags: ['a', 'b,{}"'],
      priority: 9,
      timeoutMs: 5_000,
      notify: [{ channel: 'reply', to: 'replies', id: 'c' }],
      payload: jsonText({ deep: [1, null, 'ü'] }),
    });
    expect(await submit(job)).toEqual([{ status: 'created', state: 'queued', createdAt: expect.any(Date), runAt: null }]);
    const { outboxId } = job;
    const given = Object.entries(job).filter(([name]) => !['outboxId', 'runAt', 'delayMs', 'idempotency'].includes(name));
    expect(await store.jobs.find(job.id)).toMatchObject(Object.fromEntries(given));
    expect(await store.outboxOf(job.id)).toMatchObject([{ id: outboxId, type: 'job', due: true }]);
  });

  test.each(['{"value":12345678901234567890}', '[-0,1E400,1e-400,0.10000000000000000001]', '{ "b" : 1.0,  "a":[] }'])(
    'keeps the text of its payload: %s (C2)',
    async (text) => {
      const job = newJob({ payload: text as JsonText });
      await submit(job);
      expect((await store.jobs.find(job.id))?.payload).toBe(text);
    },
  );

  test('with a delay is scheduled by the clock of the database, and its outbox row is due then', async () => {
    const [delayed, dated] = [newJob({ delayMs: 60_000 }), newJob({ runAt: new Date('2100-01-01T00:00:00Z') })];
    expect(await submit(delayed, dated)).toMatchObject([{ state: 'scheduled' }, { state: 'scheduled', runAt: dated.runAt }]);
    const [row] = await store.query<{ late: boolean; same: boolean }>(
      `SELECT run_at - created_at = interval '60 seconds' AS late, run_at = available_at AS same FROM jobs JOIN outbox ON job_ids[1] = jobs.id WHERE jobs.id = $1`,
      [delayed.id],
    );
    expect(row).toEqual({ late: true, same: true });
  });

  test('whose time has passed is queued', async () => {
    expect(await submit(newJob({ runAt: new Date(0) }))).toMatchObject([{ state: 'queued', runAt: null }]);
  });

  test('is left to the process that stored it for a while, but not in a transaction of the caller', async () => {
    const patient = new PostgresSubmissions(store.db, { keySeconds: 60, fastPathSeconds: 5 });
    const [alone, joined] = [newJob(), newJob()];
    await patient.submit([alone]);
    await store.dataSource.transaction((transaction) => patient.submit([joined], transaction));
    expect(await store.outboxOf(alone.id)).toMatchObject([{ due: false }]);
    expect(await store.outboxOf(joined.id)).toMatchObject([{ due: true }]);
  });
});

describe('a batch that is sent twice, because its answer was lost', () => {
  test('stores nothing twice and gets the same answer', async () => {
    const batch = [newJob(), newJob(keyed('k')), newJob({ delayMs: 60_000 })];
    const first = await submit(...batch);
    expect(await submit(...batch)).toEqual(first);
    expect([await count('jobs'), await count('outbox'), await count('idempotency_keys')]).toEqual([3, 3, 1]);
  });

  test('is stored once, even while the first is still on its way', async () => {
    const batch = [newJob(), newJob(keyed('k'))];
    const answers = await Promise.all(Array.from({ length: 5 }, () => submit(...batch)));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect([await count('jobs'), await count('outbox')]).toEqual([2, 2]);
  });

  test('stores what the first did not', async () => {
    const [kept, added] = [newJob(), newJob()];
    await submit(kept);
    expect(await submit(kept, added)).toMatchObject([{ status: 'created' }, { status: 'created' }]);
    expect(await count('jobs')).toBe(2);
  });
});

describe('an idempotency key', () => {
  test('with the same request again stands for the first job, as it is now', async () => {
    const [first, second] = [newJob(keyed('k')), newJob(keyed('k'))];
    await submit(first);
    await store.claim(first.id, await store.worker());
    expect(await submit(second)).toMatchObject([{ status: 'replayed', job: { id: first.id, state: 'running' } }]);
    expect([await count('jobs'), await count('outbox')]).toEqual([1, 1]);
  });

  test('with another request is a conflict that names the first job', async () => {
    const first = newJob(keyed('k'));
    await submit(first);
    expect(await submit(newJob(keyed('k', 'two')))).toEqual([{ status: 'conflict', jobId: first.id }]);
    expect(await count('jobs')).toBe(1);
  });

  test('that has expired makes a new job', async () => {
    const [first, second] = [newJob(keyed('k')), newJob(keyed('k', 'two'))];
    await submit(first);
    await store.query('UPDATE idempotency_keys SET expires_at = now()');
    expect(await submit(second)).toMatchObject([{ status: 'created' }]);
    expect(await submit(newJob(keyed('k', 'two')))).toMatchObject([{ status: 'replayed', job: { id: second.id } }]);
  });

  test('that has expired makes one new job, whoever comes at once', async () => {
    await submit(newJob(keyed('k')));
    await store.query('UPDATE idempotency_keys SET expires_at = now()');
    const outcomes = (await Promise.all(Array.from({ length: 8 }, () => submit(newJob(keyed('k')))))).flat();
    expect(outcomes.filter(({ status }) => status === 'created')).toHaveLength(1);
    expect(outcomes.filter(({ status }) => status === 'replayed')).toHaveLength(7);
    expect(await count('jobs')).toBe(2);
  });

  test('makes exactly one job, however many connections bring it at once', async () => {
    for (let round = 0; round < 5; round++) {
      const outcomes = (await Promise.all(Array.from({ length: 8 }, () => submit(newJob(keyed(`k${round}`)), newJob())))).map(([first]) => first);
      expect(outcomes.filter((outcome) => outcome?.status === 'created')).toHaveLength(1);
    }
    expect([await count('jobs'), await count('idempotency_keys')]).toEqual([5 + 40, 5]);
  });

  test('of one scope says nothing about that of another', async () => {
    const [ours, theirs] = [newJob(keyed('k', 'ours', 'a')), newJob(keyed('k', 'theirs', 'b'))];
    await submit(ours, theirs);
    expect(await submit(newJob(keyed('k', 'ours', 'a')), newJob(keyed('k', 'theirs', 'b')))).toMatchObject([
      { status: 'replayed', job: { id: ours.id } },
      { status: 'replayed', job: { id: theirs.id } },
    ]);
  });
});

describe("a caller's transaction", () => {
  class Undone extends Error {}

  async function rolledBack(jobs: NewJob[]): Promise<void> {
    const work = store.dataSource.transaction(async (transaction) => {
      await store.submissions.submit(jobs, transaction);
      throw new Undone();
    });
    await expect(work).rejects.toThrow(Undone);
  }

  test('that rolls back takes job, key and outbox row with it, and the key is free again', async () => {
    await rolledBack([newJob(keyed('k'))]);
    expect([await count('jobs'), await count('outbox'), await count('idempotency_keys')]).toEqual([0, 0, 0]);
    expect(await submit(newJob(keyed('k', 'two')))).toMatchObject([{ status: 'created' }]);
  });

  test('makes another request with its key wait for its end', async () => {
    const held = newJob(keyed('k'));
    const runner = store.dataSource.createQueryRunner();
    await runner.startTransaction();
    await store.submissions.submit([held], runner.manager);
    const waiting = submit(newJob(keyed('k')));
    await runner.commitTransaction();
    await runner.release();
    expect(await waiting).toMatchObject([{ status: 'replayed', job: { id: held.id } }]);
  });
});

test('what the database refuses about one job is a refusal of the request, not a fault of the store', async () => {
  const refused = await submit(newJob({ notify: [{ channel: 'reply', to: 'a\u0000b' }] })).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Refusal);
  expect((refused as Refusal).code).toBe('invalid_payload');
});

test('no job of a batch is stored when the database refuses one of them', async () => {
  await expect(submit(newJob(), newJob({ notify: [{ channel: 'reply', to: 'a\u0000b' }] }))).rejects.toThrow();
  expect(await count('jobs')).toBe(0);
});
