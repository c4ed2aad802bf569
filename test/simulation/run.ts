import { Clients } from './client.js';
import type { Defect } from './defects.js';
import { Nemesis } from './nemesis.js';
import { SimProcess } from './process.js';
import { Random } from './random.js';
import type { Schedule } from './schedule.js';
import { World } from './world.js';

export interface Outcome {
  seed: number;
  violations: string[];
  schedule: Schedule;
  sightings: Map<string, number>;
}

/** How long everything may take to come to rest once the faults have stopped: several leases and sweeps. */
const REST_WITHIN_MS = 240_000;
const MOST_STEPS = 60_000;

/** One schedule, whole: everything about it follows from the seed. */
export async function runSchedule(seed: number, defects: Iterable<Defect> = []): Promise<Outcome> {
  const random = new Random(seed ^ 0x5eed);
  const mode = random.chance(0.15) ? 'single-process' : 'distributed';
  const world = new World({
    seed,
    mode,
    gateways: 2,
    workers: random.int(2, 3),
    concurrency: random.pick([1, 2, 3, 8]),
    tempo: random.pick([
      { usual: 2, rare: 50 },
      { usual: 5, rare: 1_500 },
      { usual: 60, rare: 600 },
      { usual: 10, rare: 4_000 },
    ]),
    defects,
  });
  const clients = new Clients(world);
  clients.begin(random.int(2, 7));
  const nemesis = new Nemesis(world, random.int(0, 7), random.int(100, 900));
  return finish(world, clients, (owner) => nemesis.beforeStep(owner), () => nemesis.done); // prettier-ignore
}

/** Runs until the faults are through and everything is at rest, then settles up. */
export async function finish(world: World, clients: Clients, beforeStep: (owner?: SimProcess) => void, faultsDone: () => boolean): Promise<Outcome> {
  const { schedule, ledger } = world;
  let restBy = Infinity;
  let redriven = false;
  while (ledger.violations.length === 0) {
    if (!(await schedule.next((step) => beforeStep(step.owner instanceof SimProcess ? step.owner : undefined)))) break;
    if (schedule.steps % 20 !== 0 || !clients.done || !faultsDone()) continue;
    if (restBy === Infinity) restBy = schedule.now + REST_WITHIN_MS;
    if (world.quiet) {
      if (redriven || !world.jobs().some(({ state }) => state === 'failed')) break;
      redriven = true;
      clients.redriveFailed();
      restBy = schedule.now + REST_WITHIN_MS;
      for (let turn = 0; turn < 40; turn++) await schedule.next();
    } else if (schedule.now > restBy || schedule.steps > MOST_STEPS) {
      ledger.violations.push(`it does not come to rest (${schedule.steps} steps)`);
      break;
    }
  }
  ledger.settleUp(world.mode === 'distributed');
  const { seed } = world.options;
  return { seed, violations: ledger.violations, schedule, sightings: ledger.sightings };
}

/** What a failing schedule prints: what was broken, how to see it again, and how it came to it. */
export function report({ seed, violations, schedule }: Outcome): string {
  const again = `again: SIM_SEED=${seed} npm test -- --only=simulation`;
  return [
    `seed ${seed} breaks a promise:`,
    ...violations,
    again,
    'the story:',
    ...schedule.story.slice(-120),
    'the last steps:',
    ...schedule.trace.slice(-Number(process.env['SIM_TRACE'] ?? 30)),
  ].join('\n');
}
