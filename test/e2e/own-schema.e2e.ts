// Ring 2: .ci/run runs this file.
import { DEFAULT_SCHEMA } from '@app/core';
import { migrate } from '@app/postgres';
import { describeWithBroker, type FreshDatabase, freshDatabase, type Stack, spawnApp, startStack, waitFor } from '../support/index.js';

interface Running {
  state: string;
  attempt: number;
  crashes: number;
  worker_id: number;
}

/** Tests run beside others: a slow event loop is no reason to refuse here. */
const BUSY = { ADMISSION_EVENT_LOOP_MS: '0' };

const newestOf = async (stack: Stack) => (await stack.query<{ number: number }>('SELECT max(number) AS number FROM schema_version'))[0]?.number ?? 0;

describeWithBroker('two installations in one database, each with a schema and a virtual host of its own', () => {
  let database: FreshDatabase;
  let ours: Stack;
  let theirs: Stack;
  beforeAll(async () => {
    database = await freshDatabase();
    await migrate(database.url, 'other');
    const env = { ...BUSY, LEASE_SECONDS: '5', DRAIN_SECONDS: '1' };
    [ours, theirs] = (await Promise.all([DEFAULT_SCHEMA, 'other'].map((schema) => startStack({ mode: 'distributed', database, schema, env })))) as [
      Stack,
      Stack,
    ];
  });
  afterAll(async () => {
    await Promise.all([ours.stop(), theirs.stop()]);
    await database.drop();
  });

  const workersOf = async (stack: Stack) => (await stack.query<{ id: number }>('SELECT id FROM workers ORDER BY id')).map(({ id }) => id);
  const rowOf = async (stack: Stack, id: string) =>
    (await stack.query<Running>('SELECT state, attempt, crashes, worker_id FROM jobs WHERE id = $1', [id]))[0] as Running;

  test('use one key, one queue and one worker id each for itself (C19)', async () => {
    expect(await workersOf(ours)).toEqual(await workersOf(theirs));
    const key = { 'idempotency-key': '"the same"', prefer: 'wait=20' };
    const [mine, yours] = await Promise.all([ours, theirs].map((stack, value) => stack.api.submit('debug.echo', { value }, undefined, key)));
    expect([mine?.body.result, yours?.body.result]).toEqual([{ value: 0 }, { value: 1 }]);
    expect((await ours.api.call('GET', `/jobs/${String(yours?.body.id)}`)).status).toBe(404);
  });

  test('lose a worker each by itself: its lock, its sweep and its jobs are nothing to the other (C19)', async () => {
    // Longer than the test takes, on however busy a machine.
    const ms = 600_000;
    const [mine, yours] = (await Promise.all([ours, theirs].map((stack) => stack.api.accepted('debug.sleep', { ms })))) as [string, string];
    await Promise.all([ours.api.waitForState(mine, 'running'), theirs.api.waitForState(yours, 'running')]);
    const [before, other] = [await rowOf(ours, mine), await rowOf(theirs, yours)];
    // The same id: by it alone, either's sweep would take the other's lock for the dead worker's.
    expect(before.worker_id).toBe(other.worker_id);
    ours.workers[0]?.kill('SIGKILL');
    ours.workers.splice(0, 1, await spawnApp('worker', ours.env));
    await waitFor('the lost job to be taken over, though the other worker of that id lives', async () => (await rowOf(ours, mine)).crashes === 1);
    expect(await rowOf(theirs, yours)).toEqual(other);
    expect(theirs.workers[0]?.isRunning()).toBe(true);
    for (const [stack, id] of [
      [ours, mine],
      [theirs, yours],
    ] as const) {
      await stack.api.call('POST', `/jobs/${id}/cancel`);
      await stack.api.waitForState(id, 'cancelled');
    }
  });

  test('clear up each for itself: a swept worker of one leaves the other its row (C19)', async () => {
    const [id] = await workersOf(theirs);
    await ours.query(
      `INSERT INTO workers (id, name, concurrency, queues, lease_until) VALUES (1000, 'gone', 1, '{}', now() - interval '1 minute') ON CONFLICT DO NOTHING`,
    );
    await waitFor('the row of the dead worker to be removed', async () => !(await workersOf(ours)).includes(1_000));
    expect(await workersOf(theirs)).toEqual([id]);
  });
});

