import { sqlState } from '../sql-state.js';
import type { BadRows } from './bad-rows.js';
import type { CsvRow } from './csv-reader.js';
import { type CopyRows, type ImportColumn, type Ragged, RowBatch } from './row-batch.js';
import type { StagingTable } from './staging-table.js';

/**
 * Moves rows from the file into the staging table: while one batch is in its COPY the next one is read, and no more
 * than these two are in memory. A batch that the server refuses for what is in it is halved until the row is found.
 */
export class RowLoader {
  #rows = 0;
  #read = 0;
  #batch: RowBatch;
  #copying = Promise.resolve();

  constructor(
    private readonly staging: Pick<StagingTable, 'copy'>,
    private readonly columns: readonly ImportColumn[],
    private readonly badRows: Pick<BadRows, 'add' | 'checkShare'>,
    private readonly signal: AbortSignal,
    private readonly ragged: Ragged = 'error',
  ) {
    this.#batch = new RowBatch(columns, ragged);
  }

  /** Rows of the file, good and bad, without its header. */
  get read(): number {
    return this.#read;
  }

  /** Rows that are in the staging table. */
  get rows(): number {
    return this.#rows;
  }

  async load(chunks: AsyncIterable<CsvRow[]>, hasHeader: boolean): Promise<void> {
    let skip = hasHeader;
    try {
      for await (const rows of chunks) {
        for (const row of rows) {
          if (skip) {
            skip = false;
            continue;
          }
          const waiting = this.take(row);
          if (waiting) await waiting;
          if (++this.#read === 1_000) await this.checkFirst();
        }
      }
      await this.copyFull();
      await this.#copying;
      this.badRows.checkShare(this.#read, true);
    } finally {
      // The connection that a failed import still uses must be given back before its table can be dropped.
      await this.#copying.catch(() => undefined);
    }
  }

  /** What only the server, or the look at the bytes, finds wrong with the first thousand counts as well. */
  private async checkFirst(): Promise<void> {
    await this.copyFull();
    await this.#copying;
    this.badRows.checkShare(this.#read, false);
  }

  /** Waits only when it must: one promise for each row would cost more than the row. */
  private take(row: CsvRow): Promise<void> | undefined {
    const bad = 'fault' in row ? { line: row.line, column: '', reason: row.fault, text: row.text } : this.#batch.add(row);
    if (bad) return this.badRows.add(bad);
    return this.#batch.full ? this.copyFull() : undefined;
  }

  /** Sends the batch off and begins the next one, when the one before is through. */
  private async copyFull(): Promise<void> {
    await this.#copying;
    this.signal.throwIfAborted();
    const batch = this.#batch;
    this.#batch = new RowBatch(this.columns, this.ragged);
    this.#copying = this.copyBatch(batch);
    this.#copying.catch(() => undefined);
  }

  private async copyBatch(batch: RowBatch): Promise<void> {
    const { rows, bad } = batch.rows();
    for (const row of bad) await this.badRows.add(row);
    await this.copy(rows);
  }

  private async copy(rows: CopyRows): Promise<void> {
    try {
      await this.staging.copy(rows, this.signal);
      this.#rows += rows.count;
    } catch (error) {
      this.signal.throwIfAborted();
      if (!isOfTheData(error)) throw error;
      if (rows.count === 1) {
        for (const bad of rows.asBad(`expected a row that PostgreSQL can store, got: ${(error as Error).message}`)) await this.badRows.add(bad);
        return;
      }
      for (const half of rows.halves()) await this.copy(half);
    }
  }
}

/** SQLSTATE classes 22 (data exception) and 54 (a limit exceeded, e.g. a row too large for a page): it lies in a row. */
function isOfTheData(error: unknown): boolean {
  return /^(22|54)/.test(sqlState(error) ?? '');
}
