import { Clients } from './client.js';
import type { Defect } from './defects.js';
import { Nemesis } from './nemesis.js';
import { SimProcess } from './process.js';
import { Random } from './random.js';
import type { Schedule } from './schedule.js';
import { OUTSIDE } from './schedule.js';
import { HEAVY_SLOTS } from './script.js';
import { putLimit, removeLimit } from './store/limits.js';
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
  // Of their own dice: what else a seed does stays as it was.
  const dice = new Random(seed ^ 0x11417);
  const limited = mode === 'distributed' && dice.chance(0.3);
  const unique = dice.chance(0.25);
  const flooded = mode === 'distributed' && dice.chance(0.15);
  const heavy = dice.chance(0.25);
  const movers = new Random(seed ^ 0x30fe5);
  const moving = (limited || flooded) && movers.chance(0.4);
  const world = new World({
    limited,
    flooded,
    moving,
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
  if (limited) changeLimits(world, dice);
  const clients = new Clients(world);
  clients.begin(random.int(2, 7));
  if (unique) clients.submitUnique(dice);
  if (flooded) clients.flood(dice);
  if (heavy && world.concurrency >= HEAVY_SLOTS) clients.submitHeavy(dice);
  if (moving) clients.moveWaiting(movers);
  const assigners = new Random(seed ^ 0xa5516);
  if (moving && assigners.chance(0.6)) clients.assignQueues(assigners);
  const nemesis = new Nemesis(world, random.int(0, 7), random.int(100, 900));
  return finish(world, clients, (owner) => nemesis.beforeStep(owner), () => nemesis.done); // prettier-ignore
}

/** One limit or two for all jobs: set before or while jobs come, changed, and mostly deleted while others wait for them. */
function changeLimits({ schedule, tables, ledger }: World, dice: Random): void {
  const set = (name: string, capacity: number) => {
    schedule.note(null, `*** limit ${name} lets ${capacity} run`);
    ledger.limitSet(name, capacity);
    putLimit(tables, name, capacity);
  };
  set('one', dice.int(1, 2));
  if (dice.chance(0.5)) schedule.post(dice.int(0, 4_000), OUTSIDE, '', () => set('two', dice.int(1, 3)));
  if (dice.chance(0.4)) schedule.post(dice.int(2_000, 6_000), OUTSIDE, '', () => set('one', dice.int(1, 4)));
  for (const name of ['one', 'two']) {
    if (!dice.chance(0.6)) continue;
    schedule.post(dice.int(7_000, 20_000), OUTSIDE, '', () => {
      schedule.note(null, `*** limit ${name} is deleted`);
      removeLimit(tables, name);
    });
  }
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
