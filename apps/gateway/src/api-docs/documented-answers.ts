import { PROBLEMS, type ProblemCode } from '@app/contracts';
import { getSchemaPath, Problem } from '@app/contracts/schemas';
import type { OpenAPIObject } from '@nestjs/swagger';
import { operationOf } from '../rights/operations.js';
import { ACT_REASON } from './parameters.js';

type PathItem = OpenAPIObject['paths'][string];
type Operation = NonNullable<PathItem['get']>;
type Answer = { description?: string; content?: Record<string, unknown> };

export const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** The order in which the page shows them. */
const TAGS: Record<string, string> = {
  stats: 'How the installation stands, live and in the course of time',
  jobs: 'Submit, look, list, cancel, put back',
  events: 'What happens to jobs, as streams',
  kinds: 'What can be submitted; pause and resume',
  queues: 'Depth and age; pause and resume',
  limits: 'How many jobs run at once, and how many start in a time',
  retention: 'How long finished jobs are kept',
  tenants: 'What each may have, and what it has',
  workers: 'What each runs and takes; assign queues; let one end',
  schedules: 'Jobs at set times: set, preview, pause, trigger, make up for',
  files: 'Uploads, and what jobs have written',
  erasures: 'Remove all that is stored of somebody, with proof',
  'dead letters': 'What was given up, with its reason and by its causes',
  webhooks: 'Receivers of outcomes, and what was sent to them',
  rights: 'Who may do what, and who has done it',
  health: 'For orchestrators and Prometheus',
  about: 'Where things are',
};

export const KEY_SCHEME = 'apiKey';
export const SESSION_SCHEME = 'session';
/** The field of an operation that names its scope. */
const SCOPE = 'x-scope';

const PROBLEM_CONTENT = { 'application/problem+json': { schema: { $ref: getSchemaPath(Problem) } } };

/** The meaning of a path's parameter, by the path's beginning. */
const PATH_PARAMETERS: [beginning: string, description: string, schema: object][] = [
  ['/jobs/', 'The id of a job', { type: 'string', format: 'uuid' }],
  ['/erasures/', 'The id of an erasure, which is that of its job', { type: 'string', format: 'uuid' }],
  ['/files/', 'The id of a file', { type: 'string', format: 'uuid' }],
  ['/dead-letters/groups/', 'The fingerprint of a group', { type: 'string', pattern: '^[0-9a-f]{16}$' }],
  ['/dead-letters/', 'The id of a dead letter', { type: 'string', format: 'uuid' }],
  ['/webhooks/endpoints/', 'The id of a receiver', { type: 'string', format: 'uuid' }],
  ['/webhooks/deliveries/', 'The id of a delivery', { type: 'string', format: 'uuid' }],
  ['/limits/', 'The name of a limit', { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' }],
  ['/retention/', 'A kind, a prefix such as `report.*`, or `*` for every kind', { type: 'string' }],
  ['/tenants/', 'The name of a tenant', { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$' }],
  ['/workers/', 'The id of a worker', { type: 'integer', minimum: 1 }],
  ['/sessions/', 'The id of a session', { type: 'string', format: 'uuid' }],
  ['/keys/', 'The part of a key that is no secret', { type: 'string', pattern: '^[a-z2-7]{16}$|^bootstrap$' }],
  ['/schedules/', 'The id of a schedule', { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,90}$' }],
  ['/kinds/', 'A kind', { type: 'string' }],
  ['/queues/', 'The name of a queue', { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$' }],
];

/**
 * Adds to each operation the problems that every operation of its form may be answered with, and orders the document. Controllers declare the
 * statuses of success, and the problems of single operations.
 */
export function documentAnswers(document: OpenAPIObject): void {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (!operation) continue;
      describeParameters(operation, path);
      describeRights(operation, path, method);
      describeReason(operation, path, method);
      addProblems(operation, path, method);
    }
  }
  document.tags = Object.entries(TAGS).map(([name, description]) => ({ name, description }));
  document.paths = Object.fromEntries(Object.entries(document.paths).sort(([one, a], [other, b]) => rankOf(a) - rankOf(b) || one.localeCompare(other, 'en')));
}

function describeParameters({ parameters = [] }: Operation, path: string): void {
  const [, description, schema] = PATH_PARAMETERS.find(([beginning]) => path.startsWith(beginning)) ?? [];
  for (const parameter of parameters) {
    if ('in' in parameter && parameter.in === 'path' && description !== undefined) Object.assign(parameter, { description, schema });
  }
}

/**
 * What an operation needs where AUTH is on; without AUTH it needs nothing, so the empty one stands first. The scope has a field of its own: OpenAPI's tools know
 * scopes of OAuth only.
 */
function describeRights(operation: Operation, path: string, method: (typeof METHODS)[number]): void {
  const { needs } = operationOf(method.toUpperCase(), routeOf(path));
  if (needs === 'open') operation.security = [];
  else operation.security = [{}, { [KEY_SCHEME]: [] }, { [SESSION_SCHEME]: [] }];
  if (needs !== 'open' && needs !== 'anyone') Object.assign(operation, { [SCOPE]: needs });
}

/** Each act takes a reason. */
function describeReason(operation: Operation, path: string, method: (typeof METHODS)[number]): void {
  if (operationOf(method.toUpperCase(), routeOf(path)).act) operation.parameters = [...(operation.parameters ?? []), { in: 'header', ...ACT_REASON }];
}

/** `/jobs/{id}` as the router has it: `/jobs/:id`. */
function routeOf(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

function addProblems(operation: Operation, path: string, method: (typeof METHODS)[number]): void {
  const responses = operation.responses as Record<string, Answer>;
  const answerWith = (status: string, description: string) => {
    const known = responses[status];
    responses[status] = { ...known, description: known?.description || description, content: { ...known?.content, ...PROBLEM_CONTENT } };
  };
  const add = (code: ProblemCode, when: string) => answerWith(String(PROBLEMS[code].status), when);
  for (const [status, answer] of Object.entries(responses)) if (Number(status) >= 400) answerWith(status, answer.description ?? '');
  if (operation.security?.length) add('unauthenticated', 'AUTH is on, and the request has no valid credentials');
  const scope = (operation as { [SCOPE]?: string })[SCOPE];
  if (scope !== undefined) add('insufficient_scope', `The key has not the scope ${scope}`);
  add('malformed_request', 'The request cannot be read, has a parameter that is not known, or lacks a reason that is required');
  if (method !== 'get') add('foreign_origin', 'The request comes from a page of another origin, or the key has not the scope');
  if (path.includes('{')) add('not_found', 'There is none');
  if (operation.requestBody) {
    add('request_timeout', 'The body did not arrive in time');
    add('payload_too_large', 'The body is larger than its limit');
    add('unsupported_media_type', 'The media type or the encoding of the body is not supported');
    add('invalid_payload', 'Not valid; `errors` has a JSON pointer for each fault');
  }
  if (path !== '/health/live') add('unavailable', 'Not now; Retry-After says when to try again');
  answerWith('default', 'Any other problem, which any request may be answered with: `type` says which');
}

function rankOf(item: PathItem): number {
  const tag = METHODS.map((method) => item[method]?.tags?.[0]).find((name) => name !== undefined);
  const rank = Object.keys(TAGS).indexOf(tag ?? '');
  return rank < 0 ? Infinity : rank;
}
