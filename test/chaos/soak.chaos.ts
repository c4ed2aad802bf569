import { setTimeout as delay } from 'node:timers/promises';
import { scenarios } from './faults/index.js';
import { describeIf } from '../support/only-if.js';
import { type Recovery, runScenario, type Scenario } from './support/scenario.js';
import { hasVictims, startVictims, type Victims } from './support/victims.mjs';

// `npm run chaos -- --soak 15`: minutes of random faults of every group. CHAOS_SEED repeats the same sequence,
// CHAOS_SOAK_FAULTS='loses its answers' takes only those.
const MINUTES = Number(process.env['CHAOS_SOAK_MINUTES'] ?? 0);

/** Part of a name: only these faults. */
const ONLY = new RegExp(process.env['CHAOS_SOAK_FAULTS'] ?? '');

/** Those that need nothing but the running world: no crash points, no settings of their own. */
const faults = scenarios.filter(
  ({ world, group, name, unbindsListener }) =>
    world === undefined && !unbindsListener && group !== 'clock' && !/minute|blocked for longer/.test(name) && ONLY.test(name),
);

const toText = ({ any, fresh, waiting }: Recovery) =>
  `jobs start and succeed again after ${String(any)} ms, new ones after ${String(fresh)} ms, behind ${String(waiting)} that waited`;

const soak: Scenario = {
  name: 'everything goes wrong, at random, for a while',
  group: 'soak',
  ratePerSecond: 40,
  world: { gateways: 2, workers: 3 },
  quietWithinMs: 240_000,
  strike: async (arena) => {
    const recoveries: (Recovery & { fault: string })[] = [];
    for (const end = Date.now() + MINUTES * 60_000; Date.now() < end;) {
      const fault = arena.random.pick(faults);
      process.stdout.write(`soak: ${fault.name}\n`);
      await fault.strike(arena);
      await arena.world.databaseProxy.heal();
      await arena.world.amqpProxy.heal();
      const recovery = { ...(await arena.flowsAgain(120_000)), fault: fault.name };
      recoveries.push(recovery);
      process.stdout.write(`soak: ${toText(recovery)}\n`);
      await delay(arena.random.integer(0, 3_000));
    }
    arena.world.healed();
    recoveries.sort((a, b) => b.any - a.any);
    const slowest = recoveries.slice(0, 10).map((recovery) => `\n  ${recovery.fault}: ${toText(recovery)}`);
    process.stdout.write(`soak: ${String(recoveries.length)} faults, the slowest to recover:${slowest.join('')}\n`);
  },
};

describeIf(hasVictims && MINUTES > 0, 'npm run proofs runs it')('the promises hold while', () => {
  let victims: Victims;
  beforeAll(async () => {
    victims = await startVictims();
  }, 180_000);
  afterAll(() => victims.stop(), 120_000);

  test(
    soak.name,
    async () => {
      const report = await runScenario(victims, soak);
      expect(report.accepted).toBeGreaterThan(MINUTES * 60 * 10);
    },
    (MINUTES + 15) * 60_000,
  );
});
