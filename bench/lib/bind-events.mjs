import amqp from 'amqplib';

/**
 * Binds a queue for all outcomes. It keeps the last thousand, since a reader that is slower than the jobs would be another benchmark.
 * @param {{ env: { amqpUrl: string } }} stack
 */
export async function bindEvents({ env }) {
  const connection = await amqp.connect(env.amqpUrl);
  const channel = await connection.createChannel();
  await channel.assertExchange('longhaul.events', 'topic', { durable: true });
  await channel.assertQueue('outcomes', { durable: true, arguments: { 'x-max-length': 1_000 } });
  await channel.bindQueue('outcomes', 'longhaul.events', '#');
  await connection.close();
}
