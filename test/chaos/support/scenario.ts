import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Channel, connect } from 'amqplib';
import { waitFor } from '../../support/index.js';
import { audit, type Audit, violations } from './audit.js';
import { EventCollector } from './event-collector.js';
import { Ledger } from './ledger.js';
import { Load, type Order } from './load.js';
import { Random } from './random.js';
import type { Victims } from './victims.mjs';
import { World, type WorldOptions } from './world.js';

export type Group = 'process' | 'crash point' | 'broker' | 'database' | 'network' | 'messages' | 'clock' | 'limits' | 'soak';

export interface Scenario {
  /** A promise, or the fault: what `npm run chaos -- -t` selects by. */
  name: string;
  group: Group;
  /** Part of `npm test`. */
  short?: boolean;
  world?: WorldOptions;
  ratePerSecond?: number;
  /** What the load submits; a mix of kinds, some of which fail on purpose, unless given. */
  order?: (random: Random) => Order;
  /** Before the first submission of the load. */
  prepare?: (arena: Arena) => Promise<void>;
  /** Strikes while the load runs, and heals again. */
  strike: (arena: Arena) => Promise<void>;
  /** What must hold beside the books, when all is quiet. */
  expect?: (arena: Arena) => Promise<void>;
  /** How long to wait for the books to balance. */
  quietWithinMs?: number;
  /** The fault takes the listener's own binding, which only the listener can make again: events may have reached nobody. */
  unbindsListener?: boolean;
}

/** What a fault has in its hands. */
export interface Arena {
  world: World;
  random: Random;
  load: Load;
  ledger: Ledger;
  /** A channel to the broker, past the proxy, for a moment. */
  withChannel: (work: (channel: Channel) => Promise<unknown>) => Promise<void>;
  /** Resolves when so many more jobs have succeeded than now. */
  progress: (jobs: number, timeoutMs?: number) => Promise<void>;
  flowsAgain: (timeoutMs: number) => Promise<Recovery>;
}

/** In milliseconds from a moment. */
export interface Recovery {
  /** To the first success of a job that was accepted after it: behind all that waited. */
  fresh: number;
  /** To the first success of a job that was started after it. */
  any: number;
  /** How many jobs had not ended at the moment. */
  waiting: number;
}

export interface Report extends Audit {
  scenario: string;
  group: Group;
  seed: number;
  /** Processes that died, by the fault or by their job. */
  deaths: number;
  repeats: number;
  /** From the end of the fault (of a kill: the kill) to the first result of a job submitted after it … */
  flowsAfterMs: number | null;
  /** … and to the last result of the jobs submitted before, those that are meant to fail first left out. */
  healsAfterMs: number | null;
}

const SEED = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);
const RESULTS = join(import.meta.dirname, '../../../.longhaul');

/** Runs one scenario in a world of its own. Throws when a promise was broken, with the seed that repeats it. */
export async function runScenario(victims: Victims, scenario: Scenario, overrides: Partial<WorldOptions> = {}): Promise<Report> {
  const world = await World.start(victims, { ...scenario.world, ...overrides });
  let failed = false;
  const end = (ended: World) =>
    ended.stop().catch((error: unknown) => {
      // What went wrong first is what matters.
      if (!failed) throw error;
    });
  const collector = world.mode === 'distributed' ? new EventCollector(world.amqpUrl) : undefined;
  const random = new Random(SEED);
  const ledger = new Ledger();
  // Of its own: how many dice the load throws depends on the machine, and the faults must not.
  const load = new Load(world, ledger, new Random(SEED + 1), scenario.ratePerSecond ?? 40, scenario.order);
  try {
    await collector?.start();
    const arena: Arena = {
      world,
      random,
      load,
      ledger,
      withChannel: (work) => withChannel(world.amqpUrl, work),
      progress: (jobs, ms) => progress(world, jobs, ms),
      flowsAgain: (ms) => flowsAgain(world, ms),
    };
    await scenario.prepare?.(arena);
    load.start();
    await arena.progress(20, 30_000);
    world.struck();
    await scenario.strike(arena);
    await arena.progress(20, 90_000);
    await load.stop();
    await world.calm();
    const figures = await balanced(world, ledger, scenario.unbindsListener ? undefined : collector, scenario.quietWithinMs ?? 90_000);
    await scenario.expect?.(arena);
    const report: Report = {
      scenario: scenario.name,
      group: scenario.group,
      seed: SEED,
      deaths: world.deaths,
      repeats: ledger.repeats,
      ...(await recovery(world)),
      ...figures,
    };
    keep(report);
    if (process.env['CHAOS_TRACES']) await keepTraces(world);
    return report;
  } catch (error) {
    failed = true;
    await keepTraces(world).catch((untraced: unknown) => process.stdout.write(`no traces: ${String(untraced)}\n`));
    throw new Error(`${scenario.name}: ${(error as Error).message} (CHAOS_SEED=${String(SEED)} repeats it)`, { cause: error });
  } finally {
    load.abandon();
    await collector?.close();
    await end(world);
  }
}

