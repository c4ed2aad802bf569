import { PROBLEMS, type ProblemCode } from '@app/contracts';
import type { OpenAPIObject } from '@nestjs/swagger';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** The order in which the page shows them. */
const TAGS: Record<string, string> = {
  jobs: 'Submit, look, list, cancel, put back',
  events: 'What happens to jobs, as streams',
  kinds: 'What can be submitted',
  queues: 'Depth and age; pause and resume',
  files: 'Uploads, and what jobs have written',
  'dead letters': 'What was given up, with its reason',
  webhooks: 'Receivers of outcomes, and what was sent to them',
  health: 'For orchestrators and Prometheus',
};

/** Their bodies are filters or edits, which may be left out, so no class describes them. */
const TAKES_BODY = new Set(['/dead-letters/redrive', '/dead-letters/{id}/redrive', '/webhooks/deliveries/replay', '/webhooks/endpoints/{id}/rotate-secret']);

const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'RFC 9457',
  required: ['type', 'title', 'status', 'detail', 'instance'],
  properties: {
    type: { type: 'string', example: '/problems/invalid-payload' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    errors: {
      type: 'array',
      items: { type: 'object', required: ['pointer', 'detail'], properties: { pointer: { type: 'string' }, detail: { type: 'string' } } },
    },
  },
} as const;

/**
 * Completes each operation by the problems that any operation of its form is answered with, and orders the document, so that what is
 * documented is what is answered. Statuses of success stand at the controllers.
 */
export function documentAnswers(document: OpenAPIObject): void {
  const schemas = ((document.components ??= {}).schemas ??= {});
  schemas['Problem'] = PROBLEM_SCHEMA as unknown as (typeof schemas)[string];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation) addProblems(operation, path);
    }
  }
  document.tags = Object.entries(TAGS).map(([name, description]) => ({ name, description }));
  document.paths = Object.fromEntries(Object.entries(document.paths).sort(([one, a], [other, b]) => rankOf(a) - rankOf(b) || one.localeCompare(other, 'en')));
}

function addProblems(operation: Operation, path: string): void {
  const add = (code: ProblemCode, when: string) => {
    const { status } = PROBLEMS[code];
    const known = operation.responses[String(status)] as { description?: string; content?: unknown } | undefined;
    operation.responses[String(status)] = {
      description: known?.description || when,
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    };
  };
  add('malformed_request', 'The request cannot be read, or has a parameter that is not known');
  if (path.includes('{')) add('not_found', 'There is none');
  if (operation.requestBody || TAKES_BODY.has(path)) {
    add('request_timeout', 'The body did not arrive in time');
    add('payload_too_large', 'The body is larger than its limit');
    add('unsupported_media_type', 'The media type or the encoding of the body is not supported');
    add('invalid_payload', 'Not valid; `errors` has a JSON pointer for each fault');
  }
  for (const [status, answer] of Object.entries(operation.responses)) {
    if (Number(status) >= 400 && !('content' in (answer as object))) {
      Object.assign(answer as object, { content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } });
    }
  }
  if (path !== '/health/live') add('unavailable', 'Not now; Retry-After says when to try again');
}

function rankOf(item: OpenAPIObject['paths'][string]): number {
  const tag = METHODS.map((method) => item[method]?.tags?.[0]).find((name) => name !== undefined);
  const rank = Object.keys(TAGS).indexOf(tag ?? '');
  return rank < 0 ? Infinity : rank;
}
