import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../../support/index.js';
import type { Arena, Scenario } from '../support/scenario.js';
import type { World } from '../support/world.js';

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

/** A trigger that refuses the writes of jobs for which something holds, as the database itself would. */
function refusing(code: string, when: string): { on: string; off: string } {
  return {
    on: `
      CREATE FUNCTION chaos() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF ${when} THEN RAISE EXCEPTION 'chaos' USING ERRCODE = '${code}'; END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER chaos BEFORE INSERT OR UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION chaos()`,
    off: 'DROP TRIGGER chaos ON jobs; DROP FUNCTION chaos()',
  };
}

function refusals(name: string, code: string, probability: number, ms = 6_000): Scenario {
  const { on, off } = refusing(code, `random() < ${String(probability)}`);
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

/** Takes all the room there is, down to the last page: each refused insert is followed by a smaller one. */
const FILL = `DO $$ DECLARE bytes int := 1000000; BEGIN
  WHILE bytes > 500 LOOP
    BEGIN
      -- Incompressible, or it would not fill anything.
      INSERT INTO filler SELECT string_agg(md5(random()::text), '') FROM generate_series(1, bytes / 32);
    EXCEPTION WHEN disk_full THEN bytes := bytes / 2;
    END;
  END LOOP;
END $$`;

async function move(world: World, from: string, to: string): Promise<void> {
  for (const what of ['TABLE', 'INDEX']) await world.query(`ALTER ${what} ALL IN TABLESPACE ${from} SET TABLESPACE ${to}`);
}

/** Until submissions are refused, and for some seconds more. */
async function untilRefused({ world, ledger }: Arena, { full, room }: { full: string; room: string }): Promise<void> {
  await world.query(full);
  try {
    const before = ledger.refusals.get(503) ?? 0;
    await waitFor('submissions to be answered 503', () => (ledger.refusals.get(503) ?? 0) >= before + 20, { timeoutMs: 90_000 });
    // What was held by then is at rest: longer than a claim waits before it is tried again.
    await delay(10_000);
  } finally {
    await world.query(room);
    world.healed();
  }
}

export const databaseFaults: Scenario[] = [
  { name: 'PostgreSQL crashes and restarts', group: 'database', strike: (arena) => away(arena, 500) },
  { name: 'PostgreSQL is away for a minute under load', group: 'database', strike: (arena) => away(arena, 60_000), quietWithinMs: 150_000 },
  {
    name: 'PostgreSQL crashes and restarts in single-process mode',
    group: 'database',
    world: { mode: 'single-process' },
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
  refusals('PostgreSQL has no room for any write of jobs', '53100', 1),
  {
    name: 'the disk of PostgreSQL is full for a while: submissions get 503, and no job is charged for it',
    group: 'database',
    order: (random) => ({ kind: 'debug.ledger', payload: { key: randomUUID(), ms: random.integer(0, 50) } }),
    strike: async (arena) => {
      const { world, ledger } = arena;
      const disk = await world.victims.postgres.smallDisk(48);
      if (!disk) {
        process.stdout.write('This user may not mount a small disk: a trigger refuses instead.\n');
        const { on, off } = refusing('53100', 'true');
        return untilRefused(arena, { full: on, room: off });
      }
      try {
        await world.query(`CREATE TABLESPACE small LOCATION '${disk.folder}'`);
        await move(world, 'pg_default', 'small');
        await untilRefused(arena, { full: `CREATE TABLE filler (bytes text) TABLESPACE small; ${FILL}`, room: 'DROP TABLE filler' });
        await move(world, 'small', 'pg_default');
        await world.query('DROP TABLESPACE small');
      } finally {
        await disk.remove();
      }
      if ((ledger.refusals.get(500) ?? 0) > 0) throw new Error('expected no submission to be answered 500');
    },
    expect: async ({ world }) => {
      const charged = await world.query(`SELECT id, state, attempt FROM jobs WHERE state <> 'succeeded' OR attempt <> 1`);
      if (charged.length > 0) throw new Error(`expected each job to succeed in its first attempt, got: ${JSON.stringify(charged.slice(0, 5))}`);
    },
  },
  {
    name: 'a job whose result the database refuses ends alone among a thousand, with its reason (C1)',
    group: 'database',
    ratePerSecond: 100,
    order: () => ({ kind: 'debug.echo', payload: { value: randomUUID() } }),
    strike: async (arena) => {
      const { world, load } = arena;
      await world.query(refusing('22P05', `NEW.result::text LIKE '%no column takes this%'`).on);
      await arena.progress(300);
      load.submit({ kind: 'debug.echo', payload: { value: 'no column takes this' } });
      await arena.progress(700);
    },
    expect: async ({ world }) => {
      const others = await world.query(`SELECT id FROM jobs WHERE state <> 'succeeded' AND payload::text NOT LIKE '%no column takes this%'`);
      if (others.length > 0) throw new Error(`expected every other job to succeed, got: ${JSON.stringify(others)}`);
      const rows = await world.query(`SELECT state, attempt, errors -> -1 ->> 'code' AS code FROM jobs WHERE payload::text LIKE '%no column takes this%'`);
      if (JSON.stringify(rows) !== '[{"state":"failed","attempt":1,"code":"result_not_storable"}]')
        throw new Error(`expected one job that failed at once for its result, got: ${JSON.stringify(rows)}`);
      // A settlement that is sent again waits before it is; nobody else may have waited.
      const again = world.workers.flatMap(({ app }) => app.logs().filter((line) => line.includes('the settlement failed and is tried again')));
      if (again.length > 0) throw new Error(`expected no settlement to be sent again, got: ${again.slice(0, 3).join('\n')}`);
    },
  },
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
