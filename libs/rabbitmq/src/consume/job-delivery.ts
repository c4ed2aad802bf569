import { WAKE_UP_TYPE } from '@app/contracts';
import { isUuid, type JobId, type PublishId, WAKE_UP_MAX, type WakeUp } from '@app/core';
import type { ConsumeMessage } from 'amqplib';
import { type RabbitDelivery } from './delivery.js';

/** Reads the delivery of a message that wakes up jobs, or says why it is none. */
export function readJobDelivery(delivery: RabbitDelivery, queue: string): WakeUp | { fault: string } {
  const { correlationId, messageId, type } = delivery.message.properties as unknown as Record<string, unknown>;
  if (typeof correlationId !== 'string' || !isUuid(correlationId)) return { fault: 'expected the id of a job as correlation_id' };
  if (typeof messageId !== 'string' || !isUuid(messageId)) return { fault: 'expected a UUID as message_id' };
  if (typeof type !== 'string') return { fault: 'expected the kind as type' };
  const jobIds = jobIdsOf(delivery.message);
  if (!jobIds) return { fault: `expected 1 to ${WAKE_UP_MAX} ids of jobs, each once, as the body` };
  return {
    jobIds,
    publishId: messageId.toLowerCase() as PublishId,
    kind: type,
    queue,
    get open() {
      return delivery.open;
    },
    accept: () => delivery.accept(),
    reject: () => delivery.reject(),
    release: () => delivery.release(),
  };
}

/** The jobs that a message wakes up: of its body, or, where it is of an older form, the one of its correlation id. Undefined if it names none. */
export function jobIdsOf({ properties, content }: Pick<ConsumeMessage, 'properties' | 'content'>): JobId[] | undefined {
  const { correlationId, contentType } = properties as unknown as Record<string, unknown>;
  if (contentType !== WAKE_UP_TYPE) return typeof correlationId === 'string' && isUuid(correlationId) ? [correlationId.toLowerCase() as JobId] : undefined;
  const ids = parsed(content);
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > WAKE_UP_MAX || !ids.every((id) => typeof id === 'string' && isUuid(id))) return undefined;
  const jobIds = ids.map((id) => String(id).toLowerCase() as JobId);
  return new Set(jobIds).size === jobIds.length ? jobIds : undefined;
}

function parsed(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString());
  } catch {
    return undefined;
  }
}

/** Properties by the names that AMQP gives them, which people know from other tools. */
const PROPERTIES = {
  user_id: 'userId',
  app_id: 'appId',
  type: 'type',
  reply_to: 'replyTo',
  correlation_id: 'correlationId',
  priority: 'priority',
  expiration: 'expiration',
  timestamp: 'timestamp',
  content_encoding: 'contentEncoding',
  delivery_mode: 'deliveryMode',
} as const;

/** The fields of a message that a dead letter stores in addition to the body. */
export function describeMessage({ fields, properties, content }: ConsumeMessage) {
  const given = properties as unknown as Record<string, unknown>;
  const { messageId, contentType, headers } = given;
  return {
    queue: fields.exchange || null,
    messageId: typeof messageId === 'string' ? messageId : null,
    contentType: typeof contentType === 'string' ? contentType : null,
    headers: (headers && typeof headers === 'object' ? headers : {}) as { [name: string]: never },
    properties: propertiesOf(given, { exchange: fields.exchange, routing_key: fields.routingKey }),
    producer: ([given['userId'], given['appId']].find((name) => typeof name === 'string' && name !== '') as string | undefined) ?? null,
    body: content,
  };
}

function propertiesOf(given: Record<string, unknown>, place: { [name: string]: string }): { [name: string]: string | number } {
  const found = Object.entries(PROPERTIES).map(([name, at]) => [name, given[at]] as const);
  const kept = found.filter((entry): entry is [keyof typeof PROPERTIES, string | number] => typeof entry[1] === 'string' || typeof entry[1] === 'number');
  return { ...place, ...Object.fromEntries(kept) };
}
