import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../../support/index.js';
import type { Arena, Scenario } from '../support/scenario.js';

const QUEUE = 'longhaul.jobs.default';

async function away(arena: Arena, stop: () => Promise<unknown>, start: () => Promise<unknown>, ms: number): Promise<void> {
  await stop();
  await delay(ms);
  await start();
  arena.world.healed();
}

/** Runs with a setting of the broker, which is global to it, and takes it back. */
async function withSetting({ world }: Arena, on: string[], off: string[], work: () => Promise<unknown>): Promise<void> {
  await world.victims.broker.ctl(...on);
  try {
    await work();
  } finally {
    await world.victims.broker.ctl(...off);
    world.healed();
  }
}

const consumerTimeout = (ms: number, tick: number) => [
  'eval',
  `application:set_env(rabbit, consumer_timeout, ${String(ms)}), application:set_env(rabbit, channel_tick_interval, ${String(tick)}).`,
];

/** A job of 20 s where the broker's patience is 5 s: as one of two hours where it is 30 minutes. */
function longerThanTheConsumerTimeout(name: string, handoverSeconds: string): Scenario {
  return {
    name,
    group: 'broker',
    world: { env: { HANDOVER_SECONDS: handoverSeconds } },
    ratePerSecond: 10,
    strike: (arena) =>
      withSetting(arena, consumerTimeout(5_000, 1_000), consumerTimeout(1_800_000, 60_000), async () => {
        const { world, load, withChannel } = arena;
        // Only channels that are opened from now on look at the clock that often.
        world.amqpProxy.reset();
        await withChannel(async () => undefined);
        await arena.progress(10);
        load.submit({ kind: 'debug.sleep', payload: { ms: 20_000 } });
        await waitFor(
          'the long job to end',
          async () => (await world.query(`SELECT 1 FROM jobs WHERE payload ->> 'ms' = '20000' AND state = 'succeeded'`)).length > 0,
          { timeoutMs: 90_000 },
        );
      }),
    expect: async ({ world }) => {
      const rows = await world.query(`SELECT attempt, fence FROM jobs WHERE payload ->> 'ms' = '20000'`);
      if (JSON.stringify(rows) !== '[{"attempt":1,"fence":1}]') throw new Error(`expected the long job to run once, got: ${JSON.stringify(rows)}`);
    },
  };
}

