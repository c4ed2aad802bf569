import type { FastifyInstance } from 'fastify';
import type { JobsController } from './jobs.controller.js';

/**
 * Serves `POST /jobs`, the hot path, without Nest's router. Nest registers the route from the controller's decorators, which also describe it in the
 * API's document; only its handler is another. An error goes to Fastify's handler of errors, which is Nest's problem filter. Guards, pipes and
 * interceptors of Nest do not see this route: what holds for every request, such as who may send it, belongs in `guardRequests`, which sees all of them.
 * Call it before the routes are made.
 */
export function serveDirectly(fastify: FastifyInstance, jobs: JobsController): void {
  fastify.addHook('onRoute', (route) => {
    if (route.method === 'POST' && route.url === '/jobs') route.handler = (request, reply) => jobs.submitText(request, reply);
  });
}
