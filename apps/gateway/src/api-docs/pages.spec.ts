import { Refusal } from '@app/core';
import fastify from 'fastify';
import { servePages } from './pages.js';

test('without their package, the pages of the API say what to install', async () => {
  const server = fastify();
  let refusal: unknown;
  server.setErrorHandler((error, _, reply) => {
    refusal = error;
    void reply.code(404).send();
  });
  servePages(server, null, null);

  const { status } = await fetch(`${await server.listen({ host: '127.0.0.1', port: 0 })}/docs`);
  await server.close();
  expect(status).toBe(404);
  expect(refusal).toBeInstanceOf(Refusal);
  expect(refusal).toMatchObject({ code: 'not_found', message: expect.stringContaining('npm install swagger-ui-dist') as string });
});
