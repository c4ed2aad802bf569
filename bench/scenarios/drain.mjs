import { bindEvents } from '../lib/bind-events.mjs';
import { drainRate, payloadOf, untilLeft } from '../lib/measure.mjs';

const JOBS = 100_000;
const PEERS = ['longhaul', 'longhaul-single-process', 'bullmq-always', 'bullmq-everysec', 'pg-boss', 'graphile-worker', 'amqplib', 'handwritten'];

/** What public events cost where somebody reads them … */
export const withReader = {
  id: 'longhaul-events-read',
  peer: 'longhaul',
  title: 'Longhaul, a queue bound to `longhaul.events`',
  with: { prepare: bindEvents },
};

/** … and the same without any. */
export const withoutEvents = {
  id: 'longhaul-no-events',
  peer: 'longhaul',
  title: 'Longhaul, OUTCOME_EVENTS=off',
  with: { longhaulEnv: { OUTCOME_EVENTS: 'off' } },
};

/** @type {import('../lib/run-scenario.mjs').Scenario} */
export const drain = {
  what: `a backlog of ${JOBS} no-op jobs of 256 B and one worker process, to the last stored result; the first tenth is warm-up.`,
  subjects: () => [...PEERS.map((peer) => ({ id: peer, peer })), withReader, withoutEvents],
  metrics: [
    { name: 'perSecond', title: 'jobs/s', better: 'more' },
    { name: 'rssMB', title: 'worker MB at most', better: 'less' },
  ],
  targets: [
    { metric: 'perSecond', of: 'longhaul', against: 'bullmq-always', atLeast: 0.75 },
    { metric: 'perSecond', of: withoutEvents.id, against: 'bullmq-always', atLeast: 1 },
    { metric: 'perSecond', of: 'longhaul', against: 'pg-boss', atLeast: 1.5 },
    { metric: 'perSecond', of: 'longhaul', against: 'graphile-worker', atLeast: 0.6 },
    { metric: 'perSecond', of: 'longhaul', against: 'amqplib', atLeast: 0.4 },
    { metric: 'perSecond', of: 'longhaul-single-process', against: 'pg-boss', atLeast: 1.5 },
  ],
  measure: async (stack, _subject, { jobs }) => {
    const count = jobs(JOBS);
    await fillBacklog(stack, count, payloadOf(256));
    const worker = await stack.startWorker();
    const rate = await drainRate(stack, count, [worker]);
    return { ...rate, rssMB: worker.memory().peak / 1e6 };
  },
};

/**
 * Puts jobs where a worker will take them from, with nobody working. The producer goes on: in distributed mode it is a gateway,
 * and there is always one.
 * @param {import('../lib/stack.mjs').Stack} stack @param {number} count @param {object} payload
 */
export async function fillBacklog(stack, count, payload) {
  const { mode } = stack.peer;
  // The gateway of single-process mode would work at once.
  if (mode === 'single-process')
    await stack.query("insert into queues (name, paused_at) values ('default', now()) on conflict (name) do update set paused_at = now()");
  const producer = await stack.startProducer();
  await producer.call('fill', { count, payload });
  if (mode === 'single-process') {
    await stack.stop(producer);
    await stack.query('update queues set paused_at = null');
  }
  // Until every message is in RabbitMQ.
  if (mode === 'distributed') await untilLeft(async () => Number((await stack.query('select count(*) from outbox'))[0].count));
  return producer;
}
