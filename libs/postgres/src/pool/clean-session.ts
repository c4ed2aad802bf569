import type { DataSource } from 'typeorm';
import type { PoolClient } from 'pg';

/**
 * What a handler may leave on a connection. Not `DISCARD ALL`: node-postgres would go on to use named statements that are gone
 * with it. `RESET ROLE` after the authorization, which sets the role to none whatever the role's own settings say.
 */
const CLEAN = `CLOSE ALL; UNLISTEN *; SET SESSION AUTHORIZATION DEFAULT; RESET ROLE; RESET ALL; SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES`;
/** A statement of the handler's own PREPARE; ours are prepared by the driver. */
const LEFT = `SELECT 1 FROM pg_catalog.pg_prepared_statements WHERE from_sql LIMIT 1`;
/** Longer than it ever takes: behind a connection without answers the pool must not lose a place. */
const WITHIN_MS = 5_000;

type Obtain = () => Promise<[client: PoolClient, release: (error?: Error | boolean) => void]>;

/**
 * From now on each connection that TypeORM gives back to this pool is cleaned first, or ended. Whoever gave it back does not wait for
 * that. One round trip of about 0.3 ms; a new connection costs ten times as much.
 */
export function cleanAfterUse(dataSource: DataSource, settings: string): void {
  const driver = dataSource.driver as unknown as { obtainMasterConnection: Obtain };
  const obtain = driver.obtainMasterConnection.bind(driver);
  driver.obtainMasterConnection = async () => {
    const [client, release] = await obtain();
    return [client, (error) => (error ? release(error) : void cleaned(client, settings).then(() => release(), release))];
  };
}

/** Nobody else listens to a connection between its user and its pool, and an error that nobody hears ends the process. */
async function cleaned(client: PoolClient, settings: string): Promise<void> {
  const heard = () => undefined;
  client.on('error', heard);
  try {
    await clean(client, settings);
  } finally {
    // The pool listens again within this turn.
    setImmediate(() => client.off('error', heard));
  }
}

/** Rejects when the connection must not come to anybody else. */
async function clean(client: PoolClient, settings: string): Promise<void> {
  const { _txStatus: status } = client as unknown as { _txStatus?: string | null };
  if (status === 'T' || status === 'E') throw new Error('the connection was given back within a transaction');
  const query = { text: `${CLEAN}; ${settings}; ${LEFT}`, query_timeout: WITHIN_MS };
  const answers = (await client.query(query)) as unknown as { rowCount: number | null }[];
  if (answers.at(-1)?.rowCount !== 0) throw new Error('a prepared statement was left on the connection');
}
