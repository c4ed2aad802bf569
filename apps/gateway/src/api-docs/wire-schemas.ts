import { TERMINAL_STATES } from '@app/core';
import type { JsonSchema } from '@app/sdk';

const time = { type: 'string', format: 'date-time' };
const nullable = (schema: JsonSchema): JsonSchema => ({ oneOf: [schema, { type: 'null' }] });
const object = (properties: Record<string, JsonSchema>, optional: string[] = []): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});

/** `JobView` of a job that has ended. */
export const OUTCOME_SCHEMA = object(
  {
    id: { type: 'string', format: 'uuid' },
    kind: { type: 'string' },
    queue: { type: 'string' },
    state: { type: 'string', enum: [...TERMINAL_STATES] },
    priority: { type: 'integer', minimum: 0, maximum: 9 },
    attempt: { type: 'integer', minimum: 0 },
    maxAttempts: { type: 'integer', minimum: 1 },
    progress: nullable(object({ done: { type: 'number' }, total: { type: 'number' }, message: { type: 'string' } }, ['total', 'message'])),
    result: { description: 'What the handler returned; null unless it succeeded' },
    resultOmitted: { type: 'boolean', description: 'The result is too large for a message: `links.self` has it' },
    error: nullable(
      object(
        {
          code: { type: 'string' },
          message: { type: 'string' },
          attempt: { type: 'integer' },
          at: time,
          cause: { type: 'object', description: 'What led to it: name, message, code, cause' },
          errors: { type: 'array', items: { type: 'object' }, description: 'What failed together' },
        },
        ['cause', 'errors'],
      ),
    ),
    tags: { type: 'array', items: { type: 'string' } },
    cancelRequested: { type: 'boolean' },
    runAt: nullable(time),
    createdAt: time,
    startedAt: nullable(time),
    finishedAt: nullable(time),
    lastEventId: { type: 'integer' },
    links: object({ self: { type: 'string' }, events: { type: 'string' }, redrive: { type: 'string' } }, ['redrive']),
  },
  ['resultOmitted'],
);

/** RFC 9457. */
export const PROBLEM_SCHEMA = object(
  {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string', description: 'The dead letter: GET it for the bytes, POST …/redrive puts it back' },
    errors: { type: 'array', items: object({ pointer: { type: 'string' }, detail: { type: 'string' } }) },
  },
  ['errors'],
);
