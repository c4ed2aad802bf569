import { Files, type Handles, type JobContext, JobHandler, LONGHAUL_DATA_SOURCE, NonRetryableError, SnoozeError, type StoredFile } from '@app/sdk';
import { Inject } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BadRows } from './csv-import/bad-rows.js';
import { CsvImportPayload } from './csv-import/csv-import.payload.js';
import { columnsOfExistingTable, columnsOfNewTable, inferTypes, readHeaders } from './csv-import/import-columns.js';
import { type ImportedColumnView, viewOfColumns } from './csv-import/result-columns.js';
import { RowLoader } from './csv-import/row-loader.js';
import { CsvSource } from './csv-import/source.js';
import type { ValueRules } from './csv-import/value-format.js';
import { dropAbandonedStaging, StagingTable, TableChangedError, tableExists } from './csv-import/staging-table.js';
import { type FileLink, fileLink } from './file-link.js';
import { findImportedTable } from './imports/imported-table.js';
import { payloadDigest } from './payload-digest.js';

/** Of bad rows, in files of at least ten. */
const DEFAULT_SHARE = { share: 0.1, ofAtLeast: 10 };
/** After which an import is planned anew whose table another import has changed: at once, but not all of them together. */
const PLAN_AGAIN_MS = 200;

export interface CsvImported {
  table: string;
  rows: number;
  badRows: number;
  /** A CSV with the line, the reason and the text of each bad row. */
  errorReport?: FileLink;
  /** The table's columns, with their headers; long headers are cut. */
  columns: ImportedColumnView[];
  /** How many more columns there are, when a result of all of them would be too large. */
  columnsLeftOut?: number;
}

/**
 * Imports a stored CSV file into a table of schema `imports`, with COPY. The rows become visible all at once, in the
 * transaction that settles the job: whatever is killed or repeated on the way, the table has each row once or not at all.
 */
@JobHandler({
  kind: 'csv.import',
  description: 'Imports an uploaded CSV file into a PostgreSQL table, with types inferred or given and a report of bad rows.',
  payload: CsvImportPayload,
  maxAttempts: 5,
  timeout: '6h',
})
export class CsvImport implements Handles<CsvImportPayload, CsvImported> {
  constructor(
    private readonly files: Files,
    @Inject(LONGHAUL_DATA_SOURCE) private readonly dataSource: DataSource,
  ) {}

  async run(payload: CsvImportPayload, job: JobContext): Promise<CsvImported> {
    const { encoding, delimiter, quote, comment, skipLines, trim, maxRowBytes } = payload;
    const form = { encoding, delimiter, quote: quote === 'none' ? '' : quote, comment, skipLines, trim, maxRowBytes };
    const source = await CsvSource.open(this.files, payload.fileId, form);
    await refuseUnknownZones(this.dataSource, payload);
    await dropAbandonedStaging(this.dataSource, job);
    const { columns, target, readBefore } = await this.plan(source, payload, job);
    const staging = await StagingTable.create(this.dataSource, job, columns, target === 'present');
    const key = `${job.idempotencyKey}/bad-rows/${payloadDigest(payload)}`;
    const limits = { rows: payload.maxBadRows, ...(payload.maxBadShare === undefined ? DEFAULT_SHARE : { share: payload.maxBadShare, ofAtLeast: 1 }) };
    const badRows = new BadRows(this.files, { name: `${payload.table}-bad-rows.csv`, key, signal: job.signal }, limits);
    try {
      const loader = new RowLoader(staging, columns, badRows, job.signal, payload.ragged);
      await loader.load(source.rows(job, progressOf(job, source, readBefore, importing(loader))), payload.header);
      const reportFile = await badRows.close();
      refuseNothing(loader.rows, badRows, reportFile);
      await job.transaction((manager) => staging.publish(manager, payload.table, payload.mode, loader.rows));
      return {
        table: payload.table,
        rows: loader.rows,
        badRows: badRows.count,
        ...(reportFile ? { errorReport: fileLink(reportFile) } : {}),
        ...viewOfColumns(columns),
      };
    } catch (error) {
      throw await this.abandon(error, staging, badRows, job);
    }
  }

