import type { JobId, NewJob, SubmitOutcome } from '@app/core';
import { classifyError } from '../pool/database.js';
import { PostgresBulk } from '../control/postgres-bulk.js';
import { placesOf, slotsOf } from '../testing/flow-rows.js';
import { claimOf, newJob, TestStore } from '../testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());
beforeEach(() => store.clear());

const unique = (key: string, keep: 'oldest' | 'newest', more: Partial<NewJob> = {}) => newJob({ unique: { key: `test.job ${key}`, keep }, ...more });
/** Again while a key is not to be had in time, as callers do. */
async function submit(...jobs: NewJob[]): Promise<SubmitOutcome[]> {
  for (;;) {
    try {
      return await store.submissions.submit(jobs);
    } catch (error) {
      if (classifyError(error) !== 'busy') throw error;
    }
  }
}
const statuses = (outcomes: SubmitOutcome[]) => outcomes.map(({ status }) => status);

/** The jobs that wait with each key, by what the rows of jobs say. */
async function waiting(): Promise<Record<string, JobId[]>> {
  const rows = await store.query<{ unique_key: string; ids: JobId[] }>(
    `SELECT unique_key, array_agg(id::text) AS ids FROM jobs WHERE state IN ('queued', 'scheduled') AND attempt = 0 AND unique_key IS NOT NULL GROUP BY unique_key`,
  );
  return Object.fromEntries(rows.map(({ unique_key: key, ids }) => [key.replace('test.job ', ''), ids]));
}

async function holders(): Promise<Record<string, JobId>> {
  const rows = await store.query<{ unique_key: string; job_id: JobId }>('SELECT unique_key, job_id FROM unique_jobs');
  return Object.fromEntries(rows.map(({ unique_key: key, job_id: id }) => [key.replace('test.job ', ''), id]));
}

/** Of the store. */
const CONNECTIONS = 8;

describe('jobs of one unique key that are submitted at once', () => {
  test('make one job while the oldest is kept, and all others are answered with it', async () => {
    const outcomes = (await Promise.all(Array.from({ length: CONNECTIONS }, () => submit(unique('a', 'oldest'))))).flat();
    expect(statuses(outcomes).filter((status) => status === 'created')).toHaveLength(1);
    const { a } = await waiting();
    expect(a).toHaveLength(1);
    expect(outcomes.flatMap((outcome) => (outcome.status === 'waiting' ? [outcome.job.id] : []))).toEqual(
      Array.from({ length: CONNECTIONS - 1 }, () => a?.[0]),
    );
  });

  test('leave the last one while the newest is kept, and each of the others names the job that took its place', async () => {
    const jobs = Array.from({ length: CONNECTIONS }, () => unique('a', 'newest'));
    expect(new Set(statuses((await Promise.all(jobs.map((job) => submit(job)))).flat()))).toEqual(new Set(['created']));
    const { a } = await holders();
    expect(await waiting()).toEqual({ a: [a] });
    const cancelled = await store.query<{ id: JobId; by: JobId }>(
      `SELECT id, substr(cancel ->> 'reason', 5, 36) AS by FROM jobs WHERE state = 'cancelled' AND cancel ->> 'outcome' = 'not_started'`,
    );
    // A chain through all of them, each replaced by the next, which ends at the one that waits.
    const successor = new Map(cancelled.map(({ id, by }) => [id, by]));
    const first = jobs.map(({ id }) => id).find((id) => ![...successor.values()].includes(id)) as JobId;
    const chain = [first];
    for (let next = successor.get(first); next !== undefined; next = successor.get(next)) chain.push(next);
    expect([chain.length, chain.at(-1)]).toEqual([CONNECTIONS, a]);
  });

  test('never wait with another one, whoever starts, cancels and puts back jobs meanwhile', async () => {
    const keys = ['a', 'b', 'c'];
    const worker = await store.worker();
    let done = false;
    const seen: number[] = [];
    const watch = async () => {
      while (!done) seen.push(...Object.values(await waiting()).map(({ length }) => length));
    };
    const start = async () => {
      while (!done) {
        for (const ids of Object.values(await waiting())) for (const id of ids) await store.attempts.claim(worker, [claimOf(id)]);
        const running = await store.query<{ id: JobId; lease_token: never }>(`SELECT id, lease_token FROM jobs WHERE state = 'running'`);
        const ends = running.map(({ id, lease_token: token }, index) => ({
          jobId: id,
          token,
          event: index % 2 ? ('failed' as const) : ('succeeded' as const),
          announce: false,
        }));
        if (ends.length > 0) await store.attempts.settle(ends.map((end) => ({ ...end, error: { code: 'x', name: 'x', message: 'x', attempt: 1, at: '' } })));
      }
    };
    const control = async () => {
      while (!done) {
        for (const [id] of Object.values(await waiting())) if (id && Math.random() < 0.3) await store.jobs.cancel(id);
        const failed = await store.query<{ id: JobId }>(`SELECT id FROM jobs WHERE state = 'failed' ORDER BY random() LIMIT 3`);
        for (const { id } of failed) await store.jobs.redrive(id).catch((error: unknown) => expect(error).toMatchObject({ code: 'state_forbids' }));
      }
    };
    const others = Promise.all([watch(), start(), control()]);
    const outcomes: SubmitOutcome[] = [];
    const producer = async (index: number) => {
      for (let round = 0; round < 10; round++)
        outcomes.push(
          ...(await submit(...keys.toSorted(() => Math.random() - 0.5).map((key) => unique(key, (round + index) % 2 ? 'oldest' : 'newest')), newJob())),
        );
    };
    try {
      await Promise.all(Array.from({ length: 3 }, (_, index) => producer(index)));
    } finally {
      done = true;
      await others;
    }
    expect(outcomes).toHaveLength(120);
    expect(Math.max(...seen)).toBe(1);
    expect(await holders()).toEqual(Object.fromEntries(Object.entries(await waiting()).map(([key, [id]]) => [key, id])));
  });

  test('of several keys in any order do not wait for each other for ever', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `k${index}`);
    const batches = Array.from({ length: 8 }, (_, index) => (index % 2 ? names : names.toReversed()).map((name) => unique(name, 'newest')));
    await Promise.all(batches.map((batch) => submit(...batch)));
    expect(Object.values(await waiting()).map(({ length }) => length)).toEqual(names.map(() => 1));
  });
});

