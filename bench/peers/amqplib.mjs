// The ceiling of passing on: publish with confirm, consume, ack. Nothing but the message is stored.

import { randomUUID } from 'node:crypto';
import { openRabbit } from './rabbit.mjs';

/** @type {import('./index.mjs').Peer} */
export const amqplib = {
  title: 'raw amqplib',
  needs: ['rabbit'],
  settings: 'quorum queue, persistent, one confirm each, prefetch = concurrency, one ack each; stores no result',
  setup: async ({ amqpUrl }) => (await openRabbit(amqpUrl)).close(),
  producer: async ({ amqpUrl }) => {
    const { publish, close } = await openRabbit(amqpUrl);
    const submit = async (/** @type {object} */ payload) => {
      const id = randomUUID();
      await publish({ id, payload });
      return id;
    };
    return { submit, close };
  },
  worker: async ({ amqpUrl, concurrency }, { started, done }) => {
    const { channel, consume, close } = await openRabbit(amqpUrl);
    await consume(concurrency, (message, { id }) => {
      started(id);
      channel.ack(message);
      done();
    });
    return { close };
  },
};
