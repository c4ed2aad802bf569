import { Clients } from './client.js';
import type { Defect } from './defects.js';
import type { SimProcess } from './process.js';
import { finish, type Outcome } from './run.js';
import { KIND, type Script } from './script.js';
import { putLimit } from './store/limits.js';
import { TIMES } from './surroundings.js';
import { World } from './world.js';

/** One fault at one step of an otherwise calm world, and how long the world may take longer for it. */
export const SINGLE_FAULTS = {
  // The broker gives the copy to the other worker at once, and that sees the lock free: no lease, no sweep is waited for.
  'crash w1': { strike: (world: World) => workerOf(world, 'w1')?.process.crash(), mayCostMs: 2_500 },
  'crash w2': { strike: (world: World) => workerOf(world, 'w2')?.process.crash(), mayCostMs: 2_500 },
  // The row in the outbox is due after the fast path's time, and any other process sweeps it.
  'crash g1': { strike: (world: World) => world.gateways.get('g1')?.process.crash(), mayCostMs: 5_000 },
  'break the links of w1': { strike: (world: World) => breakLinks(world, 'w1'), mayCostMs: 5_000 },
  'break the links of w2': { strike: (world: World) => breakLinks(world, 'w2'), mayCostMs: 5_000 },
  'freeze w1': { strike: (world: World) => workerOf(world, 'w1')?.process.freeze(9_000), mayCostMs: 20_000 },
  // Past its lease: its settlement may be there, and nobody has told it.
  'lose all answers to w1 for 9 s': { strike: (world: World) => deafen(world, 'w1', 9_000), mayCostMs: 20_000 },
  'lose the next answer': { strike: ({ server }: World) => (server.next = 'lost after'), mayCostMs: 20_000 },
  'lose the next statement': { strike: ({ server }: World) => (server.next = 'lost before'), mayCostMs: 20_000 },
} satisfies Record<string, { strike: (world: World) => unknown; mayCostMs: number }>;

export type SingleFault = keyof typeof SINGLE_FAULTS;

/** `limitOne`: so many jobs that play it, one at a time under one limit, so that each slot is handed on. */
type SingleScript = Script & { limitOne?: number };

export const SCRIPTS: Record<string, SingleScript> = {
  'a job that works a while': { workMs: 300 },
  'a job with an effect in its transaction': { workMs: 20, effect: true, inTransactionMs: 200 },
  'a job that fails at first': { workMs: 20, failTimes: 1 },
  'jobs of one limit, one after the other': { workMs: 50, limitOne: 4 },
};

/** How long after the fault, if any, everything was done. */
export interface Single extends Outcome {
  doneAt: number;
}

export async function runSingle(script: SingleScript, fault?: { name: SingleFault; atStep: number }, defects: Iterable<Defect> = []): Promise<Single> {
  const { limitOne: jobs = 1 } = script;
  const limited = script.limitOne !== undefined;
  const world = new World({ seed: 11, mode: 'distributed', gateways: 2, workers: 2, concurrency: 1, tempo: { usual: 3, rare: 20 }, defects, limited });
  const clients = new Clients(world);
  if (limited) limitTo(world, 'one', 1);
  for (let number = 0; number < jobs; number++)
    clients.submitAt(300, { kind: KIND, payload: script as never, options: { maxAttempts: 4 }, idempotencyKey: `key ${String(number)}` });
  let struck = false;
  let doneAt = Infinity;
  const outcome = await finish(
    world,
    clients,
    () => {
      if (doneAt === Infinity && world.jobs().filter(({ finishedAt }) => finishedAt).length === jobs) doneAt = world.schedule.now;
      if (!fault || struck || world.schedule.steps < fault.atStep) return;
      struck = true;
      world.schedule.note(null, `*** ${fault.name}`);
      SINGLE_FAULTS[fault.name].strike(world);
    },
    () => world.jobs().length === jobs,
  );
  return { ...outcome, doneAt };
}

/** The first step at which that fault does harm, if there is one. `every`: a sample of the steps. */
export async function sweepSteps(script: SingleScript, name: SingleFault, defects: Iterable<Defect> = [], every = 1): Promise<string | undefined> {
  const calm = await runSingle(script, undefined, defects);
  for (let atStep = 1; atStep <= calm.schedule.steps; atStep += every) {
    const outcome = await runSingle(script, { name, atStep }, defects);
    // A retry comes by the outbox, and whoever has taken a row and dies keeps it hidden for a while.
    const hidden = script.failTimes === undefined && script.limitOne === undefined ? 0 : TIMES.relay.hideSeconds * 1_000;
    const late = outcome.doneAt - calm.doneAt > SINGLE_FAULTS[name].mayCostMs + hidden;
    if (late) outcome.violations.push(`it took ${outcome.doneAt - calm.doneAt} ms longer`);
    if (outcome.violations.length > 0) return [`"${name}" at step ${atStep}:`, ...outcome.violations, ...outcome.schedule.trace.slice(-250)].join('\n');
  }
  return undefined;
}

function workerOf(world: World, name: string) {
  return world.workers.get(name);
}

function deafen({ server, schedule, workers }: World, name: string, ms: number): void {
  const process = workers.get(name)?.process;
  if (process) server.deaf = { process, until: schedule.now + ms };
}

function breakLinks({ workers, broker }: World, name: string): void {
  const { consumer, publisher } = workers.get(name) ?? {};
  const process: SimProcess | undefined = consumer?.current?.process;
  for (const link of [consumer?.current, publisher?.current]) if (link && process && !process.dead) broker.break(link);
}

function limitTo({ server, ledger }: World, name: string, capacity: number): void {
  ledger.limitSet(name, capacity);
  putLimit(server.tables, name, capacity);
}
