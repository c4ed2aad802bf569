import {
  isTerminal,
  JOB_EVENTS,
  JOB_STATES,
  type JobEvent,
  type JobId,
  type JobState,
  jsonText,
  nextState,
  type SettleEvent,
  TERMINAL_STATES,
} from '@app/core';
import { claimOf, newPublishId, newToken, type StoredJob, TestStore } from '../testing/test-store.js';

const ERROR = { code: 'handler_error', name: 'Error', message: 'no', attempt: 1, at: '2026-01-31T08:00:00.000Z' };

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());

/** A job in each state, brought there by the store itself. */
const IN_STATE: Record<JobState, () => Promise<JobId>> = {
  // By way of an attempt, so that they carry a token: that of an attempt which is over.
  scheduled: () => ended('retried'),
  queued: () => ended('interrupted'),
  running: async () => (await store.running(await store.worker())).id,
  succeeded: () => ended('succeeded'),
  failed: () => ended('failed'),
  cancelled: () => ended('cancelled'),
};

async function ended(event: SettleEvent): Promise<JobId> {
  const job = await store.running(await store.worker());
  await store.attempts.settle([
    { jobId: job.id, token: job.token, event, announce: false, delayMs: 3_600_000, ...(event === 'failed' ? { error: ERROR } : {}) },
  ]);
  return job.id;
}

/** What the store does when an event happens to a row. */
const HAPPENS: Record<JobEvent, (row: StoredJob) => Promise<unknown>> = {
  due: async ({ id }) => {
    await store.query(`UPDATE jobs SET run_at = now() WHERE id = $1 AND state = 'scheduled'`, [id]);
    await store.query(`UPDATE outbox SET available_at = now() WHERE job_ids[1] = $1`, [id]);
    await store.query(
      `INSERT INTO outbox (id, type, job_ids, queue, priority, available_at) VALUES (gen_random_uuid(), 'job', ARRAY[$1::uuid], 'default', 4, now())`,
      [id],
    );
    await store.outbox.take(1_000, 30);
  },
  claimed: async ({ id }) => store.attempts.claim(await store.worker(), [claimOf(id)]),
  deferred: ({ id }) => store.attempts.defer(id, 1_000, 60_000, ERROR),
  exhausted: async ({ id, lease_token, state }) => {
    await store.query(`UPDATE jobs SET attempt = max_attempts, crashes = CASE WHEN state = 'running' THEN 4 ELSE crashes END WHERE id = $1`, [id]);
    await store.attempts.exhaust(id, newPublishId(), state === 'queued' ? null : (lease_token ?? newToken()), ERROR);
  },
  expired: async ({ id }) => {
    // A job that has started, or ended, has no such time.
    await store.query(`UPDATE jobs SET start_before = now() WHERE id = $1 AND state IN ('queued', 'scheduled')`, [id]);
    await store.workers.expireLate();
  },
  succeeded: settles('succeeded'),
  failed: settles('failed'),
  retried: settles('retried'),
  snoozed: settles('snoozed'),
  interrupted: settles('interrupted'),
  lost: ({ worker_id }) => store.workers.recover(worker_id ?? (0 as never)),
  takenOver: async ({ id, lease_token }) => store.attempts.takeOver(await store.worker(), claimOf(id), lease_token ?? newToken(), true),
  cancelled: (row) => (row.state === 'running' ? settles('cancelled')(row) : store.jobs.cancel(row.id)),
  redriven: ({ id }) => store.jobs.redrive(id),
};

function settles(event: SettleEvent) {
  return ({ id, lease_token }: StoredJob) =>
    store.attempts.settle([{ jobId: id, token: lease_token ?? newToken(), event, announce: true, delayMs: 1_000, result: jsonText(1), error: ERROR }]);
}

const PAIRS = JOB_STATES.flatMap((state) => JOB_EVENTS.map((event) => ({ state, event, next: nextState(state, event) })));

