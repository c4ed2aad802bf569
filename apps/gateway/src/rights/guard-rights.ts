import { allows, allowsKind } from '@app/host';
import type { JobId, Sees } from '@app/core';
import { isUuid, Refusal } from '@app/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { refuse } from '../http/guard-requests.js';
import { addHookTo } from '../http/route-hooks.js';
import { pathOf } from '../http/target.js';
import { noSuchJob } from '../jobs/job-id.js';
import { callerOf, principalOf } from './caller.js';
import type { Doorkeeper, Refused } from './doorkeeper.js';
import { withoutPayloads } from './hidden.js';
import { operationOf } from './operations.js';

/** Finds the kind of a job; null when there is no such job, or none of that tenant. */
export type KindOf = (id: JobId, sees: Sees) => Promise<string | null>;

/**
 * Lets in only who may do what the request asks for. It runs before the body is read, and after `guardRequests`, so that a request of a foreign page or
 * for another host is refused without a look at its credentials.
 */
export function guardRights(fastify: FastifyInstance, door: Doorkeeper, kindOf: KindOf): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const { method, routeOptions } = request;
    const judged = door.judge(request.raw, operationOf(method, routeOptions.url ?? pathOf(request.url)));
    const go = (refused: Refused | undefined): void => {
      if (refused) return turnAway(request, reply, refused);
      const rateHeaders = callerOf(request.raw)?.rateHeaders;
      if (rateHeaders) void reply.headers(rateHeaders);
      if (!allows(principalOf(request.raw), 'jobs:payload')) request.headers.accept = 'application/json';
      done();
    };
    if (judged instanceof Promise) judged.then(go, done);
    else go(judged);
  });
  fastify.addHook('onRoute', (route) => {
    if (!route.url.startsWith('/jobs')) return;
    addHookTo(route, 'preHandler', (request, _reply, done) => {
      const { kinds, tenant } = principalOf(request.raw);
      // Nearly every key is for all kinds.
      if (kinds === null) done();
      else narrow(request, kinds, (id) => kindOf(id, tenant)).then(() => done(), done);
    });
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (typeof payload !== 'string' || allows(principalOf(request.raw), 'jobs:payload') || !isJson(reply)) return done(null, payload);
    done(null, withoutPayloads(payload));
  });
}

function isJson(reply: FastifyReply): boolean {
  return String(reply.getHeader('content-type') ?? '').startsWith('application/json');
}

function turnAway(request: FastifyRequest, reply: FastifyReply, { code, detail, headers, exceeded }: Refused): void {
  void reply.headers(headers);
  refuse(request, reply, code, detail, exceeded);
}

/**
 * A key for some kinds sees and changes jobs of these alone: another's job is answered as one that is not there. Lists, streams and acts on many need a
 * `kind` that it has.
 */
async function narrow(request: FastifyRequest, kinds: readonly string[], kindOf: (id: JobId) => Promise<string | null>): Promise<void> {
  const { id } = request.params as { id?: string };
  if (id !== undefined) {
    const kind = isUuid(id) ? await kindOf(id as JobId) : null;
    if (kind === null || !allowsKind({ kinds }, kind)) throw noSuchJob(id);
    return;
  }
  const asked = kindsOf(request, request.routeOptions.url ?? '');
  if (asked.length === 0 || !asked.every((kind) => typeof kind === 'string' && kind.split(',').every((each) => allowsKind({ kinds }, each))))
    throw new Refusal('insufficient_scope', `expected a kind of ${kinds.join(', ')}, for which this key is`);
}

/** The kinds that a request without a job's id names. */
function kindsOf({ method, query, body }: FastifyRequest, route: string): unknown[] {
  if (method === 'GET') return [(query as { kind?: unknown }).kind].flat();
  const { kind, jobs, filter } = (body ?? {}) as { kind?: unknown; jobs?: unknown; filter?: { kind?: unknown } | null };
  if (route === '/jobs/batch') return Array.isArray(jobs) ? jobs.map((job: { kind?: unknown } | null) => job?.kind) : [];
  return [route === '/jobs' || route === '/jobs/dry-run' ? kind : filter?.kind].flat();
}