export const brokerFaults: Scenario[] = [
  {
    name: 'RabbitMQ restarts',
    group: 'broker',
    short: true,
    strike: (arena) =>
      away(
        arena,
        () => arena.world.victims.broker.ctl('stop_app'),
        () => arena.world.victims.broker.ctl('start_app'),
        0,
      ),
  },
  {
    name: 'RabbitMQ is killed and started again',
    group: 'broker',
    strike: async (arena) => {
      // Of a quorum queue that was declared seconds before, 3.10.8 knows the name afterwards and finds no leader: its own loss.
      await delay(20_000);
      await away(
        arena,
        () => arena.world.victims.broker.kill(),
        () => arena.world.victims.broker.start(),
        1_000,
      );
    },
  },
  {
    name: 'RabbitMQ is away for a minute under load',
    group: 'broker',
    strike: (arena) =>
      away(
        arena,
        () => arena.world.victims.broker.ctl('stop_app'),
        () => arena.world.victims.broker.ctl('start_app'),
        60_000,
      ),
    quietWithinMs: 150_000,
  },
  {
    name: 'RabbitMQ restarts with 50 handlers at work',
    group: 'broker',
    world: { env: { WORKER_CONCURRENCY: '50' } },
    ratePerSecond: 5,
    strike: async (arena) => {
      const { world, load } = arena;
      for (let n = 0; n < 50; n++) load.submit({ kind: 'debug.effect', payload: { key: `at-work-${String(n)}`, ms: 15_000 } });
      await waitFor(
        '50 handlers at work',
        async () => (await world.query(`SELECT 1 FROM jobs WHERE kind = 'debug.effect' AND state = 'running'`)).length === 50,
        { timeoutMs: 30_000 },
      );
      await away(
        arena,
        () => world.victims.broker.ctl('stop_app'),
        () => world.victims.broker.ctl('start_app'),
        1_000,
      );
    },
    expect: async ({ world }) => {
      const [row] = await world.query<{ jobs: number; runs: number; effects: number }>(
        `SELECT count(*)::int AS jobs, sum(fence)::int AS runs, (SELECT count(*)::int FROM debug_effects) AS effects FROM jobs WHERE kind = 'debug.effect' AND state = 'succeeded'`,
      );
      if (row?.jobs !== 50 || row.runs !== 50 || row.effects !== 50) throw new Error(`expected 50 handlers to run once each, got: ${JSON.stringify(row)}`);
    },
  },
  {
    name: 'a memory alarm blocks publishing',
    group: 'broker',
    strike: (arena) =>
      withSetting(arena, ['set_vm_memory_high_watermark', '0'], ['set_vm_memory_high_watermark', '0.4'], async () => {
        await waitFor(
          'the gateway to see it',
          async () => {
            const health = await arena.world.api().call<{ broker: string }>('GET', '/health/ready');
            return health.body.broker === 'blocked';
          },
          { timeoutMs: 30_000 },
        );
        await delay(5_000);
      }),
  },
  {
    name: 'a disk alarm blocks publishing',
    group: 'broker',
    strike: (arena) => withSetting(arena, ['set_disk_free_limit', '999999GB'], ['set_disk_free_limit', '100MB'], () => delay(5_000)),
  },
  {
    name: 'an operator closes every connection',
    group: 'broker',
    strike: async ({ world }) => {
      await world.victims.broker.ctl('close_all_connections', '--vhost', decodeURIComponent(new URL(world.amqpUrl).pathname.slice(1)), 'chaos');
      world.healed();
    },
  },
  {
    name: 'the job queue is deleted',
    group: 'broker',
    strike: async ({ world, withChannel }) => {
      await withChannel((channel) => channel.deleteQueue(QUEUE));
      world.healed();
    },
  },
  {
    name: 'the job queue is purged while jobs wait in it',
    group: 'broker',
    world: { env: { WORKER_CONCURRENCY: '2' } },
    strike: async ({ world, load, withChannel }) => {
      for (let n = 0; n < 100; n++) load.submit({ kind: 'debug.ledger', payload: { key: `purged-${String(n)}`, ms: 100 } });
      let purged = 0;
      await waitFor('messages to purge', async () => {
        await withChannel(async (channel) => (purged += (await channel.purgeQueue(QUEUE)).messageCount));
        return purged > 20;
      });
      world.healed();
    },
  },
  {
    name: 'an exchange is deleted, so that publishing closes its channel',
    group: 'broker',
    strike: async ({ world, withChannel }) => {
      await withChannel((channel) => channel.deleteExchange('longhaul.jobs'));
      await withChannel((channel) => channel.deleteExchange('longhaul.events'));
      world.healed();
    },
    unbindsListener: true,
  },
  {
    name: 'a queue loses its binding, so that messages are returned',
    group: 'broker',
    strike: async ({ world, withChannel }) => {
      await withChannel((channel) => channel.unbindQueue(QUEUE, 'longhaul.jobs', 'default'));
      await delay(3_000);
      world.healed();
    },
  },
  {
    name: 'the job queue is at its length limit and refuses',
    group: 'broker',
    world: { env: { WORKER_CONCURRENCY: '1' } },
    strike: async (arena) => {
      const vhost = decodeURIComponent(new URL(arena.world.amqpUrl).pathname.slice(1));
      const policy = ['set_policy', '-p', vhost, 'chaos-length', '^longhaul\\.jobs\\.', '{"max-length": 3}', '--apply-to', 'queues'];
      await withSetting(arena, policy, ['clear_policy', '-p', vhost, 'chaos-length'], async () => {
        for (let n = 0; n < 60; n++) arena.load.submit({ kind: 'debug.ledger', payload: { key: `refused-${String(n)}`, ms: 50 } });
        await delay(8_000);
      });
    },
    quietWithinMs: 120_000,
  },
  longerThanTheConsumerTimeout('a job far longer than the consumer timeout is handed over and runs once', '2'),
  longerThanTheConsumerTimeout('a job far longer than the consumer timeout is adopted when its channel is closed, and runs once', '1500'),
];
