// Ring 2: .ci/run runs this file.
import type { WorkerList, WorkerView } from '@app/contracts';
import { describeEachModeInProofs, describeWithBroker, type Stack, startStack, waitFor } from '../support/index.js';

describeEachModeInProofs('the workers, in %s mode,', (mode) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode, env: { WORKER_CONCURRENCY: '7' } });
  });
  afterAll(() => stack.stop());

  const workers = async () => (await stack.api.call<WorkerList>('GET', '/workers')).body.items;

  test('are told with what each runs since when, and with its version, memory and kinds', async () => {
    const id = await stack.api.accepted('debug.sleep', { ms: 600_000 });
    await stack.api.waitForState(id, 'running');
    const [worker, ...others] = await workers();
    expect(others).toEqual([]);
    expect(worker).toMatchObject({
      state: 'running',
      concurrency: 7,
      runningCount: 1,
      running: [{ id, kind: 'debug.sleep', queue: 'default', attempt: 1 }],
      abandoned: [],
      drain: null,
    });
    expect(worker?.name).toMatch(/:\d+$/);
    expect(worker?.kinds).toContain('debug.echo');
    expect(worker?.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(worker?.node).toBe(process.versions.node);
    expect(worker?.memoryBytes).toBeGreaterThan(10_000_000);
    await stack.api.call('POST', `/jobs/${id}/cancel`);
    await waitFor('it to run nothing', async () => (await workers())[0]?.runningCount === 0);
  });

  test('show a handler that has not obeyed its stop until its code ends', async () => {
    const id = await stack.api.accepted('debug.misbehave', { how: 'hang', ms: 4_000 });
    await stack.api.waitForState(id, 'running');
    await stack.api.call('POST', `/jobs/${id}/cancel`, { graceMs: 50 });
    await stack.api.waitForState(id, 'cancelled');
    await waitFor('it to be told', async () => (await workers())[0]?.abandoned[0]?.jobId === id);
    await waitFor('its code to end', async () => (await workers())[0]?.abandoned.length === 0, { timeoutMs: 90_000 });
  });

  test('that nobody knows cannot be drained', async () => {
    for (const id of ['999999', 'none', '1e3', '-1', '99999999999999999999', '3000000000'])
      expect((await stack.api.call('POST', `/workers/${id}/drain`)).status).toBe(404);
    const [worker] = await workers();
    expect((await stack.api.call('POST', `/workers/${worker?.id}/drain`, { why: 'x' })).status).toBe(422);
  });

  test('tell the steps that a job has done', async () => {
    const id = await stack.api.accepted('debug.isolated', { do: 'echo' });
    await stack.api.waitForState(id, 'succeeded', 60_000);
    const steps = await stack.api.call<{ items: object[] }>('GET', `/jobs/${id}/steps`);
    expect(steps).toMatchObject({ status: 200, body: { items: [{ name: 'first', result: 1 }], complete: true } });
    expect((await stack.api.call('GET', '/jobs/00000000-0000-7000-8000-000000000000/steps')).status).toBe(404);
  });

  if (mode === 'single-process')
    test('that are a gateway too are not drained from afar', async () => {
      const [worker] = await workers();
      expect((await stack.api.call('POST', `/workers/${worker?.id}/drain`)).status).toBe(409);
    });
});

describeWithBroker('a worker that is asked to drain from afar', () => {
  test('takes nothing new, gives back what runs at no cost of an attempt, and exits; another one goes on', async () => {
    const stack = await startStack({ mode: 'distributed', workers: 2, env: { DRAIN_SECONDS: '1' } });
    try {
      const ids = await Promise.all(Array.from({ length: 6 }, () => stack.api.accepted('debug.sleep', { ms: 600_000 })));
      await Promise.all(ids.map((id) => stack.api.waitForState(id, 'running')));
      const { items } = (await stack.api.call<WorkerList>('GET', '/workers')).body;
      const busy = items.find(({ runningCount }) => runningCount > 0) as WorkerView;
      const asked = await stack.api.call<WorkerView>('POST', `/workers/${busy.id}/drain`, { reason: 'its disk is full', by: 'anna' });
      expect(asked).toMatchObject({ status: 202, body: { state: 'draining', drain: { reason: 'its disk is full', by: 'anna' } } });
      const app = stack.workers.find(({ pid }) => busy.name.endsWith(`:${pid}`));
      await waitFor('its process to end', () => app?.isRunning() === false, { timeoutMs: 90_000 });
      expect(app?.logs().some((line) => line.includes('it was asked to drain by anna: its disk is full'))).toBe(true);
      await waitFor(
        'the other one to run all of them',
        async () => {
          const { items: left } = (await stack.api.call<WorkerList>('GET', '/workers')).body;
          return left.length === 1 && left[0]?.runningCount === 6;
        },
        { timeoutMs: 90_000 },
      );
      for (const id of ids) expect((await stack.api.job(id)).attempt).toBe(1);
    } finally {
      await stack.stop();
    }
  }, 120_000);
});
