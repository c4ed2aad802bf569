import { DataSource } from 'typeorm';
import { MIGRATIONS } from './migrations/index.js';

export interface PostgresConfig {
  url: string;
  /** Connections of this process, the worker's presence connection apart. */
  poolSize: number;
  applicationName: string;
  /** After this time a statement counts as failed and its connection as lost: behind a half-open one no answer ever comes. */
  queryTimeoutMs?: number;
  /** For the protocol's own statements: see `BY_INDEX`. */
  byIndex?: boolean;
}

/** Settings of every connection: waits that are bounded, so that a lock or a forgotten transaction is an error and not a standstill. */
const SESSION = '-c lock_timeout=2000 -c idle_in_transaction_session_timeout=60000 -c jit=off';

/**
 * Every statement of the protocol finds its rows by index, one by one. Left to itself PostgreSQL plans a prepared statement
 * once, and for a table that is small then, or was never analyzed, by reading all of it: on a fresh database a claim took ten
 * times as long after 80,000 jobs, until the first autovacuum a minute later (measured).
 */
export const BY_INDEX = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off';

export function createDataSource({ url, poolSize, applicationName, queryTimeoutMs, byIndex = false }: PostgresConfig): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    poolSize,
    applicationName,
    migrations: MIGRATIONS,
    migrationsTransactionMode: 'each',
    extra: {
      options: byIndex ? `${SESSION} ${BY_INDEX}` : SESSION,
      keepAlive: true,
      // The system's default is two hours, and many a router forgets a silent connection after minutes.
      keepAliveInitialDelayMillis: 10_000,
      connectionTimeoutMillis: 5_000,
      idleTimeoutMillis: 60_000,
      query_timeout: queryTimeoutMs,
    },
    // An idle connection that the server closed is replaced by the pool; without a listener it would end the process.
    poolErrorHandler: () => undefined,
  });
}
