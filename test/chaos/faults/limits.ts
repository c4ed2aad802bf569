import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Arena, Scenario } from '../support/scenario.js';

const LIMIT = 5;
const JOB_MS = 50;
const KILLS = 5;

/** Every job that is stored from now on is under one limit. */
const LIMITED = `
  INSERT INTO flow_limits (name, match, concurrency) VALUES ('chaos', '{"kind": "debug.ledger"}', ${String(LIMIT)});
  CREATE FUNCTION under_limit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.limit_keys := ARRAY['chaos']; RETURN NEW; END $$;
  CREATE TRIGGER under_limit BEFORE INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION under_limit()`;

/** Attempts under the limit that hold a lease at one moment, and slots that are taken. */
const HELD = `SELECT (SELECT count(*)::int FROM jobs WHERE state = 'running' AND limit_keys IS NOT NULL) AS running, (SELECT count(*)::int FROM flow_slots) AS slots`;

/** Looks at what runs until `strike` is over. Throws at the first moment with one too many. */
async function watched({ world }: Arena, strike: () => Promise<void>): Promise<void> {
  let [over, most, looks] = [false, 0, 0];
  const watching = (async () => {
    while (!over) {
      const [held] = await world.query<{ running: number; slots: number }>(HELD);
      const { running, slots } = held ?? { running: 0, slots: 0 };
      if (running > LIMIT || slots > LIMIT)
        throw new Error(`expected at most ${String(LIMIT)} jobs under the limit, got ${String(running)} that run and ${String(slots)} slots`);
      most = Math.max(most, running);
      looks++;
      await delay(10);
    }
  })();
  await Promise.race([strike(), watching]);
  over = true;
  await watching;
  if (most < LIMIT || looks < 100) throw new Error(`expected to see the limit in use, got at most ${String(most)} jobs in ${String(looks)} looks`);
}

async function noSlotIsLeft({ world }: Arena): Promise<void> {
  const left = await world.query(`SELECT limit_key, job_id FROM flow_slots`);
  if (left.length > 0) throw new Error(`expected no slot to be taken when nothing runs, got ${JSON.stringify(left)}`);
  const waiting = await world.query(`SELECT job_id FROM waiting_room`);
  if (waiting.length > 0) throw new Error(`expected nobody to wait, got ${JSON.stringify(waiting)}`);
}

const underLimit = (strike: (arena: Arena) => Promise<void>): Pick<Scenario, 'group' | 'ratePerSecond' | 'order' | 'strike' | 'expect' | 'quietWithinMs'> => ({
  group: 'limits',
  ratePerSecond: 50,
  order: () => ({ kind: 'debug.ledger', payload: { key: randomUUID(), ms: JOB_MS } }),
  strike: async (arena) => {
    await arena.world.query(LIMITED);
    await watched(arena, () => strike(arena));
  },
  expect: noSlotIsLeft,
  quietWithinMs: 180_000,
});

async function kills({ world, random, progress }: Arena, slots: () => { kill: (signal: NodeJS.Signals) => void }[]): Promise<void> {
  for (let count = 0; count < KILLS; count++) {
    await progress(20, 90_000);
    random.pick(slots()).kill('SIGKILL');
    await delay(3_000);
    await world.query('SELECT');
  }
}

export const limitFaults: Scenario[] = [
  {
    name: 'limits: kill -9 of workers while five jobs may run at once',
    world: { workers: 4 },
    ...underLimit((arena) => kills(arena, () => arena.world.workers)),
  },
  {
    name: 'limits: kill -9 of gateways, which release and publish',
    world: { gateways: 2, workers: 2 },
    ...underLimit((arena) => kills(arena, () => arena.world.gateways)),
  },
  {
    name: 'limits: lowered, raised and deleted while jobs wait and run, and workers die',
    world: { workers: 3 },
    ...underLimit(async (arena) => {
      const { world, random, progress } = arena;
      for (const concurrency of [1, 5, 2]) {
        await world.query('UPDATE flow_limits SET concurrency = $1', [concurrency]);
        random.pick(world.workers).kill('SIGKILL');
        await progress(10, 90_000);
      }
      await world.query('UPDATE flow_limits SET concurrency = $1', [LIMIT]);
      await progress(20, 90_000);
    }),
    // Whoever is parked on it must not wait for ever.
    expect: async (arena) => {
      await noSlotIsLeft(arena);
    },
  },
];
