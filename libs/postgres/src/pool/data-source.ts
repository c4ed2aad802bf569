import { SCHEMA_OPTION } from '@app/core';
import pg from 'pg';
import { DataSource, type Logger } from 'typeorm';
import { MIGRATIONS, MIGRATIONS_TABLE } from '../migrations/index.js';
import { cleanAfterUse } from './clean-session.js';
import { connectionOf } from './connection.js';
import { type SessionNeeds, sessionSettings } from './session-settings.js';

export interface PostgresConfig {
  url: string;
  /** Of Longhaul's tables. */
  schema: string;
  /** Connections of this process, the worker's presence connection apart. */
  poolSize: number;
  applicationName: string;
  /** After this time a statement counts as failed and its connection as lost: behind a half-open one no answer ever comes. */
  queryTimeoutMs?: number;
  /** For the protocol's own statements: they find their rows by index, see `session-settings.ts`. */
  byIndex?: boolean;
  /** Whose statements run on it; those of `handlers` are cleaned up after. */
  session?: SessionNeeds['session'];
}

export function createDataSource(config: PostgresConfig): DataSource {
  const settings = settingsOf(config);
  const dataSource = new DataSource({
    type: 'postgres',
    poolSize: config.poolSize,
    extra: { ...poolOptions(config, settings), [SCHEMA_OPTION]: config.schema },
    // An idle connection that the server closed is replaced by the pool; without a listener it would end the process.
    poolErrorHandler: () => undefined,
  });
  if (config.session === 'handlers') cleanAfterUse(dataSource, settings);
  return dataSource;
}

/** For migrations alone: TypeORM writes down in our schema what has run, and not in an application's table. */
export function createMigrationSource(config: PostgresConfig): DataSource {
  return new DataSource({
    type: 'postgres',
    poolSize: config.poolSize,
    schema: config.schema,
    migrations: MIGRATIONS,
    migrationsTableName: MIGRATIONS_TABLE,
    migrationsTransactionMode: 'each',
    logger: SILENT,
    extra: { ...poolOptions(config, settingsOf(config)), [SCHEMA_OPTION]: config.schema },
    poolErrorHandler: () => undefined,
  });
}

/**
 * Connections for reads of any size: made when they are needed, with a limit of time on each statement. They are apart from the
 * protocol's, which must not wait behind them.
 */
export function createReadPool({ readTimeoutMs, ...config }: Omit<PostgresConfig, 'queryTimeoutMs' | 'session'> & { readTimeoutMs: number }): pg.Pool {
  const reads = { ...config, byIndex: true, queryTimeoutMs: readTimeoutMs };
  // The server ends a statement first, and its connection can be used again. A read waits for a connection no longer than it may take itself.
  const options = { ...poolOptions(reads, settingsOf(reads)), query_timeout: readTimeoutMs + 2_000, connectionTimeoutMillis: readTimeoutMs };
  const pool = new pg.Pool({ ...options, max: config.poolSize });
  pool.on('error', () => undefined);
  return pool;
}

/** Whoever migrates says what was done, and what has failed; TypeORM would print it too. */
const SILENT: Logger = {
  logQuery: () => undefined,
  logQueryError: () => undefined,
  logQuerySlow: () => undefined,
  logSchemaBuild: () => undefined,
  logMigration: () => undefined,
  log: () => undefined,
};

function settingsOf({ session = 'protocol', byIndex, queryTimeoutMs }: PostgresConfig): string {
  return sessionSettings({ session, byIndex, statementTimeoutMs: queryTimeoutMs });
}

function poolOptions({ url, applicationName, queryTimeoutMs }: PostgresConfig, settings: string): pg.PoolConfig {
  return {
    connectionTimeoutMillis: 5_000,
    ...connectionOf(url),
    application_name: applicationName,
    keepAlive: true,
    // The system's default is two hours, and many a router forgets a silent connection after minutes.
    keepAliveInitialDelayMillis: 10_000,
    idleTimeoutMillis: 60_000,
    ...(queryTimeoutMs === undefined ? {} : { query_timeout: queryTimeoutMs }),
    // The pool waits for what it returns, though its type says nothing of that.
    // eslint-disable-next-line @typescript-eslint/no-misused-promises
    onConnect: async (client) => {
      await client.query({ text: settings, query_timeout: 10_000 } as pg.QueryConfig);
    },
  };
}
