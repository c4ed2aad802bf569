import { setTimeout as delay } from 'node:timers/promises';
import type { Arena, Scenario } from '../support/scenario.js';

async function away({ world }: Arena, ms: number): Promise<void> {
  await world.victims.postgres.kill();
  await delay(ms);
  await world.victims.postgres.start();
  world.healed();
}

const nameOf = (url: string) => new URL(url).pathname.slice(1);

async function terminateAll({ world }: Arena): Promise<void> {
  await world.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'longhaul%'`,
  );
}

/** Sets something, terminates every session so that it holds for the new ones, and takes it back after a while. */
async function under(arena: Arena, on: string, off: string, ms: number): Promise<void> {
  await arena.world.query(on);
  await terminateAll(arena);
  await delay(ms);
  await arena.world.query(off);
  await terminateAll(arena);
  arena.world.healed();
}

/** A trigger that refuses some of the writes of jobs, as the database itself would. */
function refusing(code: string, probability: number): { on: string; off: string } {
  return {
    on: `
      CREATE FUNCTION chaos() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF random() < ${String(probability)} THEN RAISE EXCEPTION 'chaos' USING ERRCODE = '${code}'; END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER chaos BEFORE INSERT OR UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION chaos()`,
    off: 'DROP TRIGGER chaos ON jobs; DROP FUNCTION chaos()',
  };
}

function refusals(name: string, code: string, probability: number, ms = 6_000): Scenario {
  const { on, off } = refusing(code, probability);
  return {
    name,
    group: 'database',
    strike: async ({ world }) => {
      await world.query(on);
      await delay(ms);
      await world.query(off);
      world.healed();
    },
  };
}

export const databaseFaults: Scenario[] = [
  { name: 'PostgreSQL crashes and restarts', group: 'database', strike: (arena) => away(arena, 500) },
  { name: 'PostgreSQL is away for a minute under load', group: 'database', strike: (arena) => away(arena, 60_000), quietWithinMs: 150_000 },
  {
    name: 'PostgreSQL crashes and restarts in step 1',
    group: 'database',
    world: { step: 1 },
    strike: (arena) => away(arena, 500),
  },
  {
    name: 'every session of PostgreSQL is terminated, five times',
    group: 'database',
    strike: async (arena) => {
      for (let n = 0; n < 5; n++) {
        await terminateAll(arena);
        await arena.progress(5);
      }
      arena.world.healed();
    },
  },
  {
    name: 'PostgreSQL is read-only for a while',
    group: 'database',
    strike: async (arena) => {
      const name = nameOf(arena.world.databaseUrl);
      await under(
        arena,
        `ALTER DATABASE "${name}" SET default_transaction_read_only = on`,
        // In a block of its own: the session is read-only too.
        `BEGIN READ WRITE; ALTER DATABASE "${name}" RESET default_transaction_read_only; COMMIT`,
        6_000,
      );
    },
    expect: async ({ world }) => {
      const [row] = await world.query<{ n: number }>('SELECT count(*)::int AS n FROM jobs WHERE attempt > max_attempts');
      if (row?.n !== 0) throw new Error('expected no attempt to be burnt');
    },
  },
  {
    name: 'PostgreSQL has no connections left',
    group: 'database',
    strike: async (arena) => {
      const name = nameOf(arena.world.databaseUrl);
      await under(arena, `ALTER DATABASE "${name}" CONNECTION LIMIT 6`, `ALTER DATABASE "${name}" CONNECTION LIMIT -1`, 6_000);
    },
  },
  refusals('one write in five ends in a serialization failure', '40001', 0.2),
  refusals('one write in five ends in a deadlock', '40P01', 0.2),
  refusals('the disk of PostgreSQL is full for a while', '53100', 1),
  {
    name: 'commits are slow',
    group: 'database',
    strike: async ({ world, progress }) => {
      // Every commit waits 100 ms before it is flushed.
      await world.query('ALTER SYSTEM SET commit_delay = 100000');
      await world.query('ALTER SYSTEM SET commit_siblings = 0');
      await world.query('SELECT pg_reload_conf()');
      try {
        await progress(100, 90_000);
      } finally {
        await world.query('ALTER SYSTEM RESET ALL');
        await world.query('SELECT pg_reload_conf()');
        world.healed();
      }
    },
  },
  {
    name: 'a table is locked for longer than a statement waits',
    group: 'database',
    strike: async ({ world }) => {
      await world.query(`DO $$ BEGIN LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE; PERFORM pg_sleep(6); END $$`);
      world.healed();
    },
  },
];
