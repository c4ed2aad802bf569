import { HEADERS, REPLY_CHANNEL } from '@app/contracts';
import { type JsonValue, type NotifyEntry, Refusal, type SubmitRequest, traceparentOf } from '@app/core';
import { readJson } from './json-body.js';
import { readOptions, shown } from './read-options.js';
import type { MayReply } from './reply-queues.js';

const PRINTABLE_KEY = /^[\P{C}]{1,255}$/u;

/** The part of a message that is read here. */
export interface SubmissionMessage {
  content: Buffer;
  fields: { routingKey: string };
  properties: object;
}

/**
 * Reads a message of `longhaul.submit` as a submission, with the cheapest checks first. Any client may send messages, so each property
 * is checked before it is used. Throws a `Refusal`, which becomes the reason of the dead letter.
 */
export function readAmqpSubmission(
  { content, fields, properties }: SubmissionMessage,
  maxBytes: number,
  maxMembers: number,
  mayReply: MayReply,
): SubmitRequest {
  if (content.length > maxBytes) throw new Refusal('malformed_request', `expected at most ${maxBytes} bytes, got ${content.length}`);
  const { messageId, contentType, contentEncoding, replyTo, userId } = properties as unknown as Record<string, unknown>;
  if (messageId === undefined || messageId === null || messageId === '')
    throw new Refusal('bad_idempotency_key', 'expected a message_id, which is the idempotency key, got none');
  if (typeof messageId !== 'string' || !PRINTABLE_KEY.test(messageId))
    throw new Refusal('bad_idempotency_key', 'expected message_id to be 1 to 255 printable characters');
  if (contentType !== undefined && !(typeof contentType === 'string' && /^application\/json\s*(;|$)/i.test(contentType))) {
    throw new Refusal('malformed_request', `expected content_type application/json, got: ${shown(contentType)}`);
  }
  if (contentEncoding !== undefined && !(typeof contentEncoding === 'string' && /^(utf-?8|identity|)$/i.test(contentEncoding))) {
    throw new Refusal('malformed_request', `expected no content_encoding, got: ${shown(contentEncoding)}`);
  }
  if (typeof replyTo === 'string' && replyTo !== '' && !(isShortText(replyTo) && mayReply(replyTo, accountOf(properties)))) {
    throw new Refusal('reply_to_refused', `expected reply_to to be amq.rabbitmq.reply-to or a queue that REPLY_QUEUES names, got: ${shown(replyTo)}`);
  }
  const body = readJson(content, { maxMembers });
  const payloadBytes = body.largeBytes(body.text);
  const headers = ((properties as { headers?: unknown }).headers ?? {}) as Record<string, unknown>;
  const reply = replyEntry(properties);
  const traceparent = traceparentOf(headers[HEADERS.traceparent]);
  return {
    kind: fields.routingKey,
    payload: body.value as JsonValue,
    payloadText: body.text,
    payloadSound: body.sound,
    ...(payloadBytes === undefined ? {} : { payloadBytes }),
    options: readOptions(headers, properties),
    idempotencyKey: messageId,
    // The broker has checked that this is the name of the producer's account.
    ...(isShortText(userId) ? { keyScope: `amqp:${userId}` } : {}),
    ...(reply === undefined ? {} : { notify: [reply] }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/** The account of RabbitMQ that has sent the message, where it says so: RabbitMQ has compared it with the connection. */
export function accountOf(properties: object): string | undefined {
  const { userId } = properties as { userId?: unknown };
  return isShortText(userId) ? userId : undefined;
}

/** The address to which the requester wants the outcome, and the id by which it recognizes it: the correlation_id, or else the message_id. Undefined without a usable reply_to. */
export function replyEntry(properties: object): NotifyEntry | undefined {
  const { messageId, replyTo, correlationId } = properties as Record<string, unknown>;
  if (!isShortText(replyTo)) return undefined;
  return { channel: REPLY_CHANNEL, to: replyTo, id: [correlationId, messageId].find(isShortText) ?? null };
}

/** Whether a text fits into a property of a message again. Bytes that were no UTF-8 have grown to replacement characters. */
function isShortText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && Buffer.byteLength(value) <= 255 && !value.includes('\u0000') && value.isWellFormed();
}
