import { join } from 'node:path';
import { spawnRole } from '../lib/child.mjs';
import { payloadOf, untilLeft } from '../lib/measure.mjs';
import { median } from '../lib/statistics.mjs';
import { root } from '../../tools/lib/paths.mjs';

const CONNECTIONS = 64;
/** Each gateway has so many turns of each kind, the other's right before or after it. */
const TURNS = 12;
const TURN_SECONDS = 2;
const TURN_JOBS = 3_000;
const WARM_UP_TURNS = 4;

let repeats = 0;

/** A key as `longhaul keys create` makes it, whose hash the gateway is told. */
const { newApiKey } = await import(join(root, 'dist/libs/host/src/rights/api-key.js'));
const first = newApiKey();

/**
 * @typedef {object} Side
 * @property {string} url
 * @property {Record<string, string>} headers
 */

/** @type {import('../lib/run-scenario.mjs').Scenario} */
export const rights = {
  what:
    `what rights cost: two gateways of one installation, AUTH on (the key of a tenant, with three scopes) and off, take turns, ${TURNS} each: ${TURN_JOBS} jobs by HTTP to the last stored result; ` +
    `then, without a worker, ${TURN_SECONDS} s of POST /jobs, and of GET /jobs/{id}. Payload 256 B, ${CONNECTIONS} connections. Ratios are medians over pairs of turns: what else the machine does meanwhile is both sides'.`,
  subjects: () => [{ id: 'longhaul', peer: 'longhaul', title: 'AUTH on : off' }],
  metrics: [
    { name: 'flow', title: 'flow, on : off', better: 'more' },
    { name: 'accept', title: 'accept, on : off', better: 'more' },
    { name: 'read', title: 'reads, on : off', better: 'more' },
    { name: 'jobsOff', title: 'jobs/s, off', better: 'more' },
    { name: 'acceptedOff', title: 'submissions/s, off', better: 'more' },
    { name: 'readsOff', title: 'reads/s, off', better: 'more' },
    { name: 'refused', title: 'not 2xx', better: 'less' },
  ],
  targets: ['flow', 'accept', 'read'].map((metric) => ({ metric, of: 'longhaul', atLeast: 0.95 })),
  measure: async (stack, _subject, { jobs, seconds }) => {
    const hash = first.hash.toString('hex');
    const start = { guarded: () => stack.startGateway({ AUTH: 'on', LONGHAUL_BOOTSTRAP_KEY_HASH: hash }), open: () => stack.startGateway() };
    // Of two alike the one that started first was up to 8 % faster, so each side is it in every other repeat.
    const early = repeats++ % 2 === 0 ? 'guarded' : 'open';
    const former = await start[early]();
    const latter = await start[early === 'open' ? 'guarded' : 'open']();
    const [guarded, open] = early === 'guarded' ? [former.url, latter.url] : [latter.url, former.url];
    /** @type {[on: Side, off: Side]} */
    const sides = [
      { url: guarded, headers: { authorization: `Bearer ${await keyOfTenant(guarded, first.text)}` } },
      { url: open, headers: {} },
    ];
    const load = await spawnRole('load', {});
    const body = { kind: 'debug.echo', payload: payloadOf(256) };
    let refused = 0;
    let submitted = 0;
    try {
      const worker = await stack.startWorker();
      const flow = await turns(sides, async ({ url, headers }) => {
        const amount = jobs(TURN_JOBS);
        const { began } = await load.call('submit', { url: `${url}/jobs`, headers, body, connections: CONNECTIONS, amount });
        submitted += amount;
        const { at } = await untilLeft(() => stack.remaining(submitted, [worker]));
        return (amount / (at - began)) * 1_000;
      });
      await worker.stop();
      const run = async (/** @type {object} */ request) => {
        const done = await load.call('run', { ...request, connections: CONNECTIONS, seconds: seconds(TURN_SECONDS) });
        refused += done.refused;
        return done.perSecond;
      };
      const accept = await turns(sides, ({ url, headers }) => run({ url: `${url}/jobs`, headers, body }));
      const ids = new Map(await Promise.all(sides.map(async (side) => /** @type {const} */ ([side, (await post(`${side.url}/jobs`, side.headers, body)).id]))));
      const read = await turns(sides, (side) => run({ url: `${side.url}/jobs/${ids.get(side)}`, headers: side.headers, method: 'GET' }));
      return { flow: flow.ratio, accept: accept.ratio, read: read.ratio, jobsOff: flow.off, acceptedOff: accept.off, readsOff: read.off, refused };
    } finally {
      await load.stop();
    }
  },
};

/**
 * Turns of both sides, each pair in the other order than the one before.
 * @param {[on: Side, off: Side]} sides @param {(side: Side) => Promise<number>} turn
 */
async function turns([on, off], turn) {
  /** @type {{ on: number, off: number }[]} */
  const pairs = [];
  for (let pair = -WARM_UP_TURNS; pair < TURNS; pair++) {
    const rates = pair % 2 === 0 ? { on: await turn(on), off: await turn(off) } : { off: await turn(off), on: await turn(on) };
    if (pair >= 0) pairs.push(rates);
  }
  return { ratio: median(pairs.map((rates) => rates.on / rates.off)), off: median(pairs.map((rates) => rates.off)) };
}

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
