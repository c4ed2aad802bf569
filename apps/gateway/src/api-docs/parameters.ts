// Parameters and headers that several operations have.

import { getSchemaPath, StatsUnavailable } from '@app/contracts/schemas';
import { REASON_HEADER } from '../rights/reasons.js';

export const CURSOR = {
  name: 'cursor',
  required: false,
  description: '`nextCursor` of the page before',
  schema: { type: 'string', format: 'uuid' },
} as const;

export const LIMIT = {
  name: 'limit',
  required: false,
  description: 'How many items a page has at most',
  schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
} as const;

const text = { type: 'string' } as const;

export const TENANT = {
  name: 'tenant',
  required: false,
  description: 'What is of this tenant, for keys for all tenants. Others see their own alone, and nothing where they name another',
  schema: text,
  example: 'acme',
} as const;

export const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  required: false,
  description: 'One key makes one job, whoever repeats it: 1 to 255 printable ASCII characters, in quotes if there are spaces',
  schema: text,
  example: 'order-4711',
};

export const PREFER = {
  name: 'Prefer',
  required: false,
  description: '`wait=20` waits up to 20 seconds for the job to end; at most 60',
  schema: text,
  example: 'wait=20',
};

export const TRACEPARENT_HEADER = {
  name: 'traceparent',
  required: false,
  description: 'W3C trace context, which the handler gets',
  schema: text,
  example: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
};

export const IF_NONE_MATCH = { name: 'If-None-Match', required: false, description: 'ETags that the caller has: 304 where one fits', schema: text };

export const IF_MATCH = {
  name: 'If-Match',
  required: false,
  description: 'The revision that is to be changed, in quotes; 412 where it is another',
  schema: text,
  example: '"3"',
};
export const IF_NONE_MATCH_ANY = {
  name: 'If-None-Match',
  required: false,
  description: '`*`: only create; 412 where there is one',
  schema: text,
  example: '*',
};

/** Of every act. */
export const ACT_REASON = {
  name: REASON_HEADER,
  required: false,
  description: 'Why it is done, for the audit: 1 to 500 printable characters, in UTF-8, percent-encoded or as they are. A reason in the body comes first',
  schema: text,
  example: 'the printer is being repaired',
};

/** A header of an answer. */
export function header(name: string, description: string): Record<string, { description: string; schema: { type: 'string' } }> {
  return { [name]: { description, schema: text } };
}

export const LOCATION = header('Location', 'Where it is');
export const RETRY_AFTER = header('Retry-After', 'Seconds after which it is worth looking again, while it has not ended');

/** The content of a stream that tells one sort of event, and that the store does not answer. */
export function streamOf(event: string, schema: new () => object) {
  return {
    'text/event-stream': {
      schema: {
        type: 'string',
        description: `Events \`${event}\`, with JSON of \`${schema.name}\`, and \`unavailable\`, with JSON of \`StatsUnavailable\``,
        contentMediaType: 'text/event-stream',
        contentSchema: { anyOf: [{ $ref: getSchemaPath(schema) }, { $ref: getSchemaPath(StatsUnavailable) }] },
      } as { type: 'string' },
    },
  };
}
