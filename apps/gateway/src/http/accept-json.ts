import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type JsonBody, readJson } from '@app/host';

/** Each job of a batch may have as many members as a single job; all together may have as many as so many jobs. */
const BATCH = { url: '/jobs/batch', entriesOf: 'jobs', times: 4 };

/** A member of the request itself, because entries of a weak map cost the garbage collector more. */
const BODY = Symbol('json body');
type WithBody = FastifyRequest & { [BODY]?: JsonBody | undefined };

/** Adds the only body parser apart from uploads: strict JSON. The answer to any other media type is 415. */
export function acceptJson(fastify: FastifyInstance, maxMembers: number): void {
  const single = { maxMembers };
  const batch = { maxMembers, entriesOf: BATCH.entriesOf, maxOfAll: BATCH.times * maxMembers };
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    try {
      // Calls without arguments, such as a cancel, often have the header and no body.
      if (bytes.length === 0) return done(null, undefined);
      const body = readJson(bytes as Buffer, request.routeOptions.url === BATCH.url ? batch : single);
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

/** The body of a request, parsed and as its text. The request keeps neither: it may wait for long after they are read. */
export function takeJsonBody(request: FastifyRequest): { value: unknown; source: JsonBody | undefined } {
  const taken = { value: request.body, source: jsonBodyOf(request) };
  request.body = undefined;
  (request as WithBody)[BODY] = undefined;
  return taken;
}
