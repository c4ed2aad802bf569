import { spawnRole } from '../lib/child.mjs';

const SUBJECTS = [
  { id: 'publish-confirm', peer: 'amqplib', title: 'RabbitMQ: publish with confirm, 1,000 in flight' },
  { id: 'consume-ack', peer: 'amqplib', title: 'RabbitMQ: consume and ack one by one, prefetch 250' },
  { id: 'insert', peer: 'handwritten', title: 'PostgreSQL: 128 rows per INSERT, 2 connections' },
  { id: 'insert-one', peer: 'handwritten', title: 'PostgreSQL: one row per INSERT, 20 connections' },
  { id: 'update', peer: 'handwritten', title: 'PostgreSQL: 128 rows per UPDATE, 2 connections' },
];

/** @type {import('../lib/run-scenario.mjs').Scenario} */
export const limit = {
  what: 'what the services give at most, from one process: messages of 256 B on the quorum queue, rows with a payload of 256 B, fsync on.',
  subjects: () => SUBJECTS,
  metrics: [{ name: 'perSecond', title: 'per second', better: 'more' }],
  targets: [],
  measure: async (stack, { id }, { jobs }) => {
    const child = await spawnRole('limit', { env: stack.env });
    try {
      await child.call(id, jobs(10_000));
      return { perSecond: await child.call(id, jobs(40_000)) };
    } finally {
      await child.stop();
    }
  },
};
