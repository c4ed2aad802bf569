import 'reflect-metadata';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Admission } from '@app/core';
import { fastify } from 'fastify';
import { BodyBudget, budgetBodies } from './body-budget.js';

const admitsAll = { refusal: () => undefined } as unknown as Admission;
const POST = 'POST /jobs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}';

/** A server that never answers `GET /hangs`, and is told when a `POST /jobs` is in its hands. */
async function server() {
  const budget = new BodyBudget();
  const app = fastify();
  budgetBodies(app, budget, admitsAll, { maxBytes: 1_000, withinMs: 60_000, refused: () => undefined });
  app.get('/hangs', () => new Promise(() => undefined));
  const posted = new Promise<{ counted: number; socket: Socket }>((resolve) =>
    app.post('/jobs', async (request, reply) => {
      resolve({ counted: budget.bytes, socket: request.raw.socket });
      return reply.send('taken');
    }),
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  const client = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  return { app, budget, client, posted };
}

describe('the budget of bodies', () => {
  test('gets the bytes of a pipelined request back when its connection closes before its turn', async () => {
    const { app, budget, client, posted } = await server();
    client.write(`GET /hangs HTTP/1.1\r\nHost: x\r\n\r\n${POST}`);
    const { counted, socket } = await posted;
    expect(counted).toBe(2);
    client.destroy();
    await once(socket, 'close');
    expect(budget.bytes).toBe(0);
    await app.close();
  });

  test('gets the bytes of an answered request back once, though its connection closes later', async () => {
    const { app, budget, client, posted } = await server();
    client.write(POST);
    const { socket } = await posted;
    await once(client, 'data');
    client.destroy();
    await once(socket, 'close');
    expect(budget.bytes).toBe(0);
    await app.close();
  });
});
