import { spawnRole } from '../lib/child.mjs';
import { payloadOf, untilLeft } from '../lib/measure.mjs';
import { withoutEvents, withReader } from './drain.mjs';

const IN_FLIGHT = 64;
// 20,000 are over in three seconds, in which compilers still take 10 to 20 us a job.
const JOBS = 100_000;
const WARM_UP = 10_000;
const PEERS = ['longhaul', 'bullmq-always', 'bullmq-everysec', 'pg-boss', 'graphile-worker', 'amqplib', 'handwritten'];

const subjects = (/** @type {string[]} */ peers) => () => [...peers.map((peer) => ({ id: peer, peer })), withReader, withoutEvents];

/** @type {import('../lib/run-scenario.mjs').Metric[]} */
const metrics = [
  { name: 'perSecond', title: 'jobs/s, to the last stored result', better: 'more' },
  { name: 'submitted', title: 'submitted/s', better: 'more' },
];

/** @type {import('../lib/run-scenario.mjs').Target[]} */
const targets = [
  { metric: 'perSecond', of: 'longhaul', against: 'bullmq-always', atLeast: 1 },
  { metric: 'perSecond', of: withoutEvents.id, against: 'bullmq-always', atLeast: 1.2 },
  { metric: 'perSecond', of: 'longhaul', against: 'handwritten', atLeast: 2.5 },
];

/**
 * A number of jobs from the first submission to the last stored result, after others, in the same processes, that are not counted.
 * @param {import('../lib/stack.mjs').Stack} stack @param {import('../lib/child.mjs').Child} worker @param {import('../lib/run-scenario.mjs').Bench} bench
 * @param {(count: number) => Promise<{ began: number, ms: number }>} submit @param {import('../lib/child.mjs').Child[]} [drivers]  that submit, and are not the subject's
 * @param {{ measured: number, before: number }} [counts]
 */
export async function afterWarmUp(stack, worker, { jobs }, submit, drivers = [], { measured, before } = { measured: JOBS, before: WARM_UP }) {
  let submitted = 0;
  const round = async (/** @type {number} */ count) => {
    const cpu = stack.meterCpu(...drivers);
    const { began, ms } = await submit(count);
    submitted += count;
    const { at } = await untilLeft(() => stack.remaining(submitted, [worker]));
    return { perSecond: (count / (at - began)) * 1_000, submitted: (count / ms) * 1_000, ...cpu(count) };
  };
  await round(jobs(before));
  return round(jobs(measured));
}

/** @type {import('../lib/run-scenario.mjs').Scenario} */
export const flow = {
  what:
    `producer and worker at once, each a process; ${JOBS} jobs of 256 B submitted one by one in process, ${IN_FLIGHT} in flight, after ${WARM_UP} of warm-up; ` +
    'from the first submission to the last stored result.',
  subjects: subjects([...PEERS, 'longhaul-single-process']),
  metrics,
  targets,
  measure: async (stack, _subject, bench) => {
    const producer = await stack.startProducer();
    // In single-process mode the process that submits is the worker.
    const worker = stack.peer.mode === 'single-process' ? producer : await stack.startWorker();
    return afterWarmUp(stack, worker, bench, (count) => producer.call('submit', { count, concurrency: IN_FLIGHT, payload: payloadOf(256) }));
  },
};

/** @type {import('../lib/run-scenario.mjs').Scenario} */
export const flowHttp = {
  what: `as flow, but submitted by HTTP at ${IN_FLIGHT} connections: Longhaul by its gateway, each peer behind the same Fastify route (the tutorial by its own).`,
  subjects: subjects([...PEERS, 'tutorial']),
  metrics,
  targets: targets.filter(({ of }) => of !== withoutEvents.id),
  measure: async (stack, _subject, bench) => {
    const { url } = await stack.startHttp();
    const load = await spawnRole('load', {});
    try {
      const body = { kind: 'debug.echo', payload: payloadOf(256) };
      const submit = (/** @type {number} */ amount) => load.call('submit', { url: `${url}/jobs`, body, connections: IN_FLIGHT, amount });
      return await afterWarmUp(stack, await stack.startWorker(), bench, submit, [load]);
    } finally {
      await load.stop();
    }
  },
};
