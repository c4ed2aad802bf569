import { join } from 'node:path';
import { spawnRole } from '../lib/child.mjs';
import { payloadOf } from '../lib/measure.mjs';
import { afterWarmUp } from './flow.mjs';
import { root } from '../../tools/lib/paths.mjs';

const CONNECTIONS = 64;
const SECONDS = 10;
const WARM_UP = 5;
const FLOW = { measured: 30_000, before: 10_000 };

/** A key as `longhaul keys create` makes it, whose hash the gateway is told. */
const { newApiKey } = await import(join(root, 'dist/libs/host/src/rights/api-key.js'));
const first = newApiKey();

/** @type {import('../lib/run-scenario.mjs').Subject[]} */
const SUBJECTS = [
  { id: 'auth-off', peer: 'longhaul', title: 'AUTH off', settings: 'no credentials' },
  {
    id: 'auth-on',
    peer: 'longhaul',
    title: 'AUTH on',
    settings: 'the key of a tenant, with three scopes',
    with: { longhaulEnv: { AUTH: 'on', LONGHAUL_BOOTSTRAP_KEY_HASH: first.hash.toString('hex') } },
  },
];

/** @type {import('../lib/run-scenario.mjs').Scenario} */
export const rights = {
  what: `what rights cost: ${FLOW.measured} jobs by HTTP to the last stored result, then, without a worker, POST /jobs and GET /jobs/{id}, ${SECONDS} s each after ${WARM_UP} s of warm-up; payload 256 B, ${CONNECTIONS} connections.`,
  subjects: () => SUBJECTS,
  metrics: [
    { name: 'flow', title: 'jobs/s, to the last stored result', better: 'more' },
    { name: 'perSecond', title: 'submissions/s', better: 'more' },
    { name: 'reads', title: 'reads/s', better: 'more' },
    { name: 'p99', title: 'submission p99 ms', better: 'less' },
    { name: 'refused', title: 'not 2xx', better: 'less' },
  ],
  targets: [
    { metric: 'flow', of: 'auth-on', against: 'auth-off', atLeast: 0.95 },
    { metric: 'perSecond', of: 'auth-on', against: 'auth-off', atLeast: 0.95 },
    { metric: 'reads', of: 'auth-on', against: 'auth-off', atLeast: 0.95 },
  ],
  measure: async (stack, { with: own }, bench) => {
    const { seconds } = bench;
    const { url } = await stack.startGateway();
    /** @type {Record<string, string>} */
    const headers = own ? { authorization: `Bearer ${await keyOfTenant(url, first.text)}` } : {};
    const load = await spawnRole('load', {});
    const submission = { url: `${url}/jobs`, headers, body: { kind: 'debug.echo', payload: payloadOf(256) }, connections: CONNECTIONS };
    try {
      const worker = await stack.startWorker();
      const submit = (/** @type {number} */ amount) => load.call('submit', { ...submission, amount });
      const flow = await afterWarmUp(stack, worker, bench, submit, [load], FLOW);
      await worker.stop();
      const { id } = await post(submission.url, headers, submission.body);
      const read = { url: `${url}/jobs/${id}`, headers, method: 'GET', connections: CONNECTIONS };
      await load.call('run', { ...submission, seconds: seconds(WARM_UP) });
      const cpu = stack.meterCpu(load);
      const accepted = await load.call('run', { ...submission, seconds: seconds(SECONDS) });
      const costs = cpu(accepted.accepted);
      await load.call('run', { ...read, seconds: seconds(WARM_UP) });
      const seen = await load.call('run', { ...read, seconds: seconds(SECONDS) });
      return {
        flow: flow.perSecond,
        perSecond: accepted.perSecond,
        p99: accepted.p99,
        reads: seen.perSecond,
        refused: accepted.refused + seen.refused,
        ...costs,
      };
    } finally {
      await load.stop();
    }
  },
};

/** @param {string} url @param {Record<string, string>} headers @param {object} body @returns {Promise<any>} */
async function post(url, headers, body) {
  const response = await fetch(url, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`expected ${url} to answer 2xx, got ${response.status}: ${await response.text()}`);
  return response.json();
}

/** @param {string} url @param {string} admin */
async function keyOfTenant(url, admin) {
  const wanted = { name: 'bench', tenant: 'acme', scopes: ['jobs:submit', 'jobs:read', 'jobs:payload'] };
  return (await post(`${url}/keys`, { authorization: `Bearer ${admin}` }, wanted)).key;
}
