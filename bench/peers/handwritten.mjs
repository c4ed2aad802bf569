// What a careful author writes by hand: one insert and one confirmed publish for each job, one update and one ack for its end.
// Nothing repairs what a crash between the two leaves.

import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { countingMonitor, rowExists } from './postgres.mjs';
import { openRabbit } from './rabbit.mjs';

/** @type {import('./index.mjs').Peer} */
export const handwritten = {
  title: 'hand-written',
  needs: ['postgres', 'rabbit'],
  settings:
    'Fastify, pg pool of 20, one INSERT (a transaction of its own) and one confirmed publish per job; worker: prefetch = concurrency, one UPDATE and one ack per job',
  setup: async ({ databaseUrl, amqpUrl }) => {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query(
      `create table jobs (id uuid primary key, state text not null default 'queued', payload jsonb not null, result jsonb,
         created_at timestamptz not null default now(), finished_at timestamptz);
       create index on jobs (id) where state <> 'done'`,
    );
    await client.end();
    await (await openRabbit(amqpUrl)).close();
  },
  producer: async ({ databaseUrl, amqpUrl }) => {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 20 });
    const rabbit = await openRabbit(amqpUrl);
    return {
      submit: async (payload) => {
        const id = randomUUID();
        await pool.query({ name: 'insert', text: 'insert into jobs (id, payload) values ($1, $2)', values: [id, payload] });
        await rabbit.publish({ id });
        return id;
      },
      isDone: rowExists(pool, 'done', "select from jobs where id = $1 and state = 'done'"),
      close: async () => {
        await rabbit.close();
        await pool.end();
      },
    };
  },
  worker: async ({ databaseUrl, amqpUrl, concurrency }, { started, done }) => {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 20 });
    const { channel, consume, close } = await openRabbit(amqpUrl);
    await consume(concurrency, async (message, { id }) => {
      started(id);
      await pool.query({ name: 'finish', text: "update jobs set state = 'done', result = $2, finished_at = now() where id = $1", values: [id, { ok: true }] });
      channel.ack(message);
      done();
    });
    return { close };
  },
  monitor: async ({ databaseUrl }) => countingMonitor(databaseUrl, "select count(*) from jobs where state <> 'done'"),
};
