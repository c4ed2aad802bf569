// Ring 2: .ci/run runs this file.
import { describeWithBroker, isAlive, type Stack, spawnApp, startStack, waitFor } from '../support/index.js';

/** Four processes share what PostgreSQL's default of 100 connections leaves beside other tests. */
const SEVERAL = { WEB_CONCURRENCY: '2', LEASE_SECONDS: '5', DRAIN_SECONDS: '2', DATABASE_POOL: '4', READ_POOL: '2' };

/** The values of a metric by the process that they are of. */
async function byProcess(url: string, metric: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const values = new Map<string, number>();
  for (const [, process = '', value] of text.matchAll(new RegExp(`^longhaul_${metric}\\{process="(\\d+)"[^}]*\\} (\\S+)$`, 'gm')))
    values.set(process, (values.get(process) ?? 0) + Number(value));
  return values;
}

const sum = (values: Map<string, number>) => [...values.values()].reduce((total, value) => total + value, 0);

describeWithBroker('with WEB_CONCURRENCY', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode: 'distributed', env: SEVERAL });
    await bothReady();
  });
  afterAll(() => stack.stop());

  const worker = () => {
    const [first] = stack.workers;
    if (!first) throw new Error('expected a worker, got none');
    return first;
  };
  const bothReady = () =>
    waitFor('both processes of both', async () => {
      const [gateways, workers] = await Promise.all([byProcess(stack.gateway.url, 'amqp_up'), byProcess(worker().url, 'ready')]);
      return gateways.size === 2 && sum(workers) === 2;
    });
  const pids = () => stack.workingPids();

  test('the processes of a gateway and of a worker share the work, and a scrape tells of all of them', async () => {
    const ids = await Promise.all(Array.from({ length: 40 }, () => stack.api.accepted('debug.effect', { key: 'shared', ms: 100 })));
    for (const id of ids) await stack.api.waitForState(id, 'succeeded');
    const [{ effects } = { effects: 0 }] = await stack.query<{ effects: number }>('SELECT count(DISTINCT job_id)::integer AS effects FROM debug_effects');
    expect(effects).toBe(40);
    expect(sum(await byProcess(stack.gateway.url, 'submissions_total'))).toBe(40);
    const settled = await byProcess(worker().url, 'attempts_settled_total');
    expect([settled.size, sum(settled)]).toEqual([2, 40]);
    // None of them is the first process, which works on nothing.
    expect(await pids()).toHaveLength(2);
    expect(await pids()).not.toContain(worker().pid);
  });

  test('kill -9 of one: its job goes to the other, and another process takes its place', async () => {
    const id = await stack.api.accepted('debug.effect', { key: 'killed', ms: 2_000 });
    await stack.api.waitForState(id, 'running');
    const killed = (await stack.ownerPid(id)) ?? NaN;
    process.kill(killed, 'SIGKILL');
    expect((await stack.api.waitForState(id, 'succeeded', 30_000)).attempt).toBe(1);
    expect(await stack.query('SELECT key FROM debug_effects WHERE job_id = $1', [id])).toHaveLength(1);
    await waitFor('two workers, and not the one that was killed', async () => (await pids()).length === 2 && !(await pids()).includes(killed), {
      timeoutMs: 90_000,
    });
    expect(worker().isRunning()).toBe(true);
  });

  test('kill -9 of the first process: the others end with it', async () => {
    await bothReady();
    const working = (await pids()).filter(isAlive);
    expect(working).toHaveLength(2);
    worker().kill('SIGKILL');
    await waitFor('all to end', () => !working.some(isAlive));
    stack.workers.splice(0, 1, await spawnApp('worker', stack.env));
    await bothReady();
  });

  test('SIGTERM: all drain, what runs may end, and the exit code is 0', async () => {
    const ids = await Promise.all(Array.from({ length: 6 }, () => stack.api.accepted('debug.sleep', { ms: 1_000 })));
    await waitFor('all to run', async () => (await stack.query(`SELECT FROM jobs WHERE state = 'running'`)).length === 6);
    const working = (await pids()).filter(isAlive);
    expect(working).toHaveLength(2);
    expect(await worker().stop()).toBe(0);
    expect(working.filter(isAlive)).toEqual([]);
    for (const id of ids) expect((await stack.api.job(id)).state).toBe('succeeded');
    expect(await stack.gateway.stop()).toBe(0);
  });

  test('a process that cannot start ends all of them, with 1 and the reason', async () => {
    const broken = await spawnApp('worker', { ...stack.env, LEASE_SECONDS: 'soon' }, { waitUntilReady: false });
    expect((await broken.exited).code).toBe(1);
    expect(broken.logs().join('\n')).toContain('expected LEASE_SECONDS to be a whole number from 2 to 86400, got: "soon"');
    const none = await spawnApp('gateway', { ...stack.env, WEB_CONCURRENCY: '0' }, { waitUntilReady: false });
    expect((await none.exited).code).toBe(1);
    expect(none.logs().join('\n')).toContain('expected WEB_CONCURRENCY to be a whole number from 1 to 256, got: "0"');
  });
});

describe('single-process mode with WEB_CONCURRENCY', () => {
  test('its processes share the jobs, each of which runs once', async () => {
    const stack = await startStack({ mode: 'single-process', env: { ...SEVERAL, WORKER_CONCURRENCY: '2' } });
    try {
      await waitFor('two processes', async () => (await stack.query('SELECT FROM workers')).length === 2);
      const ids = await Promise.all(Array.from({ length: 20 }, () => stack.api.accepted('debug.effect', { key: 'single-process', ms: 100 })));
      for (const id of ids) await stack.api.waitForState(id, 'succeeded');
      expect(await stack.query(`SELECT FROM debug_effects WHERE key = 'single-process'`)).toHaveLength(20);
      expect(await stack.query('SELECT DISTINCT worker_id FROM jobs')).toHaveLength(2);
    } finally {
      await stack.stop();
    }
  });
});
