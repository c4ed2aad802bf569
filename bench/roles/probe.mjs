// Asks an API for small things while it is under a load of slow ones.

import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { clock, config, serve } from '../lib/role.mjs';
import { percentiles } from '../lib/statistics.mjs';

const { url } = config();
const EVERY_MS = 50;
const TIMEOUT_MS = 120_000;
const dispatcher = new Agent({ connections: null, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });

/** @param {string} path @param {{ method?: 'GET' | 'POST', body?: object, headers?: Record<string, string> }} [options] */
async function ask(path, { method = 'GET', body, headers = {} } = {}) {
  const began = clock();
  const answer = await request(`${url}${path}`, {
    method,
    dispatcher,
    headers: body ? { ...headers, 'content-type': 'application/json' } : headers,
    body: body ? JSON.stringify(body) : null,
  });
  const content = /** @type {any} */ (await answer.body.json());
  return { status: answer.statusCode, content, ms: clock() - began };
}

serve({
  blast: async ({ requests, kind, payload, wait, seconds }) => {
    const submit = () => ask('/jobs', { method: 'POST', body: { kind, payload }, headers: wait ? { prefer: 'wait=60' } : {} });
    const { id } = (await submit()).content;
    let failed = 0;
    let over = false;
    const probe = async (/** @type {string} */ path) => {
      /** @type {Promise<number>[]} */
      const times = [];
      while (!over) {
        times.push(
          ask(path).then(({ status, ms }) => {
            if (status !== 200) failed++;
            return ms;
          }),
        );
        await delay(EVERY_MS);
      }
      return percentiles(await Promise.all(times));
    };
    const probes = Promise.all([probe('/jobs/' + id), probe('/health/live')]);
    await delay(500);
    const least = delay(seconds * 1_000);
    const slow = await Promise.all(Array.from({ length: requests }, submit));
    failed += slow.filter(({ status }) => status >= 300).length;
    await least;
    over = true;
    const [job, live] = await probes;
    const answered = percentiles(slow.map(({ ms }) => ms));
    return { jobP50: job.p50, jobP99: job.p99, liveP50: live.p50, liveP99: live.p99, answeredP99: answered.p99, failed };
  },
});
