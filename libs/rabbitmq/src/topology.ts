import { DEAD_QUEUE, EXCHANGES, jobQueueName, SUBMIT_QUEUE } from '@app/contracts';
import type { Channel, Options } from 'amqplib';

/**
 * Exchanges and queues as data. Arguments are part of a queue's identity: a declaration with others is refused (406), so
 * they are frozen; what an operator tunes (lengths, a lower delivery limit) is a policy. All hold on RabbitMQ 3.10 and 4.x.
 *
 * `x-dead-letter-strategy: at-least-once` needs `x-overflow: reject-publish`, else it silently falls back to at-most-once.
 * https://www.rabbitmq.com/docs/quorum-queues#dead-lettering
 */
const QUORUM = { 'x-queue-type': 'quorum' };

const NEVER_LOSES = {
  ...QUORUM,
  // A far-away net only, for it counts against prefetched bystanders too: attempts are counted in the database. 4.x defaults to 20.
  'x-delivery-limit': 100,
  'x-dead-letter-exchange': EXCHANGES.dead,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
};

const JOB_QUEUE: Options.AssertQueue = { durable: true, arguments: NEVER_LOSES };
const INTAKE_QUEUE: Options.AssertQueue = { durable: true, arguments: NEVER_LOSES };
/** The end of the line: nothing behind it, so no limit that would drop a message whose recording failed. */
const DEAD_LETTER_QUEUE: Options.AssertQueue = { durable: true, arguments: { ...QUORUM, 'x-delivery-limit': -1 } };

export async function declareExchanges(channel: Channel): Promise<void> {
  await channel.assertExchange(EXCHANGES.submit, 'topic', { durable: true });
  await channel.assertExchange(EXCHANGES.jobs, 'direct', { durable: true });
  await channel.assertExchange(EXCHANGES.events, 'topic', { durable: true });
  await channel.assertExchange(EXCHANGES.dead, 'topic', { durable: true });
}

/** Before any queue that dead-letters: with no queue behind the exchange, an at-least-once source keeps what it rejects. */
export async function declareDeadQueue(channel: Channel): Promise<void> {
  await channel.assertQueue(DEAD_QUEUE, DEAD_LETTER_QUEUE);
  await channel.bindQueue(DEAD_QUEUE, EXCHANGES.dead, '#');
}

export async function declareIntakeQueue(channel: Channel): Promise<void> {
  await channel.assertQueue(SUBMIT_QUEUE, INTAKE_QUEUE);
  await channel.bindQueue(SUBMIT_QUEUE, EXCHANGES.submit, '#');
}

/** Returns how many messages wait in the queue. */
export async function declareJobQueue(channel: Channel, queue: string): Promise<number> {
  const name = jobQueueName(queue);
  const { messageCount } = await channel.assertQueue(name, JOB_QUEUE);
  await channel.bindQueue(name, EXCHANGES.jobs, queue);
  return messageCount;
}

export async function declareTopology(channel: Channel): Promise<void> {
  await declareExchanges(channel);
  await declareDeadQueue(channel);
  await declareIntakeQueue(channel);
}
