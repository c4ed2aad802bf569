import { spawnRole } from '../lib/child.mjs';

const SUBJECTS = [
  { id: 'publish-confirm', peer: 'amqplib', title: 'RabbitMQ: publish with confirm', settings: '1,000 in flight' },
  { id: 'consume-ack', peer: 'amqplib', title: 'RabbitMQ: consume and ack', settings: 'one by one, prefetch 250' },
  { id: 'insert', peer: 'handwritten', title: 'PostgreSQL: INSERT', settings: '128 rows each, 2 connections' },
  { id: 'insert-one', peer: 'handwritten', title: 'PostgreSQL: INSERT one by one', settings: '20 connections' },
  { id: 'update', peer: 'handwritten', title: 'PostgreSQL: UPDATE', settings: '128 rows each, 2 connections' },
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
