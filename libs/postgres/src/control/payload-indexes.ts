import { inSchema } from '@app/core';
import pg from 'pg';
import { lockKey } from '../locks.js';
import { createMigrationSource } from '../pool/data-source.js';
import { PAYLOAD_INDEX, payloadIndexOf } from './payload-search.js';

/** `building`: it is being made, searches do not use it yet. `unfinished`: that has failed, and it costs each submission for nothing. */
export type PayloadIndexState = 'ready' | 'building' | 'unfinished';

export interface PayloadIndex {
  kind: string;
  state: PayloadIndexState;
  /** Of the jobs that were there, how many percent have been looked at; null where it is not being made. */
  percent: number | null;
  bytes: number;
}

type Run = <Row>(text: string, values?: unknown[]) => Promise<Row[]>;

/** The kind stands in the index itself, so nothing else can say something different. */
const LIST = `
  SELECT (regexp_match(pg_get_expr(i.indpred, i.indrelid), '''([^'']+)'''))[1] AS kind, i.indisvalid AS valid, pg_relation_size(c.oid)::float8 AS bytes,
    p.pid IS NOT NULL AS building, round(100.0 * p.blocks_done / nullif(p.blocks_total, 0))::integer AS percent
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid LEFT JOIN pg_stat_progress_create_index p ON p.index_relid = c.oid
  WHERE i.indrelid = pg_catalog.to_regclass($1) AND starts_with(c.relname, '${PAYLOAD_INDEX}') ORDER BY 1`;

/**
 * The indexes of payloads, one for each kind that an operator has switched it on for.
 *
 * Authority: the catalogue of PostgreSQL; nothing else says which kinds have one, so that a search asks it. They are made and dropped beside submissions, which go on
 * (`CONCURRENTLY`), by one process at a time: it holds a lock of its session meanwhile. What a crash leads to: an index that is not valid stays; searches do without it, and whoever makes it
 * again drops it first. The lock is tried and not waited for, because PostgreSQL's own statement would wait for a session that waits.
 */
export class PayloadIndexes {
  /** `url`: of a role that owns the table. */
  constructor(
    private readonly url: string,
    private readonly schema: string,
  ) {}

  list(): Promise<PayloadIndex[]> {
    return this.connected((run) => this.listBy(run));
  }

  /** Makes that of a kind. False: there was one. Rejects with {@link PayloadIndexBusy} while another process makes or drops one. */
  create(kind: string): Promise<boolean> {
    return this.alone(async (run) => {
      const known = (await this.listBy(run)).find((index) => index.kind === kind);
      if (known?.state === 'ready') return false;
      if (known) await this.dropBy(run, kind);
      await run(
        inSchema(
          this.schema,
          `CREATE INDEX CONCURRENTLY "${payloadIndexOf(kind)}" ON lh.jobs USING gin (lh.searchable_payload(payload, tenant) jsonb_path_ops) WHERE kind = ${pg.escapeLiteral(kind)}`,
        ),
      );
      return true;
    });
  }

  /** False: there was none. */
  drop(kind: string): Promise<boolean> {
    return this.alone(async (run) => {
      const isKnown = (await this.listBy(run)).some((index) => index.kind === kind);
      if (isKnown) await this.dropBy(run, kind);
      return isKnown;
    });
  }

  private async listBy(run: Run): Promise<PayloadIndex[]> {
    const rows = await run<{ kind: string; valid: boolean; bytes: number; building: boolean; percent: number | null }>(LIST, [`"${this.schema}"."jobs"`]);
    return rows.map(({ kind, valid, bytes, building, percent }) => ({ kind, state: valid ? 'ready' : building ? 'building' : 'unfinished', percent, bytes }));
  }

  private async dropBy(run: Run, kind: string): Promise<void> {
    await run(`DROP INDEX CONCURRENTLY IF EXISTS "${this.schema}"."${payloadIndexOf(kind)}"`);
  }

  private alone<Result>(work: (run: Run) => Promise<Result>): Promise<Result> {
    return this.connected(async (run) => {
      const [row] = await run<{ taken: boolean }>('SELECT pg_try_advisory_lock($1, 0) AS taken', [lockKey('payload-index', this.schema)]);
      if (row?.taken !== true) throw new PayloadIndexBusy();
      // The lock ends with the connection.
      return work(run);
    });
  }

  private async connected<Result>(work: (run: Run) => Promise<Result>): Promise<Result> {
    const source = { url: this.url, schema: this.schema, poolSize: 1, applicationName: 'longhaul payload-index' };
    const dataSource = await createMigrationSource(source).initialize();
    const runner = dataSource.createQueryRunner();
    try {
      // It waits for transactions of others, which may be handlers' that last for hours.
      await runner.query('SET lock_timeout = 0');
      return await work((text, values) => runner.query(text, values) as never);
    } finally {
      await runner.release();
      await dataSource.destroy();
    }
  }
}

export class PayloadIndexBusy extends Error {
  constructor() {
    super(
      'expected no other process to make or drop an index of payloads, got one that does; longhaul payload-index list shows how far it is, try again when it has ended',
    );
    this.name = 'PayloadIndexBusy';
  }
}
