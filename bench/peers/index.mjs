// What Longhaul is measured against, each in a file of its own and tuned as its documentation recommends.

/**
 * Where a run has its services: all of them its own.
 * @typedef {object} PeerEnv
 * @property {string} databaseUrl
 * @property {string} amqpUrl
 * @property {number} redisPort
 * @property {number} concurrency  jobs that a worker process runs at once
 *
 * @typedef {object} Producer
 * @property {(payload: object) => Promise<string>} submit  resolves with an id when the job is stored
 * @property {(count: number, payload: object) => Promise<unknown>} [fill]  many at once
 * @property {(id: string) => Promise<boolean>} [isDone]  whether a job's end is stored
 * @property {() => Promise<unknown>} close
 *
 * @typedef {object} WorkerHooks
 * @property {(id: string) => void} started  a handler has begun
 * @property {() => void} done  a job's end is stored, as far as the peer tells
 *
 * @typedef {'single-process' | 'distributed'} Mode
 *
 * @typedef {object} Monitor
 * @property {() => Promise<number>} remaining  jobs whose end is not stored yet
 * @property {() => Promise<unknown>} close
 *
 * @typedef {object} Peer
 * @property {string} title
 * @property {string} settings  what it was tuned with
 * @property {('postgres' | 'rabbit' | 'redis')[]} needs
 * @property {'always' | 'everysec'} [appendfsync]  of Redis
 * @property {Mode} [mode]  of Longhaul, whose processes are the product's own
 * @property {(env: PeerEnv) => Promise<void>} [setup]
 * @property {(env: PeerEnv) => Promise<Producer>} producer
 * @property {(env: PeerEnv, hooks: WorkerHooks) => Promise<{ close: () => Promise<unknown> }>} [worker]
 * @property {(env: PeerEnv) => Promise<Monitor>} [monitor]  left out: the worker's own count
 * @property {(env: PeerEnv) => Promise<{ url: string, close: () => Promise<void> }>} [serve]  its own HTTP form
 */

/** @type {Record<string, () => Promise<Peer>>} */
const PEERS = {
  longhaul: async () => (await import('./longhaul.mjs')).longhaul,
  'longhaul-single-process': async () => (await import('./longhaul.mjs')).longhaulSingleProcess,
  fastify: async () => (await import('./fastify.mjs')).fastify,
  'bullmq-always': async () => (await import('./bullmq.mjs')).bullmq('always'),
  'bullmq-everysec': async () => (await import('./bullmq.mjs')).bullmq('everysec'),
  'pg-boss': async () => (await import('./pg-boss.mjs')).pgBoss,
  'graphile-worker': async () => (await import('./graphile-worker.mjs')).graphileWorker,
  amqplib: async () => (await import('./amqplib.mjs')).amqplib,
  handwritten: async () => (await import('./handwritten.mjs')).handwritten,
  tutorial: async () => (await import('./tutorial.mjs')).tutorial,
};

export const peerNames = Object.keys(PEERS);

/** @param {string} name @returns {Promise<Peer>} */
export async function loadPeer(name) {
  const load = PEERS[name];
  if (!load) throw new Error(`expected one of the peers ${peerNames.join(', ')}, got: ${name}`);
  return load();
}
