import { spawnRole } from '../lib/child.mjs';
import { payloadOf, rowsOf } from '../lib/measure.mjs';
import { acceptRate } from './accept.mjs';
import { afterWarmUp } from './flow.mjs';

const CONNECTIONS = 64;
const BYTES = 1_000_000;
const JOBS = 1_500;
const WARM_UP = 300;
const SHAPES = /** @type {const} */ ({ rows: rowsOf, string: payloadOf });
const MOST_MB = 300;

/** @type {import('../lib/run-scenario.mjs').Scenario} */
export const payload = {
  what:
    `payloads of ${BYTES / 1e6} MB by HTTP at ${CONNECTIONS} connections: ordinary rows (an array of small objects), and one string. accept: 15 s after 5 s of warm-up, no worker; ` +
    `flow: ${JOBS} jobs after ${WARM_UP} of warm-up, of which each gives its payload back, from the first submission to the last stored result. MB: resident memory at most.`,
  subjects: () => ['accept', 'flow'].flatMap((way) => Object.keys(SHAPES).map((shape) => subject(way, shape))),
  metrics: [
    { name: 'perSecond', title: 'jobs/s', better: 'more' },
    { name: 'p99', title: 'p99 ms of the submission', better: 'less' },
    { name: 'refused', title: 'not 2xx', better: 'less' },
    { name: 'gatewayMB', title: 'gateway MB at most', better: 'less' },
    { name: 'workerMB', title: 'worker MB at most', better: 'less' },
  ],
  targets: [
    { metric: 'perSecond', of: 'accept-rows', atLeast: 60 },
    { metric: 'perSecond', of: 'flow-rows', atLeast: 40 },
    { metric: 'perSecond', of: 'accept-string', atLeast: 100 },
    ...['accept-rows', 'accept-string', 'flow-rows', 'flow-string'].map((of) => ({ metric: 'gatewayMB', of, atMost: MOST_MB })),
    ...['flow-rows', 'flow-string'].map((of) => ({ metric: 'workerMB', of, atMost: MOST_MB })),
  ],
  // A body of 1 MB and its envelope, with more members than are read by default.
  longhaulEnv: { MAX_BODY_BYTES: String(2 * BYTES), MAX_JSON_MEMBERS: '100000' },
  measure: async (stack, { with: { way, shape } = {} }, bench) => {
    const { url, child: gateway } = await stack.startHttp();
    const load = await spawnRole('load', {});
    const request = {
      url: `${url}/jobs`,
      body: { kind: 'debug.echo', payload: SHAPES[/** @type {keyof typeof SHAPES} */ (shape)](BYTES) },
      connections: CONNECTIONS,
    };
    try {
      const repeat = way === 'accept' ? await acceptRate(stack, load, request, bench, 15) : await flowing(stack, load, request, bench);
      return { ...repeat, gatewayMB: gateway.memory().peak / 1e6 };
    } finally {
      await load.stop();
    }
  },
};

/** @param {string} way @param {string} shape @returns {import('../lib/run-scenario.mjs').Subject} */
function subject(way, shape) {
  return { id: `${way}-${shape}`, title: `${way}, ${shape === 'rows' ? 'rows' : 'one string'}`, peer: 'longhaul', with: { way, shape } };
}

/** @param {import('../lib/stack.mjs').Stack} stack @param {import('../lib/child.mjs').Child} load @param {import('./accept.mjs').Request} request @param {import('../lib/run-scenario.mjs').Bench} bench */
async function flowing(stack, load, request, bench) {
  const worker = await stack.startWorker();
  const submit = (/** @type {number} */ amount) => load.call('submit', { ...request, amount });
  const repeat = await afterWarmUp(stack, worker, bench, submit, [load], { measured: JOBS, before: WARM_UP });
  return { ...repeat, workerMB: worker.memory().peak / 1e6 };
}
