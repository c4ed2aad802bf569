import type { SimGateway } from './gateway.js';
import type { SimProcess } from './process.js';
import { QUEUE } from './queues.js';
import { SimWorker } from './worker.js';
import type { World } from './world.js';

type Victim = SimWorker | SimGateway;

/** Calls whose answer is worth losing. */
const CALLS_OF_GATEWAYS = ['submit', 'submit', 'submit', 'outbox take', 'outbox remove', 'recover', 'look up submitted'];
const CALLS_OF_WORKERS = ['claim', 'claim due', 'settle', 'settle', 'commit', 'take over', 'claim suspect', 'exhaust', 'lock', 'renew', 'defer', 'outbox take'];

/** Everything that may go wrong. Each takes the world as it is, and a process that the moment suggests. */
export const FAULTS = {
  crash: (_world: World, { process }: Victim) => process.crash(),
  freeze: ({ random }: World, { process }: Victim) => process.freeze(random.int(500, 14_000)),
  'lose a consuming link': ({ broker, random }: World, victim: Victim) => {
    const link = victim instanceof SimWorker ? victim.consumer?.current : victim.publisher.current;
    // Half-open now and then: the process believes in it for a while.
    if (link) broker.break(link, random.chance(0.3) ? random.int(500, 8_000) : 5);
  },
  'lose a publishing link': ({ broker, random }: World, { publisher }: Victim) => {
    if (publisher.current) broker.break(publisher.current, random.chance(0.3) ? random.int(500, 8_000) : 5);
  },
  'lose a confirm': (_world: World, { publisher }: Victim) => void (publisher.losesNextConfirm = true),
  'lose an answer of the database': ({ server, random }: World, victim: Victim) => {
    const calls = victim instanceof SimWorker ? CALLS_OF_WORKERS : CALLS_OF_GATEWAYS;
    server.planned.push({ process: victim.process, label: random.pick(calls), fault: random.chance(0.7) ? 'lost after' : 'lost before' });
  },
  'close the database connections of a process': ({ server }: World, { db }: Victim) => server.disconnect(db),
  'restart the database': ({ server, random }: World) => !server.down && server.restart(random.int(100, 9_000)),
  'restart the broker': ({ broker, random }: World) => !broker.down && broker.stop(random.int(100, 8_000)),
  'block publishing': ({ broker, random }: World) => !broker.blocked && broker.block(random.int(500, 8_000)),
  'purge the queue': ({ broker }: World) => broker.purge(QUEUE),
  'delete the queue': ({ broker }: World) => broker.delete(QUEUE),
  'pause the queue': ({ tables, schedule, random }: World) => {
    tables.queues.set(QUEUE, true);
    schedule.post(random.int(500, 6_000), null, 'the queue is resumed', () => tables.queues.set(QUEUE, false));
  },
  drain: (_world: World, victim: Victim) => (victim instanceof SimWorker ? victim.drain().catch(() => undefined) : victim.process.crash()),
} satisfies Record<string, (world: World, victim: Victim) => unknown>;

export type FaultName = keyof typeof FAULTS;

/** The usual ones, by how often. */
const LOT: FaultName[] = [
  ...(['crash', 'crash', 'crash', 'crash', 'freeze', 'freeze', 'drain'] as const),
  ...(['lose an answer of the database', 'lose an answer of the database', 'lose an answer of the database', 'lose a confirm', 'lose a confirm'] as const),
  ...(['lose a consuming link', 'lose a consuming link', 'lose a publishing link', 'close the database connections of a process'] as const),
  ...(['restart the database', 'restart the broker', 'block publishing', 'pause the queue', 'purge the queue', 'delete the queue'] as const),
];

/** Strikes at steps drawn from the seed, at the process whose step it is if it is anybody's. */
export class Nemesis {
  private readonly plan: { step: number; fault: FaultName }[];

  constructor(
    private readonly world: World,
    faults: number,
    withinSteps: number,
  ) {
    const { random } = world;
    this.plan = Array.from({ length: faults }, () => ({ step: random.int(1, withinSteps), fault: random.pick(LOT) }));
    this.plan.sort((a, b) => a.step - b.step);
  }

  get done(): boolean {
    return this.plan.length === 0;
  }

  beforeStep(owner: SimProcess | undefined): void {
    while (this.plan[0] && this.plan[0].step <= this.world.schedule.steps) {
      const { fault } = this.plan.shift() as { fault: FaultName };
      strike(this.world, fault, owner);
    }
  }
}

export function strike(world: World, fault: FaultName, owner: SimProcess | undefined): void {
  const everybody: Victim[] = [...world.workers.values(), ...world.gateways.values()].filter(({ process }) => !process.dead && !process.frozen);
  const victim = everybody.find(({ process }) => process === owner) ?? (everybody.length > 0 ? world.random.pick(everybody) : undefined);
  if (!victim) return;
  world.schedule.note(victim.process, `*** ${fault}`);
  world.ledger.saw(`fault: ${fault}`);
  void FAULTS[fault](world, victim);
}
