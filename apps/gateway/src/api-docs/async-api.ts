import { EXCHANGES, HEADERS, SUBMIT_QUEUE } from '@app/contracts';
import { type JobOption, JOB_OPTIONS, LIMITS, TERMINAL_STATES } from '@app/core';
import type { HandlerRegistry } from '@app/sdk';
import type { OpenAPIObject } from '@nestjs/swagger';
import { kindViews } from '../kinds/kind-view.js';
import { schemasWith } from './wire-schemas.js';

interface Schema {
  properties?: Record<string, object>;
}

const BINDING = '0.3.0';
const ref = (path: string) => ({ $ref: `#/${path}` });

/** Describes the AMQP interface as AsyncAPI 3.0 with the registered kinds: the messages that this process receives and sends. */
export function asyncApiDocument(registry: HandlerRegistry, amqpUrl: string | undefined, openApi: OpenAPIObject): object {
  const kinds = kindViews(registry);
  const schemas = schemasWith(openApi, ['JobView', 'Problem']);
  const outcome = ended(schemas['JobView'] as Schema);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Longhaul',
      version: '1',
      description:
        'Publish the payload of a job as JSON, persistent and with publisher confirms: what RabbitMQ has confirmed is kept. ' +
        'Outcomes come as events, and to `reply_to`. What cannot be accepted becomes a dead letter with its reason (GET /dead-letters).',
    },
    defaultContentType: 'application/json',
    ...(amqpUrl === undefined ? {} : { servers: { rabbitmq: serverOf(amqpUrl) } }),
    channels: {
      ...Object.fromEntries(kinds.map(({ kind }) => [`submit.${kind}`, submitChannel(kind)])),
      events: {
        address: '{kind}.{state}',
        title: 'Outcomes',
        description: 'Bind a queue of your own. An event may repeat under the same `message_id`: drop what you have seen.',
        parameters: { kind: { enum: kinds.map(({ kind }) => kind) }, state: { enum: [...TERMINAL_STATES] } },
        messages: { outcome: ref('components/messages/outcome') },
        bindings: { amqp: routingKey(EXCHANGES.events) },
      },
      reply: {
        address: null,
        title: 'Replies',
        description: 'The queue that `reply_to` names, by the default exchange; `amq.rabbitmq.reply-to` works too.',
        messages: { outcome: ref('components/messages/outcome'), refused: ref('components/messages/refused') },
      },
    },
    operations: {
      ...Object.fromEntries(kinds.map(({ kind }) => [`submit.${kind}`, submitOperation(kind)])),
      tellOutcome: { action: 'send', channel: ref('channels/events'), messages: [ref('channels/events/messages/outcome')], bindings: persistent },
    },
    components: {
      messages: {
        ...Object.fromEntries(kinds.map(({ kind, description }) => [`submit.${kind}`, submitMessage(kind, description)])),
        outcome: {
          name: 'outcome',
          title: 'A job has ended',
          summary: "The job as GET /jobs/{id} shows it. `type` is `<kind>.<state>`, `correlation_id` the requester's own, else the job's id.",
          correlationId: ref('components/correlationIds/correlation_id'),
          payload: outcome,
        },
        refused: {
          name: 'refused',
          title: 'A submission was refused',
          summary: 'An RFC 9457 problem, as HTTP would answer it. `type` is `refused`; its `instance` is the dead letter.',
          contentType: 'application/problem+json',
          correlationId: ref('components/correlationIds/correlation_id'),
          payload: schemas['Problem'],
        },
      },
      schemas: { ...schemas, ...Object.fromEntries(kinds.map(({ kind, schema }) => [`payload.${kind}`, schema])) },
      correlationIds: {
        correlation_id: {
          description: 'The AMQP property `correlation_id`; `message_id` where a request had none',
          location: '$message.header#/correlation_id',
        },
      },
    },
  };
}

