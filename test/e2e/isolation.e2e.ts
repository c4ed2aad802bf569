// Ring 2: .ci/run runs this file.
import { jest } from '@jest/globals';
import type { JobView } from '@app/contracts';
import { type App, childrenOf, describeEachModeInProofs, describeWithBroker, isAlive, type Mode, spawnApp, startStack, waitFor } from '../support/index.js';

// A process boots in a second, or in ten on a machine that runs the other suites too.
jest.setTimeout(120_000);
const LEASE_SECONDS = 5;
// The drain is long enough for a job of a second on a busy machine; what hangs takes all of it.
const ENV = { LEASE_SECONDS: String(LEASE_SECONDS), WORKER_CONCURRENCY: '12', DRAIN_SECONDS: '6' };

/** A stack and what these tests ask of it. */
async function startIsolation(mode: Mode, workers = 1) {
  const stack = await startStack({ mode, workers, env: ENV });
  const host = (): App => stack.workers[0] ?? stack.gateway;
  const hosts = () => (mode === 'single-process' ? [stack.gateway] : stack.workers);
  /** When a process says so in the log: its pid. */
  const pidOf = (id: string, says = 'does: ') =>
    waitFor(
      `job ${id} to log "${says}"`,
      () =>
        hosts()
          .flatMap(entriesOf)
          .findLast(({ jobId, msg }) => jobId === id && msg.startsWith(says))?.pid,
      {
        timeoutMs: 90_000,
      },
    );
  return {
    stack,
    host,
    pidOf,
    isolated: (payload: object, options?: object) => stack.api.accepted('debug.isolated', payload, options),
    finished: async (payload: object, options?: object): Promise<JobView> =>
      (await stack.api.submit('debug.isolated', payload, options, { prefer: 'wait=60' })).body,
    cancelled: async (id: string) => {
      await stack.api.call('POST', `/jobs/${id}/cancel`);
      return stack.api.waitForState(id, 'cancelled', 60_000);
    },
    effectsOf: (id: string) => stack.query<{ key: string }>('SELECT key FROM debug_effects WHERE job_id = $1', [id]),
    replaceHost: async () => {
      if (mode === 'distributed') stack.workers.splice(0, 1, await spawnApp('worker', stack.env));
      else stack.gateway = await spawnApp('gateway', { ...stack.env, PORT: new URL(stack.gateway.url).port });
    },
    stop: async () => {
      // The gateway of single-process mode may be another one by now.
      if (stack.gateway.isRunning()) await stack.gateway.stop();
      await stack.stop();
    },
  };
}

type Isolation = Awaited<ReturnType<typeof startIsolation>>;

