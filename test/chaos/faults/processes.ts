import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../../support/index.js';
import { LEASE_SECONDS } from '../support/world.js';
import type { Arena, Scenario } from '../support/scenario.js';

const LEASE_MS = LEASE_SECONDS * 1_000;

/** A job that does something to the process that runs it, beside the load. */
const misbehaving = (how: string, more: object = {}) => ({ kind: 'debug.misbehave', payload: { how, ...more } });

async function freeze(slot: { kill: (signal: NodeJS.Signals) => void }, ms: number): Promise<void> {
  slot.kill('SIGSTOP');
  await delay(ms);
  slot.kill('SIGCONT');
}

/** Jobs in the middle of their work wherever jobs run: without them a freeze catches nobody red-handed. */
async function handlersAtWork({ world, load }: Arena): Promise<void> {
  const round = randomUUID();
  const busy = async () => {
    const rows = await world.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM jobs WHERE state = 'running' AND payload ->> 'key' LIKE $1 AND started_at > now() - interval '2 seconds' GROUP BY worker_id`,
      [`${round}%`],
    );
    return rows.length >= world.runners.length && rows.every(({ n }) => n >= 2);
  };
  for (let tries = 0; tries < 6; tries++) {
    for (let n = 0; n < 15 * world.runners.length; n++)
      load.submit({ kind: 'debug.ledger', payload: { key: `${round}-${String(tries)}-${String(n)}`, ms: 4_000 } });
    if (await waitFor('handlers to be at work everywhere', busy).catch(() => false)) return;
  }
  throw new Error('expected handlers to be at work everywhere, got none within a minute');
}

async function untilDeaths({ world }: Arena, count: number): Promise<void> {
  await waitFor(`${String(count)} processes to die`, () => world.deaths >= count, { timeoutMs: 60_000 });
}

export const processFaults: Scenario[] = [
  {
    name: 'kill -9 of a worker',
    group: 'process',
    short: true,
    strike: async ({ world, random }) => random.pick(world.workers).kill('SIGKILL'),
  },
  {
    name: 'kill -9 of every worker at once',
    group: 'process',
    strike: async ({ world }) => world.workers.forEach((slot) => slot.kill('SIGKILL')),
  },
  {
    name: 'kill -9 of a gateway, with its relay and its sweep',
    group: 'process',
    world: { gateways: 2 },
    strike: async ({ world, random }) => random.pick(world.gateways).kill('SIGKILL'),
  },
  {
    name: 'kill -9 of a process that runs jobs in single-process mode',
    group: 'process',
    world: { mode: 'single-process' },
    strike: async ({ world, random }) => random.pick(world.gateways).kill('SIGKILL'),
  },
  {
    name: 'ten kills of workers in a row',
    group: 'process',
    strike: async ({ world, random, progress }) => {
      for (let kills = 0; kills < 10; kills++) {
        random.pick(world.workers).kill('SIGKILL');
        await progress(5, 90_000);
      }
      world.healed();
    },
  },
  {
    name: 'a worker frozen past its lease wakes as a zombie',
    group: 'process',
    strike: async (arena) => {
      const { world, random } = arena;
      await handlersAtWork(arena);
      await freeze(random.pick(world.workers), LEASE_MS + 3_000);
      world.healed();
    },
  },
  {
    // Past every look at its own clock: nothing but the token on the row tells that it is late.
    name: 'a worker frozen as it settles, past its lease, wakes as a zombie',
    group: 'process',
    // In the handler's transaction, whose effect its commit would double.
    world: { firstWorker: { FREEZE_AT: 'PostgresAttempts.settle/2:before:5' } },
    strike: async ({ world }) => {
      const [frozen] = world.workers;
      await waitFor('a worker to be frozen', () => frozen?.app.logs().some((line) => line.startsWith('crash point')), { timeoutMs: 40_000 });
      await delay(LEASE_MS + 3_000);
      frozen?.kill('SIGCONT');
      world.healed();
    },
  },
  {
    name: 'a gateway frozen for a while',
    group: 'process',
    world: { gateways: 2 },
    strike: async ({ world, random }) => {
      await freeze(random.pick(world.gateways), LEASE_MS + 3_000);
      world.healed();
    },
  },
  {
    name: 'a process that runs jobs in single-process mode is frozen past its lease',
    group: 'process',
    world: { mode: 'single-process' },
    strike: async (arena) => {
      const { world, random } = arena;
      await handlersAtWork(arena);
      await freeze(random.pick(world.gateways), LEASE_MS + 3_000);
      world.healed();
    },
  },
  {
    name: 'SIGTERM of each process under load, one after the other',
    group: 'process',
    world: { gateways: 2 },
    strike: async ({ world }) => {
      for (const slot of world.slots) {
        const code = await slot.terminate();
        if (code !== 0) throw new Error(`expected exit code 0 on SIGTERM, got: ${String(code)}`);
        await slot.ready().catch(() => undefined);
      }
      world.healed();
    },
    expect: async ({ world }) => {
      // Interrupted attempts cost none: of jobs that do not fail by themselves each has used one.
      const [row] = await world.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM jobs WHERE kind = 'debug.ledger' AND payload -> 'failures' IS NULL AND attempt > 1`,
      );
      if (row?.n !== 0) throw new Error(`expected no attempt to be used up by a deploy, got: ${String(row?.n)}`);
    },
  },
  {
    name: 'a handler takes all memory and its process dies',
    group: 'process',
    world: { env: { NODE_OPTIONS: '--max-old-space-size=160' } },
    strike: async (arena) => {
      arena.load.submit(misbehaving('allocate', { times: 1 }));
      await untilDeaths(arena, 1);
      arena.world.struck();
    },
  },
  {
    name: 'the event loop is blocked for longer than lease and AMQP heartbeat',
    group: 'process',
    strike: async ({ load, world, progress }) => {
      load.submit({ kind: 'debug.spin', payload: { ms: 25_000 } });
      await progress(100);
      await delay(26_000);
      world.healed();
    },
    quietWithinMs: 120_000,
  },
  {
    name: 'a handler leaves a rejection that nobody handles',
    group: 'process',
    strike: async ({ load, world }) => {
      for (let n = 0; n < 5; n++) load.submit(misbehaving('reject'));
      world.healed();
    },
    expect: async ({ world }) => {
      if (world.deaths !== 0) throw new Error(`expected every process to live, got deaths: ${String(world.deaths)}`);
    },
  },
  {
    name: 'a handler throws outside of any promise',
    group: 'process',
    strike: async ({ load, world, progress }) => {
      load.submit(misbehaving('throw', { times: 1 }));
      await progress(50);
      world.healed();
    },
  },
  {
    name: 'a handler ends its process',
    group: 'process',
    strike: async (arena) => {
      arena.load.submit(misbehaving('exit', { times: 1 }));
      await untilDeaths(arena, 1);
      arena.world.struck();
    },
  },
  {
    name: 'a job that kills its process each time ends as a dead letter, its neighbours succeed',
    group: 'process',
    strike: async (arena) => {
      arena.load.submit({ kind: 'debug.crash', payload: {} });
      await untilDeaths(arena, 1);
      arena.world.struck();
    },
    expect: async ({ world }) => {
      if (world.deaths !== 1) throw new Error(`expected it to take one worker with it, once, got deaths: ${String(world.deaths)}`);
      const rows = await world.query(`SELECT attempt, state FROM jobs WHERE kind = 'debug.crash'`);
      if (JSON.stringify(rows) !== '[{"attempt":5,"state":"failed"}]')
        throw new Error(`expected one job that failed at attempt 5, got: ${JSON.stringify(rows)}`);
    },
  },
  {
    name: 'a job that never ends and ignores its signal is given up',
    group: 'process',
    strike: async ({ world, ledger }) => {
      ledger.open('hang', 'http', 'debug.misbehave');
      const answer = await world
        .api()
        .submit('debug.misbehave', { how: 'hang', ms: 600_000 }, { timeout: '2s', maxAttempts: 1 }, { 'idempotency-key': '"hang"' });
      ledger.accepted('hang', answer.body.id);
      await world.api().waitForState(answer.body.id, 'failed', 120_000);
      world.healed();
    },
    expect: async ({ world }) => {
      const rows = await world.query(`SELECT errors -> -1 ->> 'code' AS code FROM jobs WHERE kind = 'debug.misbehave'`);
      if (JSON.stringify(rows) !== '[{"code":"timeout"}]') throw new Error(`expected the reason timeout, got: ${JSON.stringify(rows)}`);
    },
  },
];

export const clockFaults: Scenario[] = [3_600_000, -3_600_000].map((skew) => ({
  name: `a worker whose clock is an hour ${skew > 0 ? 'fast' : 'slow'}`,
  group: 'clock',
  world: { firstWorker: { CLOCK_SKEW_MS: String(skew) } },
  strike: async ({ progress }) => progress(300),
  expect: async ({ world }) => {
    const [row] = await world.query<{ n: number }>('SELECT count(*)::int AS n FROM jobs WHERE crashes > 0');
    if (row?.n !== 0) throw new Error(`expected nobody to be taken for dead, got: ${String(row?.n)}`);
  },
}));
