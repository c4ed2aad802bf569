import { payloadOf } from '../lib/measure.mjs';
import { spawnRole } from '../lib/child.mjs';

const CONNECTIONS = 64;
const PEERS = ['longhaul', 'fastify', 'bullmq-always', 'bullmq-everysec', 'pg-boss', 'graphile-worker', 'handwritten', 'tutorial'];

/** @type {import('../lib/run-scenario.mjs').Scenario} */
export const accept = {
  what: `submissions by HTTP at ${CONNECTIONS} connections, payload 256 B, 10 s each after 5 s of warm-up; the load comes from a process of its own (autocannon). No worker runs.`,
  subjects: () => PEERS.map((peer) => ({ id: peer, peer })),
  metrics: [
    { name: 'perSecond', title: 'submissions/s', better: 'more' },
    { name: 'p50', title: 'p50 ms', better: 'less' },
    { name: 'p99', title: 'p99 ms', better: 'less' },
    { name: 'refused', title: 'not 2xx', better: 'less' },
  ],
  targets: [
    { metric: 'perSecond', of: 'longhaul', against: 'bullmq-always', atLeast: 0.8 },
    { metric: 'p99', of: 'longhaul', against: 'bullmq-always', atMost: 1.3 },
    { metric: 'perSecond', of: 'longhaul', against: 'handwritten', atLeast: 2.5 },
  ],
  measure: async (stack, _subject, bench) => {
    const { url } = await stack.startHttp();
    const load = await spawnRole('load', {});
    const request = { url: `${url}/jobs`, body: { kind: 'debug.echo', payload: payloadOf(256) }, connections: CONNECTIONS };
    try {
      return await acceptRate(stack, load, request, bench, 10);
    } finally {
      await load.stop();
    }
  },
};

/** @typedef {{ url: string, body: object, connections: number }} Request */

/**
 * What is accepted in so many seconds, after five of warm-up.
 * @param {import('../lib/stack.mjs').Stack} stack @param {import('../lib/child.mjs').Child} load @param {Request} request
 * @param {import('../lib/run-scenario.mjs').Bench} bench @param {number} measured
 */
export async function acceptRate(stack, load, request, { seconds }, measured) {
  await load.call('run', { ...request, seconds: seconds(5) });
  const cpu = stack.meterCpu(load);
  const result = await load.call('run', { ...request, seconds: seconds(measured) });
  return { ...result, ...cpu(result.accepted) };
}
