import { finished } from 'node:stream/promises';
import { escapeLiteral, type PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { DataSource, EntityManager } from 'typeorm';
import { NonRetryableError, RetryableError } from '@app/sdk';
import { IMPORTS_SCHEMA, importedTableName, quoteIdentifier, STAGING_SCHEMA } from '../imports/identifier.js';
import { findImportedTable, type ImportedTable } from '../imports/imported-table.js';
import { sqlState } from '../sql-state.js';
import { SQL_TYPES } from './column-types.js';
import type { CopyRows, ImportColumn } from './row-batch.js';

/** The table is not what it was when the import was planned: another import has made, replaced or removed it. */
export class TableChangedError extends Error {
  constructor(table: string) {
    super(`expected table ${table} to be as it was when the import began, got another one: the import is planned again`);
    this.name = 'TableChangedError';
  }
}

export type ImportMode = 'create' | 'append' | 'replace';

/** How often a long import says that it is alive, well below what {@link dropAbandonedStaging} waits. */
const TOUCH_MS = 60_000;

/**
 * The table that one attempt fills, in chunks of one COPY each, so that no transaction is long; its name has the
 * attempt's fence, so an older attempt that still writes does so into its own. Nobody sees its rows before `publish`,
 * which runs in the transaction that settles the attempt: they appear once, with the job's success, or never.
 */
export class StagingTable {
  #touched = Date.now();

  private constructor(
    private readonly dataSource: DataSource,
    private readonly name: string,
    private readonly columns: readonly ImportColumn[],
    private readonly unlogged: boolean,
  ) {}

  /** An append copies the rows on, so they need no write-ahead log here; a table that is to be renamed does. */
  static async create(dataSource: DataSource, job: { id: string; fence: number }, columns: readonly ImportColumn[], unlogged: boolean): Promise<StagingTable> {
    const name = `csv_${job.id.replaceAll('-', '')}_${job.fence}`;
    const table = new StagingTable(dataSource, name, columns, unlogged);
    await dataSource.query(`insert into ${STAGING_SCHEMA}.attempts (staging, job_id, fence) values ($1, $2, $3) on conflict (staging) do nothing`, [
      name,
      job.id,
      job.fence,
    ]);
    const definitions = columns.map((column) => `${quoteIdentifier(column.name)} ${SQL_TYPES[column.type]}`).join(', ');
    const labels = columns.filter(({ name: column, label }) => label !== column);
    const comments = labels.map(({ name: column, label }) => `comment on column ${table.qualified}.${quoteIdentifier(column)} is ${escapeLiteral(label)}`);
    const create = `create ${unlogged ? 'unlogged ' : ''}table ${table.qualified} (${definitions})`;
    await dataSource.query([create, ...comments].join(';\n'));
    return table;
  }

  private get qualified(): string {
    return `${quoteIdentifier(STAGING_SCHEMA)}.${quoteIdentifier(this.name)}`;
  }

  /** Adds the rows, all or, when it rejects, none. A stop is obeyed in the middle. */
  async copy(rows: CopyRows, signal: AbortSignal): Promise<void> {
    if (rows.count === 0) return;
    const runner = this.dataSource.createQueryRunner();
    try {
      const client = (await runner.connect()) as PoolClient;
      const copy = client.query(copyFrom(`copy ${this.qualified} from stdin`));
      const stop = () => copy.destroy(new Error('the import was stopped'));
      signal.addEventListener('abort', stop, { once: true });
      try {
        copy.end(rows.bytes);
        await finished(copy);
      } finally {
        signal.removeEventListener('abort', stop);
      }
    } finally {
      await runner.release();
    }
    await this.touch();
  }

  /**
   * Makes the rows visible as part of `manager`'s transaction. What `mode` means is decided under the lock: a table that
   * was not there when an append began may be there now. Throws a TableChangedError, before anything is written, where
   * the rows no longer fit, and a NonRetryableError where the target forbids it.
   */
  async publish(manager: EntityManager, target: string, mode: ImportMode, rows: number): Promise<void> {
    try {
      await manager.query(`set local lock_timeout = '15s'`);
      // One publisher of a name at a time, so that the loser of a race finds the winner's table and not a unique violation.
      await manager.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [importedTableName(target)]);
      const present = mode === 'replace' ? undefined : await findImportedTable(manager, target);
      if (present && mode === 'create') throw tableExists(target);
      if (present) await this.appendTo(manager, present, rows);
      // The rows of an unlogged table would be gone after a crash of the server.
      else if (this.unlogged) throw new TableChangedError(target);
      else await this.become(manager, target, mode);
      await manager.query(`delete from ${STAGING_SCHEMA}.attempts where staging = $1`, [this.name]);
    } catch (error) {
      throw publishError(error, target);
    }
  }

  /** Removes the table if it is still there: after a failure, a cancellation, a lost lease. */
  async drop(): Promise<void> {
    await dropStaging(this.dataSource, this.name);
  }

  private async appendTo(manager: EntityManager, target: ImportedTable, rows: number): Promise<void> {
    if (!this.fits(target)) throw new TableChangedError(target.name);
    const names = this.columns.map((column) => quoteIdentifier(column.name)).join(', ');
    const runner = manager.queryRunner;
    if (!runner) throw new Error('expected the manager of a transaction, got one without a connection: use job.transaction()');
    const sql = `insert into ${importedTableName(target.name)} (${names}) select ${names} from ${this.qualified}`;
    const { affected: appended = 0 } = await runner.query(sql, [], true);
    // An unlogged table is empty after a crash of the server.
    if (appended !== rows) throw new Error(`expected ${rows} rows in the staging table, got ${appended}: PostgreSQL was restarted; the job starts again`);
    await manager.query(`drop table ${this.qualified}`);
  }

  /** Whether each value can go into its column as it is. */
  private fits(target: ImportedTable): boolean {
    const types = new Map(target.columns.map(({ name, sqlType }) => [name, sqlType]));
    return this.columns.every(({ name, type }) => types.get(name) === SQL_TYPES[type]);
  }

  private async become(manager: EntityManager, target: string, mode: ImportMode): Promise<void> {
    if (mode === 'replace') await manager.query(`drop table if exists ${importedTableName(target)}`);
    await manager.query(`alter table ${this.qualified} set schema ${quoteIdentifier(IMPORTS_SCHEMA)}`);
    await manager.query(`alter table ${importedTableName(this.name)} rename to ${quoteIdentifier(target)}`);
  }

  private async touch(): Promise<void> {
    if (Date.now() - this.#touched < TOUCH_MS) return;
    this.#touched = Date.now();
    await this.dataSource.query(`update ${STAGING_SCHEMA}.attempts set touched_at = now() where staging = $1`, [this.name]);
  }
}

/**
 * Removes what earlier attempts of this job left, and what attempts of any job left that have not been heard of for an
 * hour: their process was killed on the last attempt. One that is locked by a frozen process is left for the next time.
 */
export async function dropAbandonedStaging(dataSource: DataSource, job: { id: string; fence: number }): Promise<void> {
  const abandoned = await dataSource.query<{ staging: string }[]>(
    `/* csv-import:abandoned */ select staging from ${STAGING_SCHEMA}.attempts
      where (job_id = $1 and fence < $2) or touched_at < now() - interval '1 hour' limit 100`,
    [job.id, job.fence],
  );
  for (const { staging } of abandoned) {
    await dropStaging(dataSource, staging).catch((error: unknown) => {
      if (sqlState(error) !== '55P03') throw error;
    });
  }
}

async function dropStaging(dataSource: DataSource, name: string): Promise<void> {
  await dataSource.transaction(async (manager) => {
    await manager.query(`set local lock_timeout = '3s'`);
    await manager.query(`drop table if exists ${quoteIdentifier(STAGING_SCHEMA)}.${quoteIdentifier(name)}`);
    await manager.query(`delete from ${STAGING_SCHEMA}.attempts where staging = $1`, [name]);
  });
}

/** What mode "create" says of a table that is there. */
export function tableExists(table: string, cause?: unknown): NonRetryableError {
  const message = `expected no table ${table} in mode "create", got one: choose mode "append" or "replace", or another name`;
  return new NonRetryableError(message, { code: 'table_exists', cause });
}

function publishError(error: unknown, target: string): unknown {
  switch (sqlState(error)) {
    case '42P07':
      return tableExists(target, error);
    case '2BP01':
      return new NonRetryableError(`expected that nothing depends on table ${target}, got a view or the like: drop it first, or choose another name`, {
        cause: error,
      });
    case '55P03':
      return new RetryableError(`expected table ${target} to be free for a moment, got a lock of another session for 15 s`, 5_000, { cause: error });
    default:
      return error;
  }
}
