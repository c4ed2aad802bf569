// Runs a peer's jobs: each does nothing and returns a small result.

import { clock, config, serve } from '../lib/role.mjs';
import { loadPeer } from '../peers/index.mjs';

const { peer: name, env, marking } = config();
/** @type {[string, number][]} */
const starts = [];
let done = 0;
const worker = await (
  await loadPeer(name)
).worker(env, {
  started: marking ? (/** @type {string} */ id) => void starts.push([String(id), clock()]) : () => undefined,
  done: () => void done++,
});

serve({ starts: () => starts, done: () => done }, () => worker.close());
