import type { FastifyInstance } from 'fastify';
import { parseJson } from './json-body.js';

/** The only body parser, uploads apart: strict JSON. Any other media type is answered 415. */
export function acceptJson(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      // Calls without arguments, such as a cancel, often come with the header and no body.
      done(null, body.length === 0 ? undefined : parseJson(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}
