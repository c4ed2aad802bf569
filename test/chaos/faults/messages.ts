import { randomUUID } from 'node:crypto';
import { AmqpProducer } from '../support/amqp-producer.js';
import type { Arena, Scenario } from '../support/scenario.js';

/** Publishes to the exchange of jobs as the relay does, which nobody else may. */
async function withRelay(
  { world }: Arena,
  work: (publish: (content: Buffer, options: Record<string, unknown>) => Promise<void>) => Promise<void>,
): Promise<void> {
  const producer = new AmqpProducer(world.amqpUrl);
  try {
    await work((content, options) => producer.once('longhaul.jobs', 'default', content, options));
  } finally {
    await producer.close();
    world.healed();
  }
}

const copyOf = (id: string, more: object = {}) => ({
  correlationId: id,
  messageId: randomUUID(),
  type: 'debug.ledger',
  contentType: 'application/json',
  ...more,
});
const EMPTY = Buffer.from('{}');

async function idsOf({ world }: Arena, limit: number): Promise<string[]> {
  const rows = await world.query<{ id: string }>(`SELECT id FROM jobs WHERE kind = 'debug.ledger' ORDER BY random() LIMIT ${String(limit)}`);
  return rows.map(({ id }) => id);
}

const POISON: { name: string; content: Buffer; options: Record<string, unknown> }[] = [
  { name: 'no properties', content: Buffer.from('?'), options: {} },
  { name: 'no body', content: Buffer.alloc(0), options: { messageId: randomUUID(), type: 'debug.ledger' } },
  { name: 'an id that is none', content: EMPTY, options: copyOf('not-a-uuid') },
  { name: 'a publish id that is none', content: EMPTY, options: copyOf(randomUUID(), { messageId: 'x' }) },
  { name: 'truncated JSON', content: Buffer.from('{"half":'), options: { type: 'debug.ledger' } },
  { name: 'bytes', content: Buffer.from([0, 255, 254, 0]), options: { contentType: 'image/png' } },
];

export const messageFaults: Scenario[] = [
  {
    name: 'each job message comes a hundred times, as the same copy and as others, in any order',
    group: 'messages',
    strike: async (arena) =>
      withRelay(arena, async (publish) => {
        for (const id of await idsOf(arena, 20)) {
          const same = copyOf(id);
          await Promise.all(Array.from({ length: 100 }, (_, n) => publish(EMPTY, n % 2 ? same : copyOf(id)).catch(() => undefined)));
        }
      }),
    expect: async ({ world }) => {
      const [row] = await world.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM jobs WHERE kind = 'debug.ledger' AND payload -> 'failures' IS NULL AND fence > 1`,
      );
      if (row?.n !== 0) throw new Error(`expected each job to run once, got so many that ran more often: ${String(row?.n)}`);
    },
  },
  {
    name: 'messages of an older and of a newer version, and of jobs that are not there',
    group: 'messages',
    strike: async (arena) =>
      withRelay(arena, async (publish) => {
        for (const id of await idsOf(arena, 20)) {
          await publish(Buffer.from(JSON.stringify({ v: 99, jobId: id, more: { deep: [1, 2, 3] } })), copyOf(id, { headers: { 'x-new-in-v99': true } }));
          await publish(Buffer.alloc(0), copyOf(id));
          await publish(EMPTY, copyOf(randomUUID()));
        }
      }),
  },
  {
    name: 'poison of every sort on the job queue and on the submit exchange',
    group: 'messages',
    short: true,
    strike: async (arena) => {
      await withRelay(arena, async (publish) => {
        for (const { content, options } of POISON) await publish(content, options);
      });
      const producer = new AmqpProducer(arena.world.amqpUrl);
      for (const { content, options } of POISON) await producer.once('longhaul.submit', 'debug.echo', content, options);
      await producer.once('longhaul.submit', 'no.such.kind', EMPTY, { messageId: randomUUID() });
      await producer.close();
    },
    expect: async ({ world }) => {
      const rows = await world.query<{ reason: string }>(`SELECT reason FROM dead_letters WHERE source = 'message'`);
      if (rows.length < POISON.length + 2) throw new Error(`expected a dead letter for each poison, got: ${JSON.stringify(rows)}`);
    },
  },
];
