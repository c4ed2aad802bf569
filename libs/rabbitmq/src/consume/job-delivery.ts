import { type Delivery, isUuid, type JobId, type PublishId } from '@app/core';
import type { ConsumeMessage } from 'amqplib';
import { type RabbitDelivery } from './delivery.js';

/** Reads the delivery of a job message, or says why it is none. */
export function readJobDelivery(delivery: RabbitDelivery, queue: string): Delivery | { fault: string } {
  const { correlationId, messageId, type } = delivery.message.properties as unknown as Record<string, unknown>;
  if (typeof correlationId !== 'string' || !isUuid(correlationId)) return { fault: 'expected the id of a job as correlation_id' };
  if (typeof messageId !== 'string' || !isUuid(messageId)) return { fault: 'expected a UUID as message_id' };
  if (typeof type !== 'string') return { fault: 'expected the kind as type' };
  return {
    jobId: correlationId.toLowerCase() as JobId,
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

/** The fields of a message that a dead letter stores in addition to the body. */
export function describeMessage({ fields, properties, content }: ConsumeMessage) {
  const { messageId, contentType, headers } = properties as { messageId: unknown; contentType: unknown; headers: unknown };
  return {
    queue: fields.exchange || null,
    messageId: typeof messageId === 'string' ? messageId : null,
    contentType: typeof contentType === 'string' ? contentType : null,
    headers: (headers && typeof headers === 'object' ? headers : {}) as { [name: string]: never },
    body: content,
  };
}