  /** Which columns the rows go to, and whether their table is there; `readBefore` is how many bytes that took to find out. */
  private async plan(source: CsvSource, payload: CsvImportPayload, job: JobContext) {
    const { table, mode, header, columns = [], ragged } = payload;
    const target = await findImportedTable(this.dataSource, table);
    if (target && mode === 'create') throw tableExists(table);
    const headers = await readHeaders(source, header, job);
    const rules = rulesOf(payload);
    if (target && mode === 'append') return { columns: columnsOfExistingTable(headers, target, columns, rules), target: 'present' as const, readBefore: 0 };
    let readBefore = 0;
    const infer = async (formats: Parameters<typeof inferTypes>[1]) => {
      readBefore = source.file.size;
      return inferTypes(source.rows(job, progressOf(job, source, 0)), formats, header, ragged);
    };
    const planned = await columnsOfNewTable(headers, columns, infer, rules);
    return { columns: planned, target: 'new' as const, readBefore };
  }

  /** Nothing of a failed attempt stays, but the report of its bad rows when there were too many of them. */
  private async abandon(error: unknown, staging: StagingTable, badRows: BadRows, job: JobContext): Promise<unknown> {
    // Another import was faster. Nothing has failed, so it costs no attempt; the next one sees the table as it is now.
    if (error instanceof TableChangedError) {
      job.log(error.message);
      error = new SnoozeError(PLAN_AGAIN_MS * (1 + Math.random()));
    }
    await staging.drop().catch((cause: unknown) => job.log('the staging table stays until the next import', { cause: String(cause) }));
    if (!badRows.tooMany || job.signal.aborted) {
      await badRows.discard();
      return job.signal.aborted ? job.signal.reason : error;
    }
    const report = await badRows.close().catch(() => undefined);
    return report && error instanceof NonRetryableError
      ? new NonRetryableError(`${error.message}; all are in ${fileLink(report).url}`, { code: error.code })
      : error;
  }
}

/** How the file writes values: columns may have rules of their own. */
function rulesOf({ nullValues, trim, decimal, thousands, currency, dateFormat, timeZone }: CsvImportPayload): ValueRules {
  return { nullValues, trim, decimal, thousands, currency, dateFormat, timeZone };
}

/** PostgreSQL reads times by its own table of zones, which may lack a name that Node knows. */
async function refuseUnknownZones(dataSource: DataSource, { timeZone, columns = [] }: CsvImportPayload): Promise<void> {
  const zones = [...new Set([timeZone, ...columns.map((column) => column.timeZone)])].filter((zone) => zone !== undefined);
  if (zones.length === 0) return;
  const [unknown] = await dataSource.query<{ zone: string }[]>(
    'select zone from unnest($1::text[]) zone where lower(zone) not in (select lower(name) from pg_timezone_names)',
    [zones],
  );
  if (unknown) throw new NonRetryableError(`expected a time zone that PostgreSQL knows, got: ${unknown.zone}`, { code: 'unknown_time_zone' });
}

/** A file of nothing but bad rows is a mistake, and replacing a table by it would be a worse one. */
function refuseNothing(rows: number, badRows: BadRows, report: StoredFile | undefined): void {
  if (rows > 0 || badRows.count === 0 || !report) return;
  const where = fileLink(report).url;
  throw new NonRetryableError(`expected at least one good row, got ${badRows.count} bad ones; the first is ${badRows.first}; all are in ${where}`, {
    code: 'no_good_rows',
  });
}

/** How many rows are read, and how many a second: the progress itself counts bytes, of which a file says how many it has. */
function importing(loader: RowLoader): () => string {
  const began = performance.now();
  return () => {
    const seconds = (performance.now() - began) / 1_000;
    const rate = seconds < 1 ? '' : `, ${NUMBER.format(Number((loader.read / seconds).toPrecision(3)))} a second`;
    return `importing: ${NUMBER.format(loader.read)} rows${rate}`;
  };
}

const NUMBER = new Intl.NumberFormat('en');

/** `importing`: what is said of the second pass; without it, this is the first, which finds the types of columns. */
function progressOf(job: JobContext, source: CsvSource, readBefore: number, importing?: () => string): (bytes: number) => void {
  // What a file is read twice for counts twice; a single pass is known to be one only when it has begun.
  const total = importing && readBefore === 0 ? source.file.size : 2 * source.file.size;
  return (bytes) => job.progress({ done: readBefore + bytes, total, message: importing?.() ?? 'finding out the types of its columns' });
}
