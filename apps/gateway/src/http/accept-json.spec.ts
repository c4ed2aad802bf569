import Fastify from 'fastify';
import { acceptJson, jsonBodyOf, takeJsonBody } from './accept-json.js';

test('a body that is taken is not kept by its request', async () => {
  const fastify = Fastify();
  acceptJson(fastify, 100);
  fastify.post('/', (request) => {
    const { value, source } = takeJsonBody(request);
    return { value, text: source?.text, kept: [request.body ?? null, jsonBodyOf(request) ?? null] };
  });
  const url = await fastify.listen({ port: 0, host: '127.0.0.1' });
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a": 1.0}' });
  expect(await response.json()).toEqual({ value: { a: 1 }, text: '{"a": 1.0}', kept: [null, null] });
  await fastify.close();
});