/** The schema of a job's view when the job has ended. Whose it is, an exchange or a queue says and not the message. */
function ended(view: Schema): Schema {
  const properties = Object.fromEntries(Object.entries(view.properties ?? {}).filter(([name]) => name !== 'tenant'));
  return { ...view, properties: { ...properties, state: { type: 'string', enum: [...TERMINAL_STATES] } } };
}

const persistent = { amqp: { deliveryMode: 2, bindingVersion: BINDING } };

function routingKey(exchange: string): object {
  return { is: 'routingKey', exchange: { name: exchange, type: 'topic', durable: true, autoDelete: false, vhost: '/' }, bindingVersion: BINDING };
}

function submitChannel(kind: string): object {
  return {
    address: kind,
    title: `Submit ${kind}`,
    description: `Routing key of exchange ${EXCHANGES.submit}, which feeds queue ${SUBMIT_QUEUE}.`,
    messages: { submission: ref(`components/messages/submit.${kind}`) },
    bindings: { amqp: routingKey(EXCHANGES.submit) },
  };
}

function submitOperation(kind: string): object {
  return {
    action: 'receive',
    channel: ref(`channels/submit.${kind}`),
    messages: [ref(`channels/submit.${kind}/messages/submission`)],
    bindings: { amqp: { deliveryMode: 2, ack: true, bindingVersion: BINDING } },
    reply: {
      address: { description: 'The AMQP property `reply_to`; without one there is no reply', location: '$message.header#/reply_to' },
      channel: ref('channels/reply'),
      messages: [ref('channels/reply/messages/outcome'), ref('channels/reply/messages/refused')],
    },
  };
}

function submitMessage(kind: string, description: string | undefined): object {
  return {
    name: kind,
    title: `A job of kind ${kind}`,
    ...(description ? { summary: description } : {}),
    description: 'The AMQP property `message_id` is the idempotency key, and must be given: one key makes one job, however often it is published.',
    contentType: 'application/json',
    headers: {
      type: 'object',
      properties: {
        ...optionHeaders(),
        [HEADERS.traceparent]: { type: 'string', description: 'W3C trace context' },
      },
    },
    /** AsyncAPI has no standard place for AMQP properties. */
    'x-amqp-properties': {
      type: 'object',
      required: ['message_id'],
      properties: {
        message_id: { type: 'string', minLength: 1, maxLength: 255 },
        content_type: { const: 'application/json' },
        delivery_mode: { const: 2 },
        priority: { type: 'integer', minimum: 0, maximum: 255, description: `More than ${LIMITS.priority} counts as ${LIMITS.priority}` },
        reply_to: { type: 'string', maxLength: 255 },
        correlation_id: { type: 'string', maxLength: 255 },
      },
    },
    payload: ref(`components/schemas/payload.${kind}`),
  };
}

function optionHeaders(): Record<string, object> {
  return Object.fromEntries(
    Object.values<JobOption>(JOB_OPTIONS).flatMap(({ form, min, max, amqp }) => {
      if (amqp === undefined || !('header' in amqp)) return [];
      const { header, description, more } = amqp;
      const headers: [string, object][] = [[header, headerSchema(form, min, max, description)]];
      if (more) headers.push([more.header, { type: 'string', enum: more.values, description: more.description }]);
      return headers;
    }),
  );
}

function headerSchema(form: JobOption['form'], min: number, max: number, description: string): object {
  if (form === 'unique' || form === 'key') return { type: 'string', minLength: min, maxLength: max, description };
  return form === 'name' || form === 'moment' ? { type: 'string', description } : { type: 'integer', minimum: min, maximum: max, description };
}

/** The server of the URL, without user and password. */
function serverOf(url: string): object {
  const { hostname, port, pathname, protocol } = new URL(url);
  const secure = protocol === 'amqps:';
  return {
    host: `${hostname}:${port || (secure ? 5671 : 5672)}`,
    protocol: secure ? 'amqps' : 'amqp',
    protocolVersion: '0-9-1',
    ...(pathname.length > 1 ? { pathname } : {}),
  };
}
