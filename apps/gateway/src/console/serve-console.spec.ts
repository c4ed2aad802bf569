import Fastify, { type FastifyInstance } from 'fastify';
import { problemOf, sendProblem } from '../http/problem.filter.js';
import { serveConsole } from './serve-console.js';

describe('the console of a build without it', () => {
  let fastify: FastifyInstance;
  beforeAll(() => (fastify = Fastify({ forceCloseConnections: true })));
  afterAll(() => fastify.close());

  test('answers 404 with a problem that says how to build it', async () => {
    fastify.setErrorHandler((error, request, reply) => sendProblem(reply, problemOf(error, request.url)));
    await serveConsole(fastify, { places: ['/nowhere'] });
    const answer = await fetch(`${await fastify.listen({ port: 0, host: '127.0.0.1' })}/console/jobs`, { headers: { connection: 'close' } });
    expect([answer.status, answer.headers.get('content-type')?.split(';')[0]]).toEqual([404, 'application/problem+json']);
    expect(await answer.json()).toMatchObject({ type: '/problems/not-found', detail: expect.stringContaining('npm run build') });
  });
});
