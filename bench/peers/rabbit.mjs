// Publishing with confirms and consuming from a quorum queue: what the peers that use RabbitMQ have in common.

import amqp from 'amqplib';

export const QUEUE = 'bench';

/** @param {string} url */
export async function openRabbit(url) {
  const connection = await amqp.connect(url);
  connection.on('error', () => undefined);
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue(QUEUE, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  return {
    channel,
    /** Resolves with the confirm. @param {object} content @returns {Promise<void>} */
    publish: (content) =>
      new Promise((resolve, reject) => {
        const options = { persistent: true, contentType: 'application/json' };
        channel.sendToQueue(QUEUE, Buffer.from(JSON.stringify(content)), options, (error) => (error ? reject(error) : resolve()));
      }),
    /** @param {number} prefetch @param {(message: import('amqplib').ConsumeMessage, content: any) => void} handle */
    consume: async (prefetch, handle) => {
      await channel.prefetch(prefetch);
      await channel.consume(QUEUE, (message) => message && handle(message, JSON.parse(message.content.toString())));
    },
    close: async () => {
      await channel.close();
      await connection.close();
    },
  };
}
