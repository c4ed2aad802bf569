// Runs a peer's jobs: each does nothing and returns a small result.

import { clock, config, serve } from '../lib/role.mjs';
import { loadPeer } from '../peers/index.mjs';

const { peer: name, env, marking } = config();
/** @type {[string, number][]} */
const starts = [];
let done = 0;
const peer = await loadPeer(name);
if (!peer.worker) throw new Error(`expected ${name} to have a worker, got a peer without`);
const worker = await peer.worker(env, {
  started: (id) => void (marking && starts.push([String(id), clock()])),
  done: () => void done++,
});

serve({ starts: () => starts, done: () => done }, () => worker.close());
