import pg from 'pg';

/** Rounds enough that busy neighbours on the same pooler do not hide it. */
const ROUNDS = 5;

/** A pooler that gives each transaction another session. */
export class TransactionPooling extends Error {
  constructor() {
    super(
      'expected DATABASE_URL to lead to sessions of PostgreSQL, got: a pooler in transaction or statement mode, which loses session settings, ' +
        'advisory locks and prepared statements; use pool_mode = session, or a URL that leads to PostgreSQL itself',
    );
    this.name = 'TransactionPooling';
  }
}

const OLDEST = 140_000;

export class TooOldServer extends Error {
  constructor(version: string) {
    super(`expected PostgreSQL 14 or later behind DATABASE_URL, got: ${version}; upgrade it, or use another server`);
    this.name = 'TooOldServer';
  }
}

/**
 * Rejects before a server that is too old, and behind a pooler in transaction mode (or statement mode). Of a direct connection the server tells the driver the number of its own
 * process; a pooler tells another one, and only then is asked further: there a session is whose statements all come to one process,
 * which nobody else has meanwhile.
 */
export async function requireSessions(config: pg.ClientConfig): Promise<void> {
  const [one, other] = [new pg.Client(config), new pg.Client(config)];
  for (const client of [one, other]) client.on('error', () => undefined);
  try {
    await one.connect();
    await requireVersion(one);
    const mine = await processOf(one);
    // The driver has it, its types do not.
    if (mine === (one as unknown as { processID: number }).processID) return;
    await other.connect();
    for (let round = 0; round < ROUNDS; round++) {
      await other.query('BEGIN');
      const theirs = await processOf(other);
      const again = await processOf(one);
      await other.query('ROLLBACK');
      if (theirs === mine || again !== mine) throw new TransactionPooling();
    }
  } catch (error) {
    // https://www.pgbouncer.org/config.html: statement mode refuses BEGIN so.
    throw (error as { code?: string }).code === '08P01' && /statement pooling/i.test(String(error)) ? new TransactionPooling() : error;
  } finally {
    await Promise.all([one, other].map((client) => client.end().catch(() => undefined)));
  }
}

async function processOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid');
  return rows[0]?.pid ?? 0;
}

async function requireVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ number: number; version: string }>(
    `SELECT pg_catalog.current_setting('server_version_num')::integer AS number, pg_catalog.current_setting('server_version') AS version`,
  );
  const [{ number, version } = { number: 0, version: 'another server' }] = rows;
  if (number < OLDEST) throw new TooOldServer(version);
}
