// Thousands of event streams from one client process.

import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { config, inFlight, serve } from '../lib/role.mjs';

const { url } = config();
const OPENING = 100;
const PATIENCE_MS = 60_000;
const TERMINAL = /"state":\s*"(succeeded|failed|cancelled)"/;
const agent = new http.Agent({ keepAlive: false, maxSockets: Infinity });

/** @type {string[]} */
let ids = [];
/** @type {{ id: string, at: number }[]} */
const ends = [];
let open = 0;
let left = 0;

/** Resolves when the stream is open. @param {string} id */
function follow(id) {
  return new Promise((resolve, reject) => {
    const request = http.get(`${url}/jobs/${id}/events`, { agent, headers: { accept: 'text/event-stream' } }, (response) => {
      if (response.statusCode !== 200) {
        response.resume();
        return reject(new Error(`expected GET /jobs/{id}/events to answer 200, got: ${response.statusCode}; does this build have it?`));
      }
      open++;
      left++;
      resolve(undefined);
      let text = '';
      let at = 0;
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
        if (at === 0 && TERMINAL.test(text)) at = performance.timeOrigin + performance.now();
      });
      response.on('close', () => {
        left--;
        if (at > 0) ends.push({ id, at });
      });
    });
    request.on('error', reject);
  });
}

serve({
  submit: async (count) => {
    ids = [];
    for (let rest = count; rest > 0; rest -= 1_000) {
      const jobs = Array.from({ length: Math.min(1_000, rest) }, () => ({ kind: 'debug.echo', payload: { value: 1 } }));
      const response = await fetch(`${url}/jobs/batch`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jobs }) });
      const { jobs: accepted } = /** @type {any} */ (await response.json());
      ids.push(...accepted.map((/** @type {{ id: string }} */ { id }) => id));
    }
  },
  open: async () => {
    await inFlight(ids.length, OPENING, (index) => follow(ids[index] ?? ''));
    return open;
  },
  ends: async () => {
    for (const end = Date.now() + PATIENCE_MS; left > 0 && Date.now() < end;) await delay(50);
    return ends;
  },
});
