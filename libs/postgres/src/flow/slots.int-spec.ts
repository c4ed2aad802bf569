import type { ClaimedJob, JobId, Settlement, WorkerId } from '@app/core';
import { giveSlots, limit, limitedJob, placesOf, releasedJob, slotsOf, waitingJob } from '../testing/flow-rows.js';
import type { Database, Joined, Statement } from '../pool/database.js';
import { Claims } from '../run/claims.js';
import { claimOf, TestStore } from '../testing/test-store.js';

const KIND = 'test.job';

let store: TestStore;
let worker: WorkerId;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.clear();
  worker = await store.worker();
  await limit(store, 'api', { concurrency: 5 });
  await limit(store, 'mail', { concurrency: 5 });
});

async function runningJob(...keys: string[]): Promise<ClaimedJob> {
  return store.claim(await releasedJob(store, keys), worker);
}

async function settle({ id, token }: ClaimedJob, more: Partial<Settlement> = {}) {
  await store.attempts.settle([{ jobId: id, token, event: 'succeeded', announce: false, ...more }]);
}

const error = { code: 'x', name: 'X', message: 'x', attempt: 1, at: '' };
const typesOf = async (id: JobId) => (await store.outboxOf(id)).map(({ type }) => type);

describe.each([
  ['of a kind of which nothing is known', undefined],
  ['of a kind whose jobs were found to have limits', KIND],
])('a claim %s', (_, kind) => {
  beforeEach(async () => {
    if (kind !== undefined) await store.claim(await releasedJob(store, ['api']), worker, kind);
  });

  test('takes a job that has a slot of each of its limits', async () => {
    const id = await releasedJob(store, ['api', 'mail/tenant:a']);
    expect(await store.claim(id, worker, kind)).toMatchObject({ id, state: 'running', attempt: 1 });
    expect(await slotsOf(store, id)).toEqual(['api', 'mail/tenant:a']);
  });

  test('refuses a job that has only some of its slots, and says that it waits', async () => {
    const id = await releasedJob(store, ['api', 'mail']);
    await store.query(`DELETE FROM flow_slots WHERE limit_key = 'mail'`);
    const [answer] = await store.attempts.claim(worker, [claimOf(id, kind)]);
    expect(answer).toMatchObject({ claimed: null, facts: { state: 'queued', waits: true } });
  });

  test('asks for no slot of a limit that is gone', async () => {
    const id = await limitedJob(store, ['deleted/tenant:a']);
    expect(await store.claim(id, worker, kind)).toMatchObject({ id });
  });

  test('of a suspect asks for its slots as well', async () => {
    const id = await limitedJob(store, ['api']);
    await store.query('UPDATE jobs SET crashes = 1 WHERE id = $1', [id]);
    expect(await store.attempts.claimSuspect(worker, claimOf(id))).toBeNull();
    await giveSlots(store, id);
    expect(await store.attempts.claimSuspect(worker, claimOf(id))).toMatchObject({ id, crashes: 1 });
  });

  test('ends the place that the job has in the waiting room', async () => {
    const id = await waitingJob(store, ['api']);
    await giveSlots(store, id);
    await store.claim(id, worker, kind);
    expect(await placesOf(store)).toEqual([]);
  });

  test('frees the unique key of the job, with limits or without', async () => {
    const ids = [await releasedJob(store, ['api']), await store.queued()];
    for (const [place, id] of ids.entries()) {
      await store.query('UPDATE jobs SET unique_key = $2 WHERE id = $1', [id, `key ${place}`]);
      await store.query('INSERT INTO unique_jobs (unique_key, job_id) VALUES ($2, $1)', [id, `key ${place}`]);
      await store.claim(id, worker, kind);
    }
    expect(await store.query('SELECT FROM unique_jobs')).toEqual([]);
  });

  test('that waits for the row while the slots are given back does not run without them', async () => {
    const id = await releasedJob(store, ['api']);
    const other = await store.session();
    await other.query('BEGIN');
    await other.query('UPDATE jobs SET messaged_at = now() WHERE id = $1', [id]);
    const claiming = store.attempts.claim(worker, [claimOf(id, kind)]);
    await store.waits();
    await other.query('DELETE FROM flow_slots WHERE job_id = $1', [id]);
    await other.query('COMMIT');
    expect(await claiming).toMatchObject([{ claimed: null, facts: { waits: true } }]);
    expect(await store.row(id)).toMatchObject({ state: 'queued' });
  });

  test('grants a job to one of two', async () => {
    const id = await releasedJob(store, ['api']);
    const answers = await Promise.all([1, 2].map(() => store.attempts.claim(worker, [claimOf(id, kind)])));
    expect(answers.flat().filter(({ claimed }) => claimed)).toHaveLength(1);
    expect(await store.row(id)).toMatchObject({ attempt: 1 });
  });
});