describe("an application's own tables beside Longhaul's", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode: 'single-process', env: BUSY });
    await stack.query(`
      CREATE TABLE public.jobs (id integer PRIMARY KEY, title text NOT NULL); INSERT INTO public.jobs VALUES (1, 'gardener');
      CREATE TABLE public.debug_effects (key text, job_id text, theirs boolean NOT NULL DEFAULT true);
      CREATE TABLE public.queues (name text); CREATE TABLE public.workers (name text); CREATE TABLE public.outbox (mail text)`);
  });
  afterAll(() => stack.stop());

  test('of the same names are not read, written or in the way of one of its jobs (C13)', async () => {
    const id = await stack.api.accepted('debug.effect', { key: 'beside' });
    await stack.api.waitForState(id, 'succeeded');
    expect((await stack.api.call<{ items: { id: string }[] }>('GET', '/jobs?state=succeeded')).body.items.map((job) => job.id)).toEqual([id]);
    expect(await stack.query('SELECT * FROM public.jobs')).toEqual([{ id: 1, title: 'gardener' }]);
    expect(await stack.query('SELECT FROM public.debug_effects UNION ALL SELECT FROM public.outbox UNION ALL SELECT FROM public.workers')).toEqual([]);
    expect(await stack.query('SELECT key FROM longhaul.debug_effects')).toEqual([{ key: 'beside' }]);
  });
});

describe('a schema that a migration has changed under running processes', () => {
  test('ends the gateway of single-process mode with a drain: what it runs may end', async () => {
    const stack = await startStack({ mode: 'single-process', env: { ...BUSY, LEASE_SECONDS: '3' } });
    try {
      const id = await stack.api.accepted('debug.effect', { key: 'before', ms: 1_500 });
      await stack.api.waitForState(id, 'running');
      await stack.query('INSERT INTO schema_version VALUES ($1, true)', [(await newestOf(stack)) + 1]);
      expect(await stack.gateway.exited).toEqual({ code: 0, signal: null });
      expect(await stack.query('SELECT state, attempt FROM jobs WHERE id = $1', [id])).toEqual([{ state: 'succeeded', attempt: 1 }]);
      expect(stack.gateway.logs().join('\n')).toContain('the schema of the database has changed');
    } finally {
      await stack.stop();
    }
  });

  test('that only adds ends nobody; whoever starts afterwards is told to be updated', async () => {
    const stack = await startStack({ mode: 'single-process', env: BUSY });
    try {
      await stack.query('INSERT INTO schema_version VALUES ($1, false)', [(await newestOf(stack)) + 1]);
      const late = await spawnApp('gateway', stack.env, { waitUntilReady: false });
      expect((await late.exited).code).toBe(1);
      expect(late.logs().filter((line) => line.trim() !== '')).toEqual([expect.stringMatching(/^expected the schema "longhaul" .* install a newer Longhaul$/)]);
      const { body } = await stack.api.submit('debug.echo', { value: 1 }, undefined, { prefer: 'wait=20' });
      expect(body.state).toBe('succeeded');
    } finally {
      await stack.stop();
    }
  });
});

describeWithBroker('a migration that breaks what running processes do', () => {
  test('ends gateways, workers and each of several processes of one, once', async () => {
    const stack = await startStack({ mode: 'distributed', env: { ...BUSY, WEB_CONCURRENCY: '2', DATABASE_POOL: '4', READ_POOL: '2' } });
    try {
      // One that is still starting is refused by the newer schema, and ends with 1.
      for (const { url } of [stack.gateway, ...stack.workers])
        await waitFor('both processes to be up', async () => {
          const metrics = await (await fetch(`${url}/metrics`)).text();
          return (metrics.includes('process="1"') && metrics.includes('process="2"')) || undefined;
        });
      await stack.query('INSERT INTO schema_version VALUES ($1, true)', [(await newestOf(stack)) + 1]);
      const ends = await Promise.all([stack.gateway, ...stack.workers].map((app) => app.exited));
      expect(ends).toEqual(ends.map(() => ({ code: 0, signal: null })));
    } finally {
      await stack.stop();
    }
  });
});