async function balanced(world: World, ledger: Ledger, collector: EventCollector | undefined, timeoutMs: number): Promise<Audit> {
  return waitFor(
    'the books to balance',
    async () => {
      const figures = await audit(world, ledger, collector);
      const wrong = violations(figures);
      if (wrong.length > 0) throw new Error(`${wrong.join(', ')}; of ${JSON.stringify(figures)}`);
      return figures;
    },
    { timeoutMs },
  );
}

async function progress(world: World, jobs: number, timeoutMs = 60_000): Promise<void> {
  const count = async () => (await world.query<{ n: number }>(`SELECT count(*)::int AS n FROM jobs WHERE state = 'succeeded'`))[0]?.n ?? 0;
  const before = await count();
  await waitFor(`${String(jobs)} more jobs to succeed`, async () => (await count()) >= before + jobs, { timeoutMs });
}

/** By the database's clock alone. The test's own eyes are slower by up to their pause. */
async function flowsAgain(world: World, timeoutMs: number): Promise<Recovery> {
  const [mark] = await world.query<{ at: string; waiting: number }>(
    `SELECT clock_timestamp()::text AS at, count(*)::int AS waiting FROM jobs WHERE state IN ('queued', 'running', 'scheduled')`,
  );
  const look = () =>
    world.query<{ fresh: number | null; any: number | null }>(
      `SELECT (extract(epoch FROM min(finished_at) FILTER (WHERE created_at >= $1::timestamptz) - $1::timestamptz) * 1000)::int AS fresh,
              (extract(epoch FROM min(finished_at) - $1::timestamptz) * 1000)::int AS any
       FROM jobs WHERE state = 'succeeded' AND started_at >= $1::timestamptz`,
      [mark?.at],
    );
  return waitFor(
    'a job that is submitted now to succeed',
    async () => {
      const [{ fresh, any } = { fresh: null, any: null }] = await look();
      return fresh !== null && any !== null && { fresh, any, waiting: mark?.waiting ?? 0 };
    },
    { timeoutMs },
  );
}

async function recovery(world: World): Promise<Pick<Report, 'flowsAfterMs' | 'healsAfterMs'>> {
  const [row] = await world.query<{ flows: string | null; heals: string | null }>(
    `WITH mark AS (SELECT to_timestamp($1::float8 / 1000) AS at)
     SELECT (extract(epoch FROM min(finished_at) FILTER (WHERE created_at >= mark.at) - mark.at) * 1000)::int AS flows,
            (extract(epoch FROM greatest(max(finished_at) FILTER (WHERE created_at < mark.at), mark.at) - mark.at) * 1000)::int AS heals
     FROM jobs, mark WHERE state = 'succeeded' AND kind = 'debug.ledger' AND payload -> 'failures' IS NULL GROUP BY mark.at`,
    [world.healedAt],
  );
  return {
    flowsAfterMs: row?.flows === undefined || row.flows === null ? null : Number(row.flows),
    healsAfterMs: row?.heals === undefined || row.heals === null ? null : Number(row.heals),
  };
}

/** Of a scenario that failed, or of each with CHAOS_TRACES: what each process logged last, and where the jobs stand. */
async function keepTraces(world: World): Promise<void> {
  const folder = join(RESULTS, 'chaos-traces');
  mkdirSync(folder, { recursive: true });
  for (const [index, slot] of world.slots.entries()) {
    writeFileSync(join(folder, `${slot.name}-${String(index)}.log`), slot.app.logs().slice(-2_000).join('\n'));
  }
  const books = {
    states: await world.query(`SELECT state, kind, queue, count(*)::int, max(created_at), max(started_at), max(finished_at) FROM jobs GROUP BY 1, 2, 3`),
    unfinished: await world.query(`SELECT * FROM jobs WHERE finished_at IS NULL LIMIT 100`),
    claims: await world.query('SELECT * FROM claims LIMIT 100'),
    workers: await world.query('SELECT *, now() FROM workers'),
    outbox: await world.query('SELECT count(*)::int FROM outbox'),
    queues: await world.victims.broker.ctl(
      '-q',
      'list_queues',
      '-p',
      new URL(world.amqpUrl).pathname.slice(1),
      'name',
      'messages',
      'messages_unacknowledged',
      'consumers',
    ),
  };
  writeFileSync(join(folder, 'books.json'), JSON.stringify(books, null, 2));
}

async function withChannel(url: string, work: (channel: Channel) => Promise<unknown>): Promise<void> {
  const connection = await connect(url);
  connection.on('error', () => undefined);
  try {
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    await work(channel);
    await channel.close();
  } finally {
    await connection.close();
  }
}

/** A line of .longhaul/chaos-results.jsonl, of which `npm run chaos` makes the table in docs/inside/reliability.md. */
function keep(report: Report): void {
  mkdirSync(RESULTS, { recursive: true });
  appendFileSync(join(RESULTS, 'chaos-results.jsonl'), `${JSON.stringify(report)}\n`);
  process.stdout.write(`${report.scenario}: ${JSON.stringify(report)}\n`);
}