test('jobs of a kind with limits are claimed in one statement from the second on, and so are its jobs when the limits are gone', async () => {
  const names: string[] = [];
  const run = (statement: Statement, values: unknown[], transaction?: Joined) => {
    names.push(statement.name);
    return store.db.run(statement, values, transaction);
  };
  const claims = new Claims(Object.assign(Object.create(store.db) as Database, { run }), () => undefined);
  const taken = async (id: JobId) => {
    names.length = 0;
    expect(await claims.claim(worker, [claimOf(id, KIND)])).toMatchObject([{ claimed: { id } }]);
    return names;
  };
  expect(await taken(await store.queued())).toEqual(['job:claim']);
  expect(await taken(await releasedJob(store, ['api']))).toEqual(['job:claim', 'job:claim-facts', 'flow:lock-jobs', 'job:claim-limited']);
  for (const keys of [['api'], ['api', 'mail/tenant:a'], ['mail']]) expect(await taken(await releasedJob(store, keys))).toEqual(['job:claim-ready']);
  expect(await taken(await store.queued())).toEqual(['job:claim-ready']);
  expect(await taken(await store.queued())).toEqual(['job:claim']);
});

describe('a job that waits for its turn', () => {
  test('gets a place in the waiting room, before all others of its queue and priority', async () => {
    const later = await waitingJob(store, ['api']);
    const id = await limitedJob(store, ['api']);
    await store.attempts.awaitTurn(id);
    expect((await placesOf(store)).map(({ job_id }) => job_id)).toHaveLength(2);
    const [first] = await store.query<{ virtual_time: number }>('SELECT virtual_time FROM waiting_room WHERE job_id = $1', [id]);
    const [second] = await store.query<{ virtual_time: number }>('SELECT virtual_time FROM waiting_room WHERE job_id = $1', [later]);
    expect(first?.virtual_time).toBeLessThanOrEqual(second?.virtual_time as number);
  });

  test('keeps the place that it has, and needs none when its slots have come', async () => {
    const waiting = await waitingJob(store, ['api'], { parkedOn: 'api' });
    await store.attempts.awaitTurn(waiting);
    const released = await releasedJob(store, ['api']);
    await store.attempts.awaitTurn(released);
    expect(await placesOf(store)).toEqual([{ job_id: waiting, parked_on: 'api' }]);
  });

  test('gets no place when it has no limits, or is not queued any more', async () => {
    const [free, { id }] = [await store.queued(), await runningJob('api')];
    await store.attempts.awaitTurn(free);
    await store.attempts.awaitTurn(id);
    expect(await placesOf(store)).toEqual([]);
  });
});

