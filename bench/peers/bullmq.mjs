import { Queue, Worker } from 'bullmq';

const NAME = 'bench';

/** @param {'always' | 'everysec'} appendfsync @returns {import('./index.mjs').Peer} */
export function bullmq(appendfsync) {
  return {
    title: `BullMQ, fsync ${appendfsync}`,
    settings: `a Redis of its own, appendonly yes, appendfsync ${appendfsync}; worker: concurrency as told; completed jobs and results are kept`,
    needs: ['redis'],
    appendfsync,
    producer: async ({ redisPort }) => {
      const queue = new Queue(NAME, { connection: redisAt(redisPort) });
      await queue.waitUntilReady();
      return {
        submit: async (payload) => String((await queue.add('noop', payload)).id),
        fill: (count, payload) => queue.addBulk(Array.from({ length: count }, () => ({ name: 'noop', data: payload }))),
        isDone: async (id) => (await queue.getJobState(id)) === 'completed',
        close: () => queue.close(),
      };
    },
    worker: async ({ redisPort, concurrency }, { started, done }) => {
      const run = async (/** @type {import('bullmq').Job} */ job) => {
        started(String(job.id));
        return { ok: true };
      };
      const worker = new Worker(NAME, run, { connection: redisAt(redisPort), concurrency });
      worker.on('completed', done);
      await worker.waitUntilReady();
      return worker;
    },
    monitor: async ({ redisPort }) => {
      const queue = new Queue(NAME, { connection: redisAt(redisPort) });
      return {
        remaining: async () => {
          const { waiting = 0, active = 0, prioritized = 0 } = await queue.getJobCounts('waiting', 'active', 'prioritized');
          return waiting + active + prioritized;
        },
        close: () => queue.close(),
      };
    },
  };
}

/** Options, not a client: what BullMQ has opened itself, it closes. @param {number} port */
const redisAt = (port) => ({ host: '127.0.0.1', port, maxRetriesPerRequest: null });
