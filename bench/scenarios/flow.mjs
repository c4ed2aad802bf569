import { spawnRole } from '../lib/child.mjs';
import { payloadOf, untilLeft } from '../lib/measure.mjs';

const IN_FLIGHT = 64;
const JOBS = 20_000;
const WARM_UP = 5_000;
const PEERS = ['longhaul', 'bullmq-always', 'bullmq-everysec', 'pg-boss', 'graphile-worker', 'amqplib', 'handwritten'];

const subjects = (/** @type {string[]} */ peers) => () => peers.map((peer) => ({ id: peer, peer }));

/** @type {import('../lib/run-scenario.mjs').Metric[]} */
const metrics = [
  { name: 'perSecond', title: 'jobs/s, to the last stored result', better: 'more' },
  { name: 'submitted', title: 'submitted/s', better: 'more' },
];

/** @type {import('../lib/run-scenario.mjs').Target[]} */
const targets = [
  { metric: 'perSecond', of: 'longhaul', against: 'bullmq-always', atLeast: 1 },
  { metric: 'perSecond', of: 'longhaul', against: 'bullmq-everysec', atLeast: 1 },
  { metric: 'perSecond', of: 'longhaul', against: 'pg-boss', atLeast: 3 },
  { metric: 'perSecond', of: 'longhaul', against: 'graphile-worker', atLeast: 3 },
  { metric: 'perSecond', of: 'longhaul', against: 'amqplib', atLeast: 0.5 },
];

/**
 * Rounds of a number of jobs, each from its first submission to its last stored result, in processes that live on.
 * @param {import('../lib/stack.mjs').Stack} stack @param {import('../lib/child.mjs').Child} worker @param {import('../lib/run-scenario.mjs').Bench} bench
 * @param {(count: number) => Promise<{ began: number, perSecond: number }>} submit
 */
async function rounds(stack, worker, { jobs, repeats }, submit) {
  let submitted = 0;
  const round = async (/** @type {number} */ count) => {
    const { began, perSecond } = await submit(count);
    submitted += count;
    const { at } = await untilLeft(() => stack.remaining(submitted, [worker]));
    return { perSecond: (count / (at - began)) * 1_000, submitted: perSecond };
  };
  await round(jobs(WARM_UP));
  return repeats(() => round(jobs(JOBS)));
}

/** @type {import('../lib/run-scenario.mjs').Scenario} */
export const flow = {
  what:
    `producer and worker at once, each a process; ${JOBS} jobs of 256 B submitted one by one in process, ${IN_FLIGHT} in flight, after ${WARM_UP} of warm-up; ` +
    'from the first submission to the last stored result.',
  subjects: subjects([...PEERS, 'longhaul-step1']),
  metrics,
  targets,
  measure: async (stack, _subject, bench) => {
    const producer = await stack.startProducer();
    // In step 1 the process that submits is the worker.
    const worker = stack.peer.step === 1 ? producer : await stack.startWorker();
    return rounds(stack, worker, bench, async (count) => {
      const { began, ms } = await producer.call('submit', { count, concurrency: IN_FLIGHT, payload: payloadOf(256) });
      return { began, perSecond: (count / ms) * 1_000 };
    });
  },
};

/** @type {import('../lib/run-scenario.mjs').Scenario} */
export const flowHttp = {
  what: `as flow, but submitted by HTTP at ${IN_FLIGHT} connections: Longhaul by its gateway, each peer behind the same Fastify route (the tutorial by its own).`,
  subjects: subjects([...PEERS, 'tutorial']),
  metrics,
  targets,
  measure: async (stack, _subject, bench) => {
    const { url } = await stack.startHttp();
    const load = await spawnRole('load', {});
    try {
      return await rounds(stack, await stack.startWorker(), bench, async (count) => {
        const body = { kind: 'debug.echo', payload: payloadOf(256) };
        const { began, perSecond, accepted } = await load.call('run', { url: `${url}/jobs`, body, connections: IN_FLIGHT, amount: count });
        if (accepted !== count) throw new Error(`expected ${count} accepted submissions, got: ${accepted}`);
        return { began, perSecond };
      });
    } finally {
      await load.stop();
    }
  },
};