describe('slots are given back', () => {
  test('when a job ends', async () => {
    for (const event of ['succeeded', 'failed', 'cancelled'] as const) {
      const job = await runningJob('api', 'mail');
      await settle(job, { event });
      expect(await slotsOf(store, job.id)).toEqual([]);
      expect(await typesOf(job.id)).toEqual([]);
    }
  });

  test('between two attempts; the job takes its turn before the next one', async () => {
    for (const event of ['retried', 'snoozed', 'interrupted'] as const) {
      const job = await runningJob('api');
      await settle(job, { event, error, delayMs: 60_000 });
      expect(await slotsOf(store, job.id)).toEqual([]);
      expect(await typesOf(job.id)).toEqual(['turn']);
    }
  });

  test('and not by a settlement under another token', async () => {
    const job = await runningJob('api');
    await settle({ ...job, token: claimOf(job.id).token });
    expect(await slotsOf(store, job.id)).toEqual(['api']);
  });

  test('when their worker is lost; the job takes its turn again, and a job without limits does not', async () => {
    const [limited, free] = [await runningJob('api'), await store.running(worker)];
    await store.workers.recover(worker);
    expect(await store.row(limited.id)).toMatchObject({ state: 'queued' });
    expect(await slotsOf(store, limited.id)).toEqual([]);
    expect(await typesOf(limited.id)).toEqual(['turn']);
    expect((await store.outboxOf(free.id)).map(({ type, suspect }) => [type, suspect])).toContainEqual(['job', true]);
  });

  test('by a worker that does not know the job any more', async () => {
    const job = await runningJob('api');
    await store.workers.recoverStray(job.id, job.token);
    expect(await slotsOf(store, job.id)).toEqual([]);
    expect(await typesOf(job.id)).toEqual(['turn']);
  });

  test('not by a take-over, which goes on with the same attempt', async () => {
    const job = await runningJob('api');
    await store.attempts.takeOver(worker, claimOf(job.id), job.token, true);
    expect(await slotsOf(store, job.id)).toEqual(['api']);
  });

  test('by the cancellation of a job that has not started; one that runs keeps them until it has stopped', async () => {
    const [released, running] = [await releasedJob(store, ['api']), await runningJob('api')];
    expect(await store.jobs.cancel(released)).toMatchObject({ accepted: true, job: { state: 'cancelled' } });
    await store.jobs.cancel(running.id);
    expect(await slotsOf(store, released)).toEqual([]);
    expect(await slotsOf(store, running.id)).toEqual(['api']);
  });

  test('by a cancellation that waits while the job is released', async () => {
    const id = await limitedJob(store, ['api']);
    const release = await store.session();
    await release.query('BEGIN');
    await release.query('SELECT FROM jobs WHERE id = $1 FOR UPDATE', [id]);
    const cancelling = store.jobs.cancel(id);
    await store.waits();
    await release.query(`INSERT INTO flow_slots (limit_key, job_id) VALUES ('api', $1)`, [id]);
    await release.query('COMMIT');
    expect(await cancelling).toMatchObject({ accepted: true });
    expect(await slotsOf(store, id)).toEqual([]);
  });

  test('when no attempts are left', async () => {
    const id = await releasedJob(store, ['api'], { maxAttempts: 1 });
    await store.query('UPDATE jobs SET attempt = 1 WHERE id = $1', [id]);
    expect(await store.attempts.exhaust(id, null, null, error)).toBe(true);
    expect(await slotsOf(store, id)).toEqual([]);
  });

  test('when no worker here knows the kind', async () => {
    const id = await releasedJob(store, ['api']);
    await store.attempts.defer(id, 30_000, 60_000, error);
    expect(await store.row(id)).toMatchObject({ state: 'scheduled' });
    expect(await slotsOf(store, id)).toEqual([]);
    expect(await typesOf(id)).toEqual(['turn']);
  });

  test('by a worker that has no room for the job; each of them takes its turn by itself', async () => {
    const limited = [await releasedJob(store, ['api']), await releasedJob(store, ['api'])];
    const free = await store.submit({}, {});
    await store.query(`DELETE FROM outbox`);
    const put = await store.attempts.putBack([...limited, ...free], 10);
    expect(put.toSorted()).toEqual([...limited, ...free].toSorted());
    const rows = await store.query<{ type: string; jobs: number }>('SELECT type, cardinality(job_ids) AS jobs FROM outbox ORDER BY type, jobs');
    expect(rows).toEqual([{ type: 'job', jobs: 2 }, { type: 'turn', jobs: 1 }, { type: 'turn', jobs: 1 }]); // prettier-ignore
    expect(await store.query('SELECT FROM flow_slots')).toEqual([]);
  });

  test('when the message of a released job is taken for lost', async () => {
    const id = await releasedJob(store, ['api']);
    await store.query(`UPDATE jobs SET queued_at = now() - interval '1 hour'`);
    expect(await store.workers.republishLost('default', true, 60)).toBe(1);
    expect(await slotsOf(store, id)).toEqual([]);
    expect(await typesOf(id)).toEqual(['turn']);
    const other = await releasedJob(store, ['api']);
    await store.workers.republish(other);
    expect(await slotsOf(store, other)).toEqual([]);
    expect(await typesOf(other)).toEqual(['turn']);
  });

  test('and a redriven job takes its turn', async () => {
    const job = await runningJob('api');
    await settle(job, { event: 'failed', error });
    expect(await store.jobs.redrive(job.id)).toMatchObject({ accepted: true });
    expect(await typesOf(job.id)).toEqual(['turn']);
  });
});
