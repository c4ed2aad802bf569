import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describeIf } from '../support/only-if.js';
import type { Order } from './support/load.js';
import type { Random } from './support/random.js';
import { type Arena, runScenario, type Scenario } from './support/scenario.js';
import { hasVictims, startVictims, type Victims } from './support/victims.mjs';
import { LEASE_SECONDS } from './support/world.js';

// `npm run chaos -- --dense 15 -t 'every five seconds'`: what machines lose must never be charged to a job. The handlers here never
// fail, and each job has five attempts, so one that does not succeed was failed by the platform.
const MINUTES = Number(process.env['CHAOS_DENSE_MINUTES'] ?? 0);
const EVERY_MS = 5_000;

/** Nine in ten below 50 ms, one in ten of 1 to 9 s. */
function order(random: Random): Order {
  const ms = random.chance(0.1) ? random.integer(1_000, 9_000) : random.integer(0, 50);
  const payload = { key: randomUUID(), ms };
  return random.chance(0.5) ? { kind: 'debug.ledger', payload, options: { maxAttempts: 5 } } : { kind: 'debug.effect', payload };
}

const faults: Record<string, (arena: Arena) => Promise<void>> = {
  'PostgreSQL crashes': async ({ world }) => {
    await world.victims.postgres.kill();
    await world.victims.postgres.start();
  },
  'kill -9 of a worker': async ({ world, random }) => random.pick(world.workers).kill('SIGKILL'),
  'every session of PostgreSQL is ended': async ({ world }) => {
    await world.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`);
  },
  'a worker is frozen past its lease': async ({ world, random }) => {
    const frozen = random.pick(world.workers).app;
    frozen.kill('SIGSTOP');
    // The next faults strike while it stands still.
    setTimeout(() => frozen.isRunning() && frozen.kill('SIGCONT'), LEASE_SECONDS * 1_000 + 2_000);
  },
  'RabbitMQ is killed': async ({ world }) => {
    await world.victims.broker.kill();
    await world.victims.broker.start();
  },
  'SIGTERM of a worker': async ({ world, random }) => random.pick(world.workers).kill('SIGTERM'),
  'kill -9 of a gateway': async ({ world, random }) => random.pick(world.gateways).kill('SIGKILL'),
};

const dense: Scenario = {
  name: 'a machine fault strikes every five seconds, and no job is charged for it',
  group: 'soak',
  ratePerSecond: 24,
  order,
  world: { gateways: 2, workers: 4, env: { WORKER_CONCURRENCY: '6' } },
  quietWithinMs: 600_000,
  strike: async (arena) => {
    // Of a quorum queue that was declared seconds before, RabbitMQ 3.10.8 finds no leader after a kill: its own loss.
    await delay(20_000);
    const counts = new Map<string, number>();
    for (const end = Date.now() + MINUTES * 60_000; Date.now() < end;) {
      for (const [name, strike] of Object.entries(faults)) {
        const next = delay(EVERY_MS);
        await strike(arena);
        counts.set(name, (counts.get(name) ?? 0) + 1);
        await next;
      }
    }
    arena.world.healed();
    process.stdout.write(`dense: ${JSON.stringify(Object.fromEntries(counts))}\n`);
  },
  expect: async ({ world }) => {
    const [row] = await world.query<{ failed: number; effects: number; doubled: number; jobs: number }>(
      `SELECT count(*) FILTER (WHERE state <> 'succeeded')::int AS failed, count(*) FILTER (WHERE kind = 'debug.effect')::int AS jobs,
              (SELECT count(DISTINCT job_id)::int FROM debug_effects) AS effects,
              (SELECT count(*)::int FROM (SELECT FROM debug_effects GROUP BY job_id HAVING count(*) > 1) d) AS doubled FROM jobs`,
    );
    const reasons = await world.query(
      `SELECT kind, state, attempt, crashes, jsonb_path_query_array(errors, '$[*].code') AS codes FROM jobs WHERE state <> 'succeeded' LIMIT 20`,
    );
    if (row?.failed !== 0) throw new Error(`expected every job to succeed, got: ${String(row?.failed)} that did not, such as ${JSON.stringify(reasons)}`);
    if (row.effects !== row.jobs || row.doubled !== 0) throw new Error(`expected each effect once, got: ${JSON.stringify(row)}`);
  },
};

describeIf(hasVictims && MINUTES > 0, 'npm run proofs runs it')('the promises hold while', () => {
  let victims: Victims;
  beforeAll(async () => {
    victims = await startVictims();
  }, 180_000);
  afterAll(() => victims.stop(), 120_000);

  test(
    `${dense.name} (C38)`,
    async () => {
      const report = await runScenario(victims, dense);
      expect(report.accepted).toBeGreaterThan(MINUTES * 60 * 22);
      expect(report.failed + report.cancelled).toBe(0);
    },
    (MINUTES + 25) * 60_000,
  );
});
