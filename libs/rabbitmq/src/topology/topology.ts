import { DEAD_QUEUE, EXCHANGES, jobQueueName, SUBMIT_QUEUE } from '@app/contracts';
import type { Channel } from 'amqplib';

/** An exchange, a queue or a binding, all durable. */
export type Part =
  | { type: 'exchange'; name: string; of: 'topic' | 'direct' | 'fanout' }
  | { type: 'queue'; name: string; arguments: Readonly<Record<string, string | number>> }
  | { type: 'binding'; queue: string; exchange: string; key: string };

/**
 * Exchanges and queues as data. Arguments are part of a queue's identity: a declaration with other arguments is refused (406), so
 * they never change. Operators set limits (lengths, a lower delivery limit) by policies. All hold on RabbitMQ 3.10 and 4.x.
 *
 * `x-dead-letter-strategy: at-least-once` needs `x-overflow: reject-publish`, else it silently falls back to at-most-once.
 * https://www.rabbitmq.com/docs/quorum-queues#dead-lettering
 */
const QUORUM = { 'x-queue-type': 'quorum' };

const NEVER_LOSES = {
  ...QUORUM,
  // High on purpose: it also counts deliveries of messages that were only prefetched. The database counts attempts. The default of 4.x is 20.
  'x-delivery-limit': 100,
  'x-dead-letter-exchange': EXCHANGES.dead,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
};

export const EXCHANGE_PARTS: readonly Part[] = [
  { type: 'exchange', name: EXCHANGES.submit, of: 'topic' },
  { type: 'exchange', name: EXCHANGES.jobs, of: 'direct' },
  { type: 'exchange', name: EXCHANGES.events, of: 'topic' },
  { type: 'exchange', name: EXCHANGES.dead, of: 'topic' },
];

/**
 * These parts are declared before any queue that dead-letters: without a queue behind the exchange, an at-least-once source keeps rejected
 * messages. The dead-letter queue itself has no limit, because that would drop messages whose recording failed.
 */
export const DEAD_PARTS: readonly Part[] = [
  ...EXCHANGE_PARTS,
  { type: 'queue', name: DEAD_QUEUE, arguments: { ...QUORUM, 'x-delivery-limit': -1 } },
  { type: 'binding', queue: DEAD_QUEUE, exchange: EXCHANGES.dead, key: '#' },
];

/** All parts except the queues of jobs. */
export const TOPOLOGY: readonly Part[] = [
  ...DEAD_PARTS,
  { type: 'queue', name: SUBMIT_QUEUE, arguments: NEVER_LOSES },
  { type: 'binding', queue: SUBMIT_QUEUE, exchange: EXCHANGES.submit, key: '#' },
];

/** The parts of a job queue. Its exchanges must exist already. */
export function jobQueueParts(queue: string): readonly Part[] {
  return [
    { type: 'queue', name: jobQueueName(queue), arguments: NEVER_LOSES },
    { type: 'binding', queue: jobQueueName(queue), exchange: EXCHANGES.jobs, key: queue },
  ];
}

/** Declares a part. For a queue it resolves with the number of its messages. */
export async function declarePart(channel: Channel, part: Part): Promise<number | undefined> {
  switch (part.type) {
    case 'exchange':
      await channel.assertExchange(part.name, part.of, { durable: true });
      return undefined;
    case 'queue':
      return (await channel.assertQueue(part.name, { durable: true, arguments: part.arguments })).messageCount;
    case 'binding':
      await channel.bindQueue(part.queue, part.exchange, part.key);
      return undefined;
  }
}

export function describePart(part: Part): string {
  return part.type === 'binding' ? `binding of queue ${part.queue} to exchange ${part.exchange} by ${part.key}` : `${part.type} ${part.name}`;
}

/** The command that makes the part. The operator adds `--host`, `--username` and `--vhost`. */
export function commandFor(part: Part): string {
  switch (part.type) {
    case 'exchange':
      return `rabbitmqadmin declare exchange name=${part.name} type=${part.of} durable=true`;
    case 'queue':
      return `rabbitmqadmin declare queue name=${part.name} durable=true arguments='${JSON.stringify(part.arguments)}'`;
    case 'binding':
      return `rabbitmqadmin declare binding source=${part.exchange} destination_type=queue destination=${part.queue} routing_key='${part.key}'`;
  }
}
