import { createHash } from 'node:crypto';
import { type ChangeListener, type DataBox, inSchema, plainData, Refusal, schemaOf } from '@app/core';
import { type DataSource, type EntityManager } from 'typeorm';
import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { despiteDeadlocks } from './deadlock.js';
import { VALUE_PARSERS } from './value-parsers.js';
import { withLocks } from '../locks.js';
import { openRows } from '../sealed/job-data.js';

/** How long a statement of ours in a handler's transaction, its begin and its end may take: longer than they wait for a lock. */
export const ANSWER_WITHIN_MS = 60_000;

/**
 * A statement with the name under which it is prepared once per connection, and by which `pg_stat_statements` shows it. In its text `lh.`
 * stands for the schema, see {@link inSchema}.
 */
export interface Statement {
  name: string;
  text: string;
  /** Where the data of a job cannot be opened its row says so, and the others are there; without it the statement fails. */
  marksUnreadable?: true;
}

/** As it is sent. */
interface Bound {
  name: string;
  text: string;
  /** Its rows may have a payload or a result. */
  hasData: boolean;
}

const HAS_DATA = /\bAS (?:payload|result)\b/;

/** Of statements that have changed jobs, or that have many of them: one whose key is away does not keep the others. */
export const MARKED = { marksUnreadable: true } as const;

/** All that were made, for the tests that hold each of them to a rule. */
export const STATEMENTS: Statement[] = [];

/** Gives a statement its name, as a comment too. */
export function statement(name: string, text: string, more: Pick<Statement, 'marksUnreadable'> = {}): Statement {
  const made = { name, text: `/* ${name} */ ${text}`, ...more };
  STATEMENTS.push(made);
  return made;
}

/** A transaction of somebody else's connection, whatever its library: it runs one statement with `$1` parameters and gives its rows. */
export interface SqlExecutor {
  query(text: string, values: unknown[]): Promise<unknown>;
}

/** What a statement of ours can join. */
export type Joined = EntityManager | SqlExecutor;

function isManager(joined: Joined): joined is EntityManager {
  return 'queryRunner' in joined;
}

/** Libraries give rows as they are, or in an object as node-postgres does. */
function rowsOf<Row>(answer: unknown, name: string): Row[] {
  const rows = Array.isArray(answer) ? (answer as unknown[]) : (answer as { rows?: unknown } | null | undefined)?.rows;
  if (Array.isArray(rows)) return rows as Row[];
  throw new TypeError(`expected query() to give the rows of ${name} as an array or as { rows }, got: ${answer === null ? 'null' : typeof answer}`);
}

const TIME = statement(
  'time:read',
  'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms, (SELECT max(number) FROM lh.schema_version WHERE breaking) AS breaking',
);

/**
 * The pool of TypeORM's DataSource, for the statements whose locks and round trips matter: prepared, without the query
 * builder. The same connections serve repositories and entity managers.
 */
export class Database {
  /** Told of jobs that a committed statement has changed. None: it has changed something else that people look at. */
  changed: ChangeListener = () => undefined;
  /** Told of running jobs that a committed statement has asked to stop. */
  asked: ChangeListener = () => undefined;
  /** Told the number of the newest migration that older versions cannot work with, now and then and with each heartbeat. */
  schemaSeen: (breaking: number | null) => void = () => undefined;

  readonly schema: string;
  private readonly suffix: string;
  private readonly named = new Map<Statement, Bound>();

  /** `reads`: in place of the DataSource's own connections, for statements outside of transactions. */
  constructor(
    readonly dataSource: DataSource,
    private readonly reads?: Pool,
    /** Seals and opens the data of jobs. */
    readonly data: DataBox = plainData(),
  ) {
    this.schema = schemaOf(dataSource);
    this.suffix = createHash('sha256').update(this.schema).digest('hex').slice(0, 8);
  }

  /**
   * The statement as it is sent: with the schema's name in it, and under a name of this installation's own, for a pooler may give two
   * installations one session. Made once.
   */
  bound(statement: Statement): Bound {
    const known = this.named.get(statement);
    if (known) return known;
    const { name, text } = statement;
    const bound = { name: `${name} ${this.suffix}`, text: withLocks(this.schema, inSchema(this.schema, text)), hasData: HAS_DATA.test(text) };
    this.named.set(statement, bound);
    return bound;
  }

  /** Without `transaction` in one of its own, which is done again after a deadlock. */
  async run<Row extends QueryResultRow>(statement: Statement, values: unknown[], transaction?: Joined): Promise<Row[]> {
    const { name, text, hasData } = this.bound(statement);
    let rows: Row[];
    if (transaction && !isManager(transaction)) rows = rowsOf<Row>(await transaction.query(text, values), name);
    else if (!transaction) ({ rows } = await despiteDeadlocks(() => this.pool.query<Row>({ name, text, values, types: VALUE_PARSERS })));
    else {
      const limit = { query_timeout: timeoutOf(transaction) };
      rows = (await (await clientOf(transaction)).query<Row>({ name, text, values, types: VALUE_PARSERS, ...limit })).rows;
    }
    if (hasData) openRows(this.data, rows, statement.marksUnreadable === true);
    return rows;
  }

  /** For statements whose text depends on their filter; not prepared. */
  async runOnce<Row extends QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> {
    const { rows } = await this.pool.query<Row>(inSchema(this.schema, text), values);
    if (HAS_DATA.test(text)) openRows(this.data, rows, true);
    return rows;
  }

  /** The database's time, in milliseconds since 1970. */
  async time(): Promise<number> {
    const [row] = await this.run<{ ms: number; breaking: number | null }>(TIME, []);
    if (!row) return Date.now();
    this.schemaSeen(row.breaking);
    return row.ms;
  }

  get pool(): Pool {
    return this.reads ?? (this.dataSource.driver as unknown as { master: Pool }).master;
  }
}

async function clientOf({ queryRunner }: EntityManager): Promise<PoolClient> {
  if (!queryRunner) throw new TypeError('expected the EntityManager of an open transaction, got one without a query runner');
  // Its connection may be somebody else's by now.
  if (queryRunner.isReleased) throw new Error('the transaction has ended');
  return (await queryRunner.connect()) as PoolClient;
}

/** Handlers' connections have none, for their statements may take hours; ours have to be answered. */
function timeoutOf({ dataSource }: EntityManager): number {
  const { query_timeout: limit } = (dataSource.options.extra ?? {}) as { query_timeout?: number };
  return limit ?? ANSWER_WITHIN_MS;
}

export type ErrorClass = 'data' | 'busy' | 'connection';

/**
 * What an error of PostgreSQL means for the rows of a statement: `data`, one of them is refused and will always be;
 * `busy`, a lock was not to be had in time; `connection`, the statement may work in a moment, or may even have worked.
 * SQLSTATE classes: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function classifyError(error: unknown): ErrorClass {
  // The store's own verdict on a row.
  if (error instanceof Refusal) return 'data';
  // A text that is longer than V8 can make one: no try will send it.
  if (error instanceof RangeError) return 'data';
  const code = sqlState(error);
  if (code === '55P03') return 'busy';
  const refusesData = code !== undefined && ['22', '23', '54'].includes(code.slice(0, 2));
  return refusesData ? 'data' : 'connection';
}

function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}
