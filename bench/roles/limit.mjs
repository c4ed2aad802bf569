// The services alone, as hard as one process can.

import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { payloadOf } from '../lib/measure.mjs';
import { clock, config, inFlight, serve } from '../lib/role.mjs';
import { openRabbit } from '../peers/rabbit.mjs';

const ROWS = 128;
const { databaseUrl, amqpUrl } = config().env;
const pool = new pg.Pool({ connectionString: databaseUrl, max: 20 });
const payload = payloadOf(256);

/** @param {number} count @param {() => Promise<unknown>} work */
async function rate(count, work) {
  const began = clock();
  await work();
  return (count / (clock() - began)) * 1_000;
}

/** @param {number} count */
async function publish(count) {
  const rabbit = await openRabbit(amqpUrl);
  const perSecond = await rate(count, () => inFlight(count, 1_000, () => rabbit.publish(payload)));
  await rabbit.close();
  return perSecond;
}

/** @param {number} count @param {number} rows @param {number} connections */
async function insert(count, rows, connections) {
  const text = 'insert into jobs (id, payload) select id, payload::jsonb from unnest($1::uuid[], $2::text[]) as i (id, payload) returning id';
  const statements = Math.ceil(count / rows);
  const json = JSON.stringify(payload);
  return rate(statements * rows, () =>
    inFlight(statements, connections, () =>
      pool.query({ name: `insert ${rows}`, text, values: [Array.from({ length: rows }, () => randomUUID()), Array.from({ length: rows }, () => json)] }),
    ),
  );
}

serve({
  'publish-confirm': publish,
  'consume-ack': async (count) => {
    await publish(count);
    const { channel, consume, close } = await openRabbit(amqpUrl);
    let left = count;
    const perSecond = await rate(
      count,
      () =>
        new Promise((resolve) => {
          consume(250, (message) => {
            channel.ack(message);
            if (--left === 0) resolve(undefined);
          });
        }),
    );
    await close();
    return perSecond;
  },
  insert: (count) => insert(count, ROWS, 2),
  'insert-one': (count) => insert(count, 1, 20),
  update: async (count) => {
    await insert(count, ROWS, 2);
    const { rows } = await pool.query("select id from jobs where state = 'queued' limit $1", [count]);
    const text = "update jobs set state = 'done', result = '{}' where id = any($1::uuid[])";
    return rate(rows.length, () =>
      inFlight(Math.ceil(rows.length / ROWS), 2, (index) =>
        pool.query({ name: 'update', text, values: [rows.slice(index * ROWS, (index + 1) * ROWS).map(({ id }) => id)] }),
      ),
    );
  },
});
