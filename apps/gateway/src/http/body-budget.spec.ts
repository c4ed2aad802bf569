import 'reflect-metadata';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Admission } from '@app/core';
import { fastify } from 'fastify';
import { waitFor } from '../../../../test/support/wait-for.js';
import { BodyBudget, budgetBodies } from './body-budget.js';

const admitsAll = { refusal: () => undefined } as unknown as Admission;
const head = (length: number) => `POST /jobs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
const POST = `${head(2)}{}`;

/** A server that never answers `GET /hangs`, and is told when a `POST /jobs` is in its hands. */
async function server({ maxOfClient = 0, withinMs = 60_000 } = {}) {
  const budget = new BodyBudget();
  const app = fastify();
  budgetBodies(app, budget, admitsAll, { maxTotal: 0, maxOfClient, withinMs, refused: () => undefined });
  app.get('/hangs', () => new Promise(() => undefined));
  const posted = new Promise<{ counted: number; socket: Socket }>((resolve) =>
    app.post('/jobs', async (request, reply) => {
      resolve({ counted: budget.bytes, socket: request.raw.socket });
      return reply.send('taken');
    }),
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  const open = () => connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  return { app, budget, client: open(), open, posted };
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

  test('counts of a body what has come, whatever its length says (E8)', async () => {
    const { app, budget, client } = await server();
    client.write(`${head(1_000_000)}x`);
    await waitFor('the first byte', () => budget.bytes > 0);
    expect(budget.bytes).toBe(1);
    client.destroy();
    await waitFor('the end', () => budget.bytes === 0);
    await app.close();
  });

  test('answers a body that does not come with 408, and closes its connection (E8)', async () => {
    const { app, client } = await server({ withinMs: 100 });
    client.write(`${head(1_000_000)}x`);
    const [answer] = (await once(client, 'data')) as [Buffer];
    expect(answer.toString()).toContain('408');
    await once(client, 'close');
    await app.close();
  });

  test('refuses with 429 what is beyond the share of one client, while a part of it is missing (E8)', async () => {
    const { app, budget, client, open } = await server({ maxOfClient: 10 });
    client.write(`${head(1_000)}${'x'.repeat(8)}`);
    await waitFor('the first body', () => budget.bytes === 8);
    const second = open();
    second.write(`${head(1_000)}${'x'.repeat(8)}`);
    const [answer] = (await once(second, 'data')) as [Buffer];
    expect(answer.toString()).toContain('429');
    await once(second, 'close');
    expect(budget.bytes).toBe(8);
    client.destroy();
    await app.close();
  });
});
