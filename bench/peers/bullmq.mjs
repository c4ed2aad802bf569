import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

const NAME = 'bench';

/** @param {'always' | 'everysec'} appendfsync @returns {import('./index.mjs').Peer} */
export function bullmq(appendfsync) {
  return {
    title: `BullMQ, fsync ${appendfsync}`,
    settings: `a Redis of its own, appendonly yes, appendfsync ${appendfsync}; worker: concurrency as told; completed jobs and results are kept`,
    needs: ['redis'],
    appendfsync,
    producer: async ({ redisPort }) => {
      const queue = new Queue(NAME, { connection: client(redisPort) });
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
      const worker = new Worker(NAME, run, { connection: client(redisPort), concurrency });
      worker.on('completed', done);
      await worker.waitUntilReady();
      return worker;
    },
    monitor: async ({ redisPort }) => {
      const queue = new Queue(NAME, { connection: client(redisPort) });
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

/** @param {number} port @returns {any} */
const client = (port) => new Redis({ host: '127.0.0.1', port, maxRetriesPerRequest: null });
