// What many open consoles cost a gateway, screen by screen: what one asks for is written down in Chromium, and then asked for by a hundred. Used by console-timings.mjs.

import { readFileSync } from 'node:fs';
import { Agent, createServer, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { say } from './log.mjs';

/** @typedef {import('./console-timings.mjs').Line} Line */
/** @typedef {{ url: string, pid: number }} Gateway */
/** @typedef {(url: string, path: string, body: object) => Promise<any>} Post */
/** What a screen asks for while it is open. @typedef {{ streams: string[], polls: string[] }} Traffic */

const SCREENS = {
  Now: '',
  Jobs: '/jobs',
  'Queues and limits': '/queues',
  Workers: '/workers',
  Webhooks: '/webhooks',
  Schedules: '/schedules',
  'Dead letters': '/dead-letters',
};
const CONSOLES = { many: 100, seconds: 15, jobsEachSecond: 10, bar: 1.5 };
/** How long a screen is looked at, after it has asked for all that it begins with. */
const WATCH = { settleMs: 3_000, ms: 30_000 };

/** The CPU of the gateway beside a little work, with a hundred consoles against one. @param {import('playwright-core').Browser} browser @param {Gateway} gateway @param {import('./owned.mjs').Owned} owned @param {Post} post @returns {Promise<Line[]>} */
export async function consoles(browser, gateway, owned, post) {
  if (cpuMs(gateway.pid) === null) return [];
  say(`opening ${CONSOLES.many} consoles on ${Object.keys(SCREENS).length} screens`);
  const traffic = await Promise.all(Object.values(SCREENS).map((path) => trafficOf(browser, `${gateway.url}/console${path}`)));
  const lines = [];
  for (const [index, screen] of Object.keys(SCREENS).entries()) {
    const of = traffic[index] ?? { streams: [], polls: [] };
    // Where nothing is sent there is nothing to tell of.
    const endpoint = screen === 'Webhooks' ? await receiver(gateway.url, owned, post) : null;
    // The many first: what the gateway has yet to compile counts against them.
    const many = await cpuWith(gateway, CONSOLES.many, of, post);
    const one = await cpuWith(gateway, 1, of, post);
    if (endpoint) await fetch(`${gateway.url}${endpoint}`, { method: 'DELETE' });
    const asked = Math.round((of.polls.length * 60_000) / WATCH.ms);
    lines.push({ what: `${CONSOLES.many} consoles on ${screen} (${asked} requests a minute each), CPU`, value: many / one, bar: CONSOLES.bar, unit: 'times' });
  }
  return lines;
}

/** @param {import('playwright-core').Browser} browser @param {string} url @returns {Promise<Traffic>} */
async function trafficOf(browser, url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const streams = /** @type {string[]} */ ([]);
  const polls = /** @type {string[]} */ ([]);
  let isSettled = false;
  page.on('request', (request) => {
    if (request.resourceType() === 'eventsource') streams.push(request.url());
    else if (isSettled) polls.push(request.url());
  });
  await page.goto(url);
  await delay(WATCH.settleMs);
  isSettled = true;
  await delay(WATCH.ms);
  await context.close();
  return { streams, polls };
}

/** @param {Gateway} gateway @param {number} many @param {Traffic} traffic @param {Post} post */
async function cpuWith({ url, pid }, many, { streams, polls }, post) {
  const agent = new Agent({ keepAlive: true });
  const open = Array.from({ length: many }, () =>
    streams.map((stream) => get(stream, (response) => void response.resume()).on('error', () => undefined)),
  ).flat();
  await Promise.all(open.map((request) => new Promise((resolve) => request.once('response', resolve))));
  const timers = Array.from(
    { length: many },
    (_, at) =>
    // Spread over the time, as people open their consoles.
    polls.map((poll, place) => every(WATCH.ms, (WATCH.ms * (place + at / many)) / polls.length, () => get(poll, { agent }, (response) => void response.resume()).on('error', () => undefined))), // prettier-ignore
  ).flat();
  const before = cpuMs(pid) ?? 0;
  for (let second = 0; second < CONSOLES.seconds; second++) {
    const next = delay(1_000);
    for (let job = 0; job < CONSOLES.jobsEachSecond; job++) await post(url, '/jobs', { kind: 'debug.echo', payload: { value: job } });
    await next;
  }
  const used = (cpuMs(pid) ?? 0) - before;
  for (const stop of timers) stop();
  for (const request of open) request.destroy();
  agent.destroy();
  return used;
}

/** @param {number} ms @param {number} firstMs @param {() => void} act @returns {() => void} */
function every(ms, firstMs, act) {
  const next = () => {
    act();
    timer = setTimeout(next, ms);
  };
  let timer = setTimeout(next, firstMs);
  return () => clearTimeout(timer);
}

/** An endpoint that is told of all jobs, and takes it. Returns its path. @param {string} url @param {import('./owned.mjs').Owned} owned @param {Post} post */
async function receiver(url, owned, post) {
  const server = createServer((request, response) => void request.resume().on('end', () => response.end()));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  owned.add('the receiver of webhooks', { stop: async () => void (server.closeAllConnections(), server.close()) });
  const address = server.address();
  const { id } = await post(url, '/webhooks/endpoints', { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/` });
  return `/webhooks/endpoints/${id}`;
}

/** Of a process so far; null where there is no /proc. @param {number} pid */
function cpuMs(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return null;
  }
}
