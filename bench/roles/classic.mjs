// The API that has no queue: POST /jobs does the work before it answers, with a pool of ten connections for all requests.

import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import pg from 'pg';
import { config, serve } from '../lib/role.mjs';

const pool = new pg.Pool({ connectionString: config().env.databaseUrl, max: 10 });
const app = Fastify();

app.post('/jobs', async (request, reply) => {
  const { kind, payload } = /** @type {any} */ (request.body);
  const id = randomUUID();
  if (kind === 'debug.spin') for (const end = performance.now() + payload.ms; performance.now() < end;);
  if (kind === 'debug.effect') await pool.query('select pg_sleep($1)', [payload.ms / 1_000]);
  await pool.query("insert into jobs (id, state, payload) values ($1, 'done', $2)", [id, payload]);
  return reply.code(200).send({ id });
});
app.get('/jobs/:id', async (request) => (await pool.query('select * from jobs where id = $1', [/** @type {any} */ (request.params).id])).rows[0]);
app.get('/health/live', () => ({ status: 'ok' }));

const url = await app.listen({ port: 0, host: '127.0.0.1' });
serve({ url: () => url }, async () => {
  await app.close();
  await pool.end();
});