/** The same promises in both modes: the gateway of single-process mode runs isolated kinds as a worker does. */
describeEachModeInProofs('an isolated job in %s mode', (mode) => {
  let on: Isolation;
  beforeAll(async () => {
    on = await startIsolation(mode);
  });
  afterAll(() => on.stop());

  test('has the whole context, in a process that is used again while it is warm', async () => {
    const first = await on.finished({ do: 'echo', key: 'ä' });
    expect(first).toMatchObject({ state: 'succeeded', attempt: 1, result: { attempt: 1, fence: 1, idempotencyKey: first.id, key: 'ä', firstAttempt: 1 } });
    const { pid } = first.result as { pid: number };
    expect(childrenOf(on.host().pid)).toContain(pid);
    expect(await on.pidOf(first.id)).toBe(pid);
    expect((await on.finished({ do: 'echo' })).result).toMatchObject({ pid });
  });

  test('that computes for longer than the lease keeps its lease, shows progress, and leaves its neighbours their time', async () => {
    const { api } = on.stack;
    const spinning = await on.isolated({ do: 'spin', ms: (LEASE_SECONDS + 2) * 1_000 });
    await waitFor('progress', async () => (await api.job(spinning)).progress, { timeoutMs: 90_000 });
    const neighbours: string[] = [];
    while ((await api.job(spinning)).state === 'running') {
      const { body } = await api.submit('debug.echo', { value: 1 }, undefined, { prefer: 'wait=20' });
      expect(body.state).toBe('succeeded');
      neighbours.push(body.id);
    }
    expect(await api.job(spinning)).toMatchObject({ state: 'succeeded', attempt: 1 });
    // By the store's clock, so that it does not matter how busy this machine is.
    const [{ beside } = { beside: 0 }] = await on.stack.query<{ beside: number }>(
      `SELECT count(*)::integer AS beside FROM jobs, (SELECT finished_at AS spun FROM jobs WHERE id = $1) spinning
       WHERE id = ANY ($2) AND finished_at < spun`,
      [spinning, neighbours],
    );
    expect(beside).toBeGreaterThanOrEqual(3);
    const told = await (await fetch(`${api.url}/jobs/${spinning}/events`)).text();
    expect(told.match(/^event: progress$/gm)?.length).toBeGreaterThan(2);
  });

  test('whose process aborts is tried again by the policy of its kind, while ten neighbours in the same worker succeed', async () => {
    const { pid } = on.host();
    const neighbours = await Promise.all(Array.from({ length: 10 }, () => on.stack.api.accepted('debug.sleep', { ms: 2_000 })));
    const job = await on.finished({ do: 'crash', times: 1 });
    expect(job).toMatchObject({ state: 'succeeded', attempt: 2 });
    const [row] = await on.stack.query(`SELECT crashes, errors -> 0 ->> 'code' AS code FROM jobs WHERE id = $1`, [job.id]);
    expect(row).toEqual({ crashes: 0, code: 'process_lost' });
    for (const id of neighbours) expect(await on.stack.api.waitForState(id, 'succeeded')).toMatchObject({ attempt: 1 });
    expect([on.host().pid, on.host().isRunning()]).toEqual([pid, true]);
  });

  test('that hangs is killed at its timeout', async () => {
    await on.finished({ do: 'echo' });
    const id = await on.isolated({ do: 'hang' }, { timeout: '4s', maxAttempts: 1 });
    const pid = await on.pidOf(id);
    expect(await on.stack.api.waitForState(id, 'failed', 60_000)).toMatchObject({ error: { code: 'timeout' } });
    expect(isAlive(pid)).toBe(false);
  });

  test('is reached by a cancel, whether it listens or not', async () => {
    const [listens, hangs] = await Promise.all([on.isolated({ do: 'sleep', ms: 90_000 }), on.isolated({ do: 'hang' })]);
    const [kept, killed] = await Promise.all([on.pidOf(listens), on.pidOf(hangs)]);
    await Promise.all([on.cancelled(listens), on.cancelled(hangs)]);
    expect([isAlive(kept), isAlive(killed)]).toEqual([true, false]);
  });

  test('whose process is killed in its transaction is tried again, and the effect is there once', async () => {
    const id = await on.isolated({ do: 'effect', key: 'killed', ms: 8_000 });
    process.kill(await on.pidOf(id, 'the effect is in'), 'SIGKILL');
    expect(await on.stack.api.waitForState(id, 'succeeded', 60_000)).toMatchObject({ attempt: 2 });
    expect(await on.effectsOf(id)).toEqual([{ key: 'killed' }]);
  });

  test('has its time in a drain, is then stopped at no cost, and leaves no process', async () => {
    const [hanging, quick] = [await on.isolated({ do: 'hang' }), await on.isolated({ do: 'sleep', ms: 1_000 })];
    await Promise.all([on.pidOf(hanging), on.pidOf(quick)]);
    const children = childrenOf(on.host().pid);
    expect(children.length).toBeGreaterThanOrEqual(2);
    expect(await on.host().stop()).toBe(0);
    expect(children.filter(isAlive)).toEqual([]);
    const rows = await on.stack.query('SELECT id, state, attempt FROM jobs WHERE id = ANY ($1) ORDER BY id', [[hanging, quick]]);
    expect(rows).toEqual([
      { id: hanging, state: 'queued', attempt: 0 },
      { id: quick, state: 'succeeded', attempt: 1 },
    ]);
    await on.replaceHost();
    await on.pidOf(hanging);
    await on.cancelled(hanging);
  });

  test('whose worker is killed is taken over by another; no process survives, and the effect is there once', async () => {
    const effect = await on.isolated({ do: 'effect', key: 'orphan', ms: 8_000 });
    const hanging = await on.isolated({ do: 'hang' });
    await Promise.all([on.pidOf(effect, 'the effect is in'), on.pidOf(hanging)]);
    const children = childrenOf(on.host().pid);
    on.host().kill('SIGKILL');
    await waitFor('its processes to end', () => !children.some(isAlive), { timeoutMs: 90_000 });
    await on.replaceHost();
    expect(await on.stack.api.waitForState(effect, 'succeeded', 60_000)).toMatchObject({ attempt: 1 });
    expect(await on.effectsOf(effect)).toEqual([{ key: 'orphan' }]);
    await on.cancelled(hanging);
  });
});

describeWithBroker('an isolated job whose worker is frozen', () => {
  let on: Isolation;
  beforeAll(async () => {
    on = await startIsolation('distributed', 2);
  });
  afterAll(() => on.stop());

  test('ends with the lease, though its own process is awake; another worker takes over, and the effect is there once', async () => {
    const id = await on.isolated({ do: 'effect', key: 'frozen', ms: 4_000 });
    const pid = await on.pidOf(id, 'the effect is in');
    const owner = on.stack.workers.find((worker) => childrenOf(worker.pid).includes(pid));
    if (!owner) throw new Error(`expected the parent of ${String(pid)} among the workers`);
    owner.kill('SIGSTOP');
    try {
      expect(await on.stack.api.waitForState(id, 'succeeded', 90_000)).toMatchObject({ attempt: 1 });
      expect(isAlive(pid)).toBe(false);
    } finally {
      owner.kill('SIGCONT');
    }
    await owner.ready();
    expect(await on.effectsOf(id)).toEqual([{ key: 'frozen' }]);
  });
});

