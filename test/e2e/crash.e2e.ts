import { describeWithBroker, type Stack, spawnApp, startStack, waitFor } from '../support/index.js';

describeWithBroker('when a worker dies', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode: 'distributed', workers: 2, env: { LEASE_SECONDS: '5', DRAIN_SECONDS: '2' } });
  });
  afterAll(() => stack.stop());

  /** The worker that runs a job. One that was frozen is on the list again with its next heartbeat, and may have claimed jobs before. */
  async function ownerOf(jobId: string) {
    return waitFor(`the owner of ${jobId} among the workers`, async () => {
      const ownerPid = await stack.ownerPid(jobId);
      return stack.workers.find(({ pid }) => pid === ownerPid);
    });
  }

  async function replace(worker: { pid: number }, waitUntilReady = true) {
    stack.workers.splice(
      stack.workers.findIndex(({ pid }) => pid === worker.pid),
      1,
      await spawnApp('worker', stack.env, { waitUntilReady }),
    );
  }

  test('kill -9: another worker takes its job over within three seconds, and the effect happens once', async () => {
    const id = await stack.api.accepted('debug.effect', { key: 'killed', ms: 4_000 });
    await stack.api.waitForState(id, 'running');
    const owner = await ownerOf(id);
    owner.kill('SIGKILL');
    const killedAt = performance.now();
    await waitFor('another worker to own it', async () => (await stack.query('SELECT 1 FROM jobs WHERE id = $1 AND crashes = 1', [id])).length === 1);
    expect(performance.now() - killedAt).toBeLessThan(3_000);
    const job = await stack.api.waitForState(id, 'succeeded');
    expect(job.attempt).toBe(1);
    expect(await stack.query(`SELECT key FROM debug_effects WHERE job_id = $1`, [id])).toEqual([{ key: 'killed' }]);
    await replace(owner);
  });

  test('a job that kills its process takes one worker with it, ends as a dead letter after its attempts, and its neighbours succeed', async () => {
    const neighbours = await Promise.all(Array.from({ length: 10 }, () => stack.api.accepted('debug.sleep', { ms: 1_500 })));
    const poison = await stack.api.accepted('debug.crash', {}, { maxAttempts: 3 });
    const dead = await waitFor('the poison to kill a worker', () => stack.workers.find((worker) => !worker.isRunning()));
    expect((await dead.exited).signal).toBe('SIGKILL');
    await replace(dead);
    // From the second attempt on it runs, and dies, in a process of its own.
    const job = await stack.api.waitForState(poison, 'failed', 60_000);
    expect(job).toMatchObject({ attempt: 3, error: { code: 'process_lost' } });
    expect(await stack.api.deadLetters(`?kind=debug.crash`)).toMatchObject([{ jobId: poison, reason: 'process_lost' }]);
    expect(stack.workers.filter((worker) => !worker.isRunning())).toEqual([]);
    for (const id of neighbours) expect((await stack.api.waitForState(id, 'succeeded', 60_000)).state).toBe('succeeded');
  });

  test('a frozen worker loses its lease, its late writes change nothing, and it works on when it wakes', async () => {
    const id = await stack.api.accepted('debug.effect', { key: 'frozen', ms: 1_000 });
    await stack.api.waitForState(id, 'running');
    const owner = await ownerOf(id);
    owner.kill('SIGSTOP');
    try {
      await stack.api.waitForState(id, 'succeeded', 30_000);
    } finally {
      owner.kill('SIGCONT');
    }
    await owner.ready();
    const after = await stack.api.accepted('debug.echo', { value: 1 });
    await stack.api.waitForState(after, 'succeeded');
    expect(await stack.query(`SELECT count(*)::integer AS n FROM debug_effects WHERE job_id = $1`, [id])).toEqual([{ n: 1 }]);
    expect((await stack.api.job(id)).attempt).toBe(1);
  });

  test('SIGTERM: what runs may end; what is longer than the drain is interrupted, goes back and costs no attempt; exit code 0', async () => {
    const id = await stack.api.accepted('debug.sleep', { ms: 8_000 });
    await stack.api.waitForState(id, 'running');
    const owner = await ownerOf(id);
    const exitCode = await owner.stop();
    expect(exitCode).toBe(0);
    await replace(owner);
    const job = await stack.api.waitForState(id, 'succeeded', 40_000);
    expect(job.attempt).toBe(1);
  });
});
