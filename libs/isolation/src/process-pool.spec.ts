import { type JsonValue, type KindPolicy, kindPolicy, type RunningAttempt, StopError } from '@app/core';
import { RecordingLogger, turns } from '@app/core/testing';
import { type Freed } from './isolated-process.js';
import { type PooledProcess, ProcessPool } from './process-pool.js';

const render = kindPolicy({ kind: 'report.render', isolated: true });
const scan = kindPolicy({ kind: 'file.scan', isolated: true });

/** A process that the test controls. */
class FakeProcess implements PooledProcess {
  readonly pid = undefined;
  readonly booted = Promise.resolve();
  readonly gone: Promise<void>;
  ended = false;
  alive = true;
  private leave!: () => void;
  private finish: ((result: JsonValue) => void) | undefined;
  private free!: (freed: Freed) => void;
  private freed = new Promise<Freed>((resolve) => (this.free = resolve));

  constructor(readonly kind: string) {
    this.gone = new Promise((resolve) => (this.leave = resolve));
  }

  run(): Promise<JsonValue> {
    this.freed = new Promise((resolve) => (this.free = resolve));
    return new Promise((resolve) => (this.finish = resolve));
  }

  whenFree(): Promise<Freed> {
    return this.freed;
  }

  async end(): Promise<void> {
    this.kill();
  }

  kill(): void {
    this.ended = true;
    this.free({ worn: true });
    this.leave();
  }

  async complete(freed: Freed | 'transaction open' = { worn: false }): Promise<void> {
    this.finish?.('done');
    if (freed !== 'transaction open') this.free(freed);
    await turns();
  }
}

function pool({ limit = 2, idleMs = 60_000 } = {}) {
  const started: FakeProcess[] = [];
  const start = ({ policy }: { policy: KindPolicy }) => {
    const process = new FakeProcess(policy.kind);
    started.push(process);
    return process;
  };
  const processes = new ProcessPool({
    entry: new URL('file:///none'),
    configPath: '/dist/longhaul.config.js',
    graceMs: 1,
    beatMs: 1,
    limit,
    idleMs,
    logger: new RecordingLogger(),
    start,
  });
  const run = async (policy: KindPolicy, signal = new AbortController().signal) => {
    const running = processes.run(policy, 512, { signal } as RunningAttempt);
    running.catch(() => undefined);
    await turns();
    return { running };
  };
  return { processes, started, run };
}

describe('the pool of processes', () => {
  test('uses a warm process of the same kind again', async () => {
    const { started, run } = pool();
    await run(render);
    await started[0]?.complete();
    await run(render);
    expect(started).toHaveLength(1);
  });

  test('gives each job that runs a process of its own', async () => {
    const { started, run } = pool();
    await run(render);
    await run(render);
    expect(started).toHaveLength(2);
  });

  test('has at most so many: who comes later waits for one', async () => {
    const { started, run } = pool({ limit: 1 });
    await run(render);
    const { running } = await run(render);
    expect(started).toHaveLength(1);
    await started[0]?.complete();
    await started[0]?.complete();
    expect(await running).toBe('done');
  });

  test('ends an idle process of another kind when there is no room', async () => {
    const { started, run } = pool({ limit: 1 });
    await run(render);
    await started[0]?.complete();
    await run(scan);
    expect(started.map(({ kind, ended }) => ({ kind, ended }))).toEqual([
      { kind: 'report.render', ended: true },
      { kind: 'file.scan', ended: false },
    ]);
  });

  test('lets nobody in before the transaction of the last job has ended', async () => {
    const { started, run } = pool({ limit: 1 });
    const { running } = await run(render);
    await started[0]?.complete('transaction open');
    expect(await running).toBe('done');
    await run(render);
    expect(started).toHaveLength(1);
    await started[0]?.complete();
    expect(started[0]?.ended).toBe(false);
  });

  test('replaces a process that died, and one that is worn', async () => {
    const { started, run } = pool({ limit: 1 });
    await run(render);
    started[0]?.kill();
    await run(render);
    await started[1]?.complete({ worn: true });
    await run(render);
    expect(started.map(({ ended }) => ended)).toEqual([true, true, false]);
  });

  test('gives no job to a process that has just died', async () => {
    const { started, run } = pool();
    await run(render);
    await started[0]?.complete();
    Object.assign(started[0] ?? {}, { alive: false });
    await run(render);
    expect(started).toHaveLength(2);
  });

  test('an attempt that is told to stop while it waits does not wait any longer', async () => {
    const { run } = pool({ limit: 1 });
    const stop = new AbortController();
    await run(render);
    const { running } = await run(render, stop.signal);
    stop.abort(new StopError('cancel', 'not any more'));
    await expect(running).rejects.toThrow('not any more');
  });

  test('ends a process that was idle for long', async () => {
    const { started, run } = pool({ idleMs: 1 });
    await run(render);
    await started[0]?.complete();
    await started[0]?.gone;
    expect(started[0]?.ended).toBe(true);
  });

  test('leaves none when it is closed, and starts no more', async () => {
    const { processes, started, run } = pool({ limit: 1 });
    await run(render);
    const { running } = await run(scan);
    await processes.close();
    expect(started.map(({ ended }) => ended)).toEqual([true]);
    await expect(running).rejects.toMatchObject({ reason: 'drain' });
  });
});
