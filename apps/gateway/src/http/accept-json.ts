import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type JsonBody, readJson } from './json-body.js';

/** Each entry of a batch is a job, so each may have as many members as a job has; all together as many as so many jobs. */
const BATCH = { url: '/jobs/batch', entriesOf: 'jobs', times: 4 };

/** On the request itself: entries of a weak map cost the collector more. */
const BODY = Symbol('json body');
type WithBody = FastifyRequest & { [BODY]?: JsonBody | undefined };

/** The only body parser, uploads apart: strict JSON. Any other media type is answered 415. */
export function acceptJson(fastify: FastifyInstance, maxMembers: number): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    try {
      // Calls without arguments, such as a cancel, often come with the header and no body.
      if (bytes.length === 0) return done(null, undefined);
      const entries = request.routeOptions.url === BATCH.url ? { entriesOf: BATCH.entriesOf, maxOfAll: BATCH.times * maxMembers } : {};
      const body = readJson(bytes as Buffer, { maxMembers, ...entries });
      (request as WithBody)[BODY] = body;
      done(null, body.value);
    } catch (error) {
      done(error as Error);
    }
  });
}

/** The body of a request with its text; undefined where there was none. */
export function jsonBodyOf(request: FastifyRequest): JsonBody | undefined {
  return (request as WithBody)[BODY];
}

/** Its request goes on for long, and needs its body no more. */
export function forgetJsonBody(request: FastifyRequest): void {
  (request as WithBody)[BODY] = undefined;
}
