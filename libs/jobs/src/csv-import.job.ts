import { Files, type Handles, type JobContext, JobHandler, LONGHAUL_DATA_SOURCE, NonRetryableError, SnoozeError, type StoredFile } from '@app/sdk';
import { Inject } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { DataSource } from 'typeorm';
import { BadRows } from './csv-import/bad-rows.js';
import { COLUMN_TYPES, type ColumnType } from './csv-import/column-types.js';
import { columnsOfExistingTable, columnsOfNewTable, inferTypes, readHeaders } from './csv-import/import-columns.js';
import { MAX_RECORD_BYTES } from './csv-import/csv-reader.js';
import { type ImportedColumnView, viewOfColumns } from './csv-import/result-columns.js';
import { RowLoader } from './csv-import/row-loader.js';
import { CsvSource } from './csv-import/source.js';
import { dropAbandonedStaging, type ImportMode, StagingTable, TableChangedError, tableExists } from './csv-import/staging-table.js';
import { type FileLink, fileLink } from './file-link.js';
import { TABLE_HINT, TABLE_PATTERN } from './imports/identifier.js';
import { findImportedTable } from './imports/imported-table.js';
import { payloadDigest } from './payload-digest.js';

/** What `maxRowBytes` may be raised to: V8 has strings of twice that. */
const MAX_ROW_BYTES = 256 * 1024 ** 2;
const DELIMITER_HINT = 'delimiter must be one character: a tab, a space or punctuation';
/** Of bad rows, in files of at least ten. */
const DEFAULT_SHARE = { share: 0.1, ofAtLeast: 10 };
/** After which an import is planned anew whose table another import has changed: at once, but not all of them together. */
const PLAN_AGAIN_MS = 200;

export class CsvColumn {
  /** The column's name in the table, or its header in the file. */
  @IsString() @MinLength(1) @MaxLength(200) name!: string;
  @IsIn(COLUMN_TYPES) type!: ColumnType;
}

export class CsvImportPayload {
  /** What `POST /files` answered. */
  @IsUUID() fileId!: string;
  /** The table, in schema `imports`. */
  @Matches(TABLE_PATTERN, { message: TABLE_HINT }) table!: string;
  /** One ASCII character; found out when left out. */
  @IsOptional() @Matches(/^[\t !#$%&'()*+,./:;<=>?@[\\\]^_`{|}~-]$/, { message: DELIMITER_HINT }) delimiter?: string;
  /** Whether the first line names the columns. */
  @IsBoolean() header: boolean = true;
  /** Types of columns that are not to be inferred. A value that is not of its column's type makes a bad row. */
  @IsOptional() @ArrayMaxSize(1_600) @ValidateNested({ each: true }) @Type(() => CsvColumn) columns?: CsvColumn[];
  /** `create` fails when the table exists; `append` makes it when it does not. */
  @IsIn(['create', 'append', 'replace']) mode: ImportMode = 'create';
  /** With more bad rows than this nothing is imported. */
  @IsInt() @Min(0) @Max(1_000_000) maxBadRows: number = 10_000;
  /**
   * With a larger share of bad rows than this, of all rows, nothing is imported: 0.1 is 10 %, 1 allows any. When left
   * out, 0.1 for files of ten rows or more: of fewer, one bad row would be too many.
   */
  @IsOptional() @IsNumber() @Min(0) @Max(1) maxBadShare?: number;
  /** A row with more bytes than this is a bad row. Each import may hold several rows of that size in memory. */
  @IsInt() @Min(1_024) @Max(MAX_ROW_BYTES) maxRowBytes: number = MAX_RECORD_BYTES;
}

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
    const source = await CsvSource.open(this.files, payload.fileId, payload.delimiter, payload.maxRowBytes);
    await dropAbandonedStaging(this.dataSource, job);
    const { columns, target, readBefore } = await this.plan(source, payload, job);
    const staging = await StagingTable.create(this.dataSource, job, columns, target === 'present');
    const key = `${job.idempotencyKey}/bad-rows/${payloadDigest(payload)}`;
    const limits = { rows: payload.maxBadRows, ...(payload.maxBadShare === undefined ? DEFAULT_SHARE : { share: payload.maxBadShare, ofAtLeast: 1 }) };
    const badRows = new BadRows(this.files, { name: `${payload.table}-bad-rows.csv`, key, signal: job.signal }, limits);
    try {
      const loader = new RowLoader(staging, columns, badRows, job.signal);
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
  private async plan(source: CsvSource, { table, mode, header, columns = [] }: CsvImportPayload, job: JobContext) {
    const target = await findImportedTable(this.dataSource, table);
    if (target && mode === 'create') throw tableExists(table);
    const headers = await readHeaders(source, header, job);
    if (target && mode === 'append') return { columns: columnsOfExistingTable(headers, target), target: 'present' as const, readBefore: 0 };
    let readBefore = 0;
    const infer = async () => {
      readBefore = source.file.size;
      return inferTypes(source.rows(job, progressOf(job, source, 0)), headers.length, header);
    };
    const planned = await columnsOfNewTable(headers, columns, infer);
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