describe('an isolated job', () => {
  let on: Isolation;
  beforeAll(async () => {
    on = await startIsolation('single-process');
  });
  afterAll(() => on.stop());

  test('is shown as one in the list of kinds', async () => {
    const { body } = await on.stack.api.call<{ items: { kind: string; isolated: unknown }[] }>('GET', '/kinds');
    expect(body.items.find(({ kind }) => kind === 'debug.isolated')?.isolated).toEqual({ memoryMb: 300 });
    expect(body.items.find(({ kind }) => kind === 'debug.echo')?.isolated).toBeNull();
  });

  test.each([
    ['aborts', 'crash', 'process_lost', /was ended by SIGABRT/],
    ['exits', 'exit', 'process_lost', /exited with code 3/],
    ['throws where nobody catches', 'throw-later', 'process_lost', /exited with code 1/],
    ['fills its heap', 'allocate', 'out_of_memory', /at most 300 MiB/],
    ['takes memory outside its heap', 'buffers', 'out_of_memory', /at most 300 MiB/],
  ])('whose process %s has failed, and its worker lives', async (_, what, code, message) => {
    const { pid } = on.host();
    const job = await on.finished({ do: what }, { maxAttempts: 1 });
    expect(job).toMatchObject({ state: 'failed', attempt: 1, error: { code, message: expect.stringMatching(message) } });
    expect([on.host().pid, on.host().isRunning()]).toEqual([pid, true]);
  });

  test('commits the writes of its transaction with its success only', async () => {
    const kept = await on.finished({ do: 'effect', key: 'kept' });
    expect(kept.state).toBe('succeeded');
    expect(await on.effectsOf(kept.id)).toEqual([{ key: 'kept' }]);
    const undone = await on.finished({ do: 'effect', key: 'undone', ms: 60_000 }, { timeout: '3s', maxAttempts: 1 });
    expect(undone).toMatchObject({ state: 'failed', error: { code: 'timeout' } });
    expect(await on.effectsOf(undone.id)).toEqual([]);
  });

  test('whose process dies between its settlement and its commit has failed, without its effect', async () => {
    const job = await on.finished({ do: 'die-before-commit', key: 'before' }, { maxAttempts: 1 });
    expect(job).toMatchObject({ state: 'failed', attempt: 1, error: { code: 'process_lost' } });
    expect(await on.effectsOf(job.id)).toEqual([]);
  });

  test('whose process dies after its commit, before the worker heard of it, has succeeded, and the effect is there once', async () => {
    const job = await on.finished({ do: 'die-after-commit', key: 'after' });
    expect(job).toMatchObject({ state: 'succeeded', attempt: 1, error: null });
    expect(await on.effectsOf(job.id)).toEqual([{ key: 'after' }]);
  });

  test.each([
    ['non-retryable', { state: 'failed', attempt: 1, error: { code: 'no_account', name: 'NonRetryableError', message: 'no account' } }],
    ['retryable', { state: 'scheduled', attempt: 1, error: { code: 'handler_error', name: 'RetryableError', message: 'busy' } }],
    ['snooze', { state: 'scheduled', attempt: 0, error: null }],
    ['odd', { state: 'failed', attempt: 1, error: { code: 'handler_error', name: 'TypeError', message: 'odd' } }],
  ])('that throws (%s) ends as it would in the worker itself', async (key, expected) => {
    const id = await on.isolated({ do: 'throw', key }, { maxAttempts: key === 'odd' ? 1 : 3 });
    const outcome = await waitFor(
      'its outcome',
      async () => {
        const [row] = await on.stack.query(`SELECT state, attempt, errors -> 0 AS error FROM jobs WHERE id = $1 AND state NOT IN ('queued', 'running')`, [id]);
        return row;
      },
      { timeoutMs: 90_000 },
    );
    expect(outcome).toMatchObject(expected);
  });

  test('whose result is too large has failed for good (E12)', async () => {
    expect(await on.finished({ do: 'return', key: 'huge' })).toMatchObject({ state: 'failed', attempt: 1, error: { code: 'result_too_large' } });
  });

  test('whose result is a bigint keeps its digits (C2)', async () => {
    expect(await on.finished({ do: 'return', key: 'bigint' })).toMatchObject({ state: 'succeeded', attempt: 1 });
  });
});

/** What a process and its children have logged, as far as it is JSON. */
function entriesOf(app: App): { pid: number; jobId?: string; msg: string }[] {
  return app.logs().flatMap((line) => (line.startsWith('{"level"') ? [JSON.parse(line) as { pid: number; msg: string }] : []));
}
