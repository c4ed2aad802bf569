// Ring 2: .ci/run runs this file.
import type { KindList, WorkerList } from '@app/contracts';
import { fileURLToPath } from 'node:url';
import { describeEachModeInProofs, describeWithBroker, spawnApp, type Stack, startStack, waitFor } from '../support/index.js';

const CONFIG = fileURLToPath(new URL('../../dist/test/fixtures/own-service/longhaul.config.js', import.meta.url));
const OWN = { LONGHAUL_CONFIG: CONFIG, LONGHAUL_DEBUG_KINDS: '0' };
const LIGHT = 'own.light';
const HEAVY = 'own.heavy';

describeEachModeInProofs('jobs that take three slots of a worker, in %s mode,', (mode) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode, env: { ...OWN, WORKER_CONCURRENCY: '4' } });
  });
  afterAll(() => stack.stop());

  const submit = (kind: string, ms: number, options: object = {}) => stack.api.accepted(kind, { name: 'a', ms }, options);
  const spanOf = async (id: string) => (await stack.api.waitForState(id, 'succeeded')).result as { from: number; to: number };

  test('run beside as many others as have slots left, and never beside each other', async () => {
    const heavy = await Promise.all([1, 2, 3].map(() => submit(HEAVY, 150)));
    const light = await Promise.all(Array.from({ length: 12 }, () => submit(LIGHT, 60)));
    const spans = await Promise.all([...heavy.map((id) => ({ id, slots: 3 })), ...light.map((id) => ({ id, slots: 1 }))].map(async ({ id, slots }) => ({ slots, ...(await spanOf(id)) }))); // prettier-ignore
    const taken = spans.map(({ from }) => spans.filter((other) => other.from <= from && from < other.to).reduce((sum, { slots }) => sum + slots, 0));
    expect(Math.max(...taken)).toBeLessThanOrEqual(4);
  });

  test('are not passed by smaller ones that come after them, however many there are', async () => {
    const first = await Promise.all([submit(LIGHT, 900), submit(LIGHT, 1_200)]);
    for (const id of first) await stack.api.waitForState(id, 'running');
    const heavy = await submit(HEAVY, 10);
    // Until it is known to be in the worker's hands, one that was submitted later may have come first.
    await waitFor('its message to be with the worker', async () => (await stack.query(`SELECT FROM outbox WHERE $1 = ANY (job_ids)`, [heavy])).length === 0 || mode !== 'distributed'); // prettier-ignore
    const after = await Promise.all(Array.from({ length: 10 }, () => submit(LIGHT, 700)));
    const { from } = await spanOf(heavy);
    const passed = (await Promise.all(after.map((id) => spanOf(id)))).filter((other) => other.from < from);
    expect(passed).toEqual([]);
  });

  test('are shown with their slots: in the kinds, and as they run on a worker', async () => {
    const { items } = (await stack.api.call<KindList>('GET', '/kinds')).body;
    expect(items.filter(({ slots }) => slots > 1).map(({ kind, slots }) => [kind, slots])).toEqual([[HEAVY, 3]]);
    const id = await submit(HEAVY, 3_000);
    await stack.api.waitForState(id, 'running');
    const [worker] = (await stack.api.call<WorkerList>('GET', '/workers')).body.items;
    expect(worker?.running).toMatchObject([{ id, slots: 3 }]);
    await stack.api.waitForState(id, 'succeeded');
  });
});

describeWithBroker('a worker that has fewer slots than a job takes', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode: 'distributed', workers: 0, env: OWN });
  });
  afterAll(() => stack.stop());

  test('does not start where it takes the queue of that kind, and says what to do', async () => {
    const worker = await spawnApp('worker', { ...stack.env, WORKER_CONCURRENCY: '2' }, { waitUntilReady: false });
    expect((await worker.exited).code).toBe(1);
    expect(worker.logs().join('\n')).toContain('expected WORKER_CONCURRENCY to be at least 3, the slots that one job of own.heavy takes, got: 2;');
  });

  test('starts for other queues, and a job that was sent there is put off until a larger worker takes them; why says so', async () => {
    await stack.api.call('PUT', '/queues/other', {});
    const small = await spawnApp('worker', { ...stack.env, WORKER_CONCURRENCY: '2', WORKER_QUEUES: 'other' });
    const id = await stack.api.accepted(HEAVY, { name: 'a' }, { queue: 'other' });
    await stack.api.waitForState(id, 'scheduled');
    const { body } = await stack.api.call<{ reasons: object[] }>('GET', `/jobs/${id}/why`);
    expect(body.reasons).toContainEqual({ code: 'no_worker', queue: 'other', workers: 1, needsSlots: 3, largestWorker: 2 });
    await small.stop();
  });
});
