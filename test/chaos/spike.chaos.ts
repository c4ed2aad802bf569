import { Agent, request } from 'node:http';
import { describeIf, hasBroker, type Stack, startStack, waitFor } from '../support/index.js';

/** SPIKE_JOBS makes it smaller or larger. Half come by batches of 1,000, half one by one on 64 connections. */
const JOBS = Number(process.env['SPIKE_JOBS'] ?? 100_000);
const BATCH = 1_000;
const CONNECTIONS = 64;
const MINUTES = 60_000;
const MIB = 1024 ** 2;

/** What a process may grow by, whatever the number of jobs: its heap has room to breathe, and no more. */
const MAY_GROW_MIB = 250;

// Minutes of work: `npm run chaos`, or with SPIKE_JOBS set.
describeIf(hasBroker && (process.env['CHAOS'] === 'all' || process.env['SPIKE_JOBS'] !== undefined), 'npm run proofs runs it')('a spike', () => {
  let stack: Stack;
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  beforeAll(async () => {
    stack = await startStack({ mode: 'distributed', env: { LOG_LEVEL: 'warn', WORKER_CONCURRENCY: '50' } });
  });
  afterAll(async () => {
    agent.destroy();
    await stack.stop();
  });

  async function rssMib(url: string): Promise<number> {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Math.round(Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]) / MIB);
  }

  async function rss(): Promise<{ gateway: number; worker: number }> {
    const [gateway, worker] = await Promise.all([rssMib(stack.gateway.url), rssMib(stack.workers[0]?.url ?? '')]);
    return { gateway, worker };
  }

  /** The status, once the answer is read; a refusal is tried again when its Retry-After says. */
  async function post(path: string, body: string): Promise<number> {
    for (let refused = 0; ; refused++) {
      const { status, retryAfter } = await new Promise<{ status: number; retryAfter: number }>((resolve, reject) => {
        const call = request(stack.api.url + path, { method: 'POST', agent, headers: { 'content-type': 'application/json' } }, (answer) => {
          answer.resume().on('end', () => resolve({ status: answer.statusCode ?? 0, retryAfter: Number(answer.headers['retry-after'] ?? 1) }));
        });
        call.on('error', reject);
        call.end(body);
      });
      if (status === 202 || refused > 100) return status;
      refusals++;
      await new Promise((resolve) => setTimeout(resolve, retryAfter * 1_000));
    }
  }
  let refusals = 0;

  test(
    `of ${String(JOBS)} submissions is absorbed with flat memory, and every one of them runs`,
    async () => {
      await stack.api.submit('debug.echo', { value: 'warm' }, undefined, { prefer: 'wait=20' });
      const before = await rss();
      const peak = { ...before };
      const ended = new AbortController();
      const done = ended.signal;
      const watching = (async () => {
        while (!done.aborted) {
          const now = await rss();
          peak.gateway = Math.max(peak.gateway, now.gateway);
          peak.worker = Math.max(peak.worker, now.worker);
          await new Promise((resolve) => setTimeout(resolve, 1_000));
        }
      })();

      const start = performance.now();
      const singles = Math.floor(JOBS / 2);
      const batches = Math.ceil((JOBS - singles) / BATCH);
      let left = singles;
      const one = async () => {
        while (left-- > 0) expect(await post('/jobs', `{"kind":"debug.echo","payload":{"value":${String(left)}}}`)).toBe(202);
      };
      const many = async () => {
        for (let n = 0; n < batches; n++) {
          const jobs = Array.from({ length: BATCH }, (_, value) => ({ kind: 'debug.echo', payload: { value } }));
          expect(await post('/jobs/batch', JSON.stringify({ jobs }))).toBe(202);
        }
      };
      await Promise.all([many(), ...Array.from({ length: CONNECTIONS - 1 }, one)]);
      const accepted = Math.round(performance.now() - start);
      const all = singles + batches * BATCH + 1;
      await waitFor(
        'all to succeed',
        async () => {
          const rows = await stack.query<{ state: string; n: number }>('SELECT state, count(*)::integer AS n FROM jobs GROUP BY state');
          return rows.length === 1 && rows[0]?.state === 'succeeded' && rows[0].n === all;
        },
        { timeoutMs: 10 * MINUTES },
      );
      const doneMs = Math.round(performance.now() - start);
      ended.abort();
      await watching;
      const after = await rss();
      process.stderr.write(`spike: ${JSON.stringify({ jobs: all - 1, acceptedMs: accepted, doneMs, refusals, rssMib: { before, peak, after } })}\n`);
      expect(peak.gateway - before.gateway).toBeLessThan(MAY_GROW_MIB);
      expect(peak.worker - before.worker).toBeLessThan(MAY_GROW_MIB);
    },
    15 * MINUTES,
  );
});