describe('a job that is replaced', () => {
  test('gives back its place, its slots and its row, tells its outcome, and is not started by the message that it has', async () => {
    const limited = { limitKeys: ['one'], waits: true };
    const [first, second] = [unique('a', 'newest', limited), unique('a', 'newest', limited)];
    await submit(first);
    await store.query(`INSERT INTO flow_slots (limit_key, job_id) VALUES ('one', $1)`, [first.id]);
    await submit(second);
    expect([await slotsOf(store, first.id), (await placesOf(store)).map(({ job_id: id }) => id)]).toEqual([[], [second.id]]);
    expect(await store.outboxOf(first.id)).toMatchObject([{ type: 'event' }]);
    expect(await store.row(first.id)).toMatchObject({ state: 'cancelled', history: [expect.anything(), [2, 'cancelled', 0, expect.any(Number)]] });
    expect(await store.attempts.claim(await store.worker(), [claimOf(first.id)])).toMatchObject([{ claimed: null, facts: { state: 'cancelled' } }]);
    expect((await store.jobs.detail(first.id))?.cancellation).toMatchObject({
      reason: `job ${second.id} with the same unique key took its place`,
      outcome: 'not_started',
    });
  });

  test('has either started or is cancelled, when a worker claims it at that moment', async () => {
    const worker = await store.worker();
    for (let round = 0; round < 10; round++) {
      const [first, second] = [unique('a', 'newest'), unique('a', 'newest')];
      await submit(first);
      const [answers] = await Promise.all([store.attempts.claim(worker, [claimOf(first.id)]), submit(second)]);
      expect((await store.row(first.id)).state).toBe(answers[0]?.claimed ? 'running' : 'cancelled');
      expect((await holders())['a']).toBe(second.id);
    }
  });

  test('in single-process mode leaves its turn to the new one', async () => {
    const [first, second] = [unique('a', 'newest', { waits: true }), unique('a', 'newest', { waits: true })];
    await submit(first);
    await submit(second);
    const claimed = await store.attempts.claimDue(await store.worker(), null, 10, false);
    expect(claimed.map(({ id }) => id)).toEqual([second.id]);
    expect(await holders()).toEqual({});
  });
});

describe("in a caller's transaction a unique key", () => {
  test('is taken when it commits, and free when it rolls back', async () => {
    const [first, second] = [unique('a', 'oldest'), unique('a', 'oldest')];
    const rolledBack = store.dataSource.transaction(async (transaction) => {
      await store.submissions.submit([first], transaction);
      throw new Error('the caller changes its mind');
    });
    await expect(rolledBack).rejects.toThrow('changes its mind');
    expect(await holders()).toEqual({});
    await store.dataSource.transaction((transaction) => store.submissions.submit([second], transaction));
    expect(await holders()).toEqual({ a: second.id });
  });

  test('keeps others with that key waiting, and nobody else', async () => {
    const client = await store.session();
    await client.query('BEGIN');
    const first = unique('a', 'oldest');
    expect(statuses(await store.submissions.submit([first], { query: (text: string, values: unknown[]) => client.query(text, values as string[]) }))).toEqual([
      'created',
    ]);
    expect(statuses(await submit(unique('b', 'oldest'), newJob()))).toEqual(['created', 'created']);
    const other = submit(unique('a', 'oldest'));
    await store.waits();
    await client.query('COMMIT');
    expect(await other).toMatchObject([{ status: 'waiting', job: { id: first.id } }]);
  });
});

test('a key whose job has ended under a version that did not free it is taken over', async () => {
  const [first, second] = [unique('a', 'oldest'), unique('a', 'oldest')];
  await submit(first);
  await store.jobs.cancel(first.id);
  await store.query(`INSERT INTO unique_jobs (unique_key, job_id) VALUES ('test.job a', $1)`, [first.id]);
  expect(statuses(await submit(second))).toEqual(['created']);
  expect(await store.submissions.findWaiting('test.job a')).toMatchObject({ id: second.id });
});

test('of failed jobs with one key that are put back together the newest comes back', async () => {
  const worker = await store.worker();
  const ids: JobId[] = [];
  for (let index = 0; index < 3; index++) {
    const job = unique('a', 'oldest');
    await submit(job);
    const { token } = await store.claim(job.id, worker);
    const error = { code: 'x', name: 'x', message: 'x', attempt: 1, at: '' };
    await store.attempts.settle([{ jobId: job.id, token, event: 'failed', error, announce: false }]);
    ids.push(job.id);
  }
  const request = { act: 'redrive' as const, filter: { kind: 'test.job' } };
  const bulk = new PostgresBulk(store.db, store.db);
  const found = await bulk.find(request as never, 'failed', null, 100);
  expect(found.ids).toHaveLength(3);
  expect(await bulk.change(request as never, found.ids)).toBe(1);
  expect(await waiting()).toEqual({ a: [ids[2]] });
  expect(await holders()).toEqual({ a: ids[2] });
});