describe('the store agrees with the lifecycle', () => {
  test.each(PAIRS.filter(({ next }) => next !== undefined))('a $state job that is $event becomes $next', async ({ state, event, next }) => {
    const row = await store.row(await IN_STATE[state]());
    expect(row.state).toBe(state);
    await HAPPENS[event](row);
    const after = await store.row(row.id);
    expect(after.state).toBe(next);
    expect(after.finished_at !== null).toBe(isTerminal(after.state));
    // Its event, with the next number, in the same write.
    expect(after.history).toEqual([...row.history, [row.events + 1, next, after.attempt, expect.any(Number)]]);
    expect(after.events).toBe(row.events + 1);
  });

  test.each(PAIRS.filter(({ next }) => next === undefined))('nothing of a $state job changes when it is $event', async ({ state, event }) => {
    const id = await IN_STATE[state]();
    // What the operation itself prepares is no change of the store's.
    const prepared = async () => ({ ...(await store.row(id)), attempt: 0 });
    const [before, letters] = [await prepared(), await store.deadLettersOf(id)];
    await HAPPENS[event](await store.row(id));
    expect(await prepared()).toEqual(before);
    expect(await store.deadLettersOf(id)).toEqual(letters);
  });

  test('a running job whose fifth worker is gone is exhausted, not queued (C38)', async () => {
    const worker = await store.worker();
    const { id } = await store.running(worker);
    await store.query('UPDATE jobs SET crashes = 4 WHERE id = $1', [id]);
    expect(await store.workers.recover(worker)).toBe(1);
    expect(await store.row(id)).toMatchObject({ state: nextState('running', 'exhausted') });
  });
});

describe('the schema agrees with the lifecycle', () => {
  test('the states that a job may have are the states of the lifecycle', async () => {
    const [check] = await store.query<{ states: string }>(`SELECT pg_get_constraintdef(oid) AS states FROM pg_constraint WHERE conname = 'jobs_state_known'`);
    const states = [...(check?.states ?? '').matchAll(/'([a-z]+)'::text/g)].map(([, state]) => state);
    expect(states).toEqual(JOB_STATES);
  });

  test('the states that have an end are the terminal ones', async () => {
    const [check] = await store.query<{ states: string }>(`SELECT pg_get_constraintdef(oid) AS states FROM pg_constraint WHERE conname = 'jobs_finished'`);
    const states = [...(check?.states ?? '').matchAll(/'([a-z]+)'::text/g)].map(([, state]) => state);
    expect(states).toEqual(TERMINAL_STATES);
  });

  test.each(JOB_STATES)('a %s job has an end exactly if that is terminal', async (state) => {
    const id = await IN_STATE[state]();
    const wrong = isTerminal(state) ? 'NULL' : 'now()';
    await expect(store.query(`UPDATE jobs SET finished_at = ${wrong} WHERE id = $1`, [id])).rejects.toThrow('jobs_finished');
  });

  test('a scheduled job has a time and a running one a lease', async () => {
    const [scheduled, running] = [await IN_STATE.scheduled(), await IN_STATE.running()];
    await expect(store.query('UPDATE jobs SET run_at = NULL WHERE id = $1', [scheduled])).rejects.toThrow('jobs_scheduled');
    await expect(store.query('UPDATE jobs SET lease_token = NULL WHERE id = $1', [running])).rejects.toThrow('jobs_leased');
    await expect(store.query('UPDATE jobs SET worker_id = NULL WHERE id = $1', [running])).rejects.toThrow('jobs_leased');
  });

  test.each([
    ['a retry', `state = 'scheduled', run_at = now()`],
    ['a take-over', `fence = j.fence + 1`],
    ['an interruption', `state = 'queued'`],
    ['a failure', `state = 'failed', finished_at = now()`],
  ])('%s that does not write out the history of a plain run is refused: it would be lost', async (_, change) => {
    const id = await IN_STATE.running();
    // As versions up to schema 17 wrote every change.
    const lost = store.query(`UPDATE jobs j SET ${change}, events = j.events + 1, history = j.history || '[[3, "", 1, 0]]' WHERE id = $1`, [id]);
    await expect(lost).rejects.toThrow('jobs_plain');
  });
});
