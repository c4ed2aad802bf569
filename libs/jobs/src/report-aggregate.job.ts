import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Files, type Handles, type JobContext, JobHandler, LONGHAUL_DATA_SOURCE, type StoredFile } from '@app/sdk';
import { Inject } from '@nestjs/common';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsIn, IsOptional, IsString, Matches, MaxLength, MinLength, ValidateNested } from 'class-validator';
import { DataSource } from 'typeorm';
import { type FileLink, fileLink } from './file-link.js';
import { TABLE_HINT, TABLE_PATTERN } from './imports/identifier.js';
import { importedTable } from './imports/imported-table.js';
import { payloadDigest } from './payload-digest.js';
import { type AggregateFunction, type AggregateQuery, aggregateQuery, FUNCTIONS, type Period, PERIODS, rankedQuery } from './report/aggregate-query.js';
import { chartedMeasures, MAX_BARS, MAX_SERIES } from './report/chart-data.js';
import { capital, listed, words } from './report/column-titles.js';
import { csvHeader, csvWriter } from './report/csv-report.js';
import { htmlReport } from './report/html-report.js';
import { type GroupRow, readGroups } from './report/read-groups.js';
import { type RankedRows, type Report, ReportCollector } from './report/report.js';

const FORMATS = ['csv', 'html', 'pdf'] as const;
type Format = (typeof FORMATS)[number];
const MEDIA_TYPES: Record<Format, string> = { csv: 'text/csv; charset=utf-8', html: 'text/html; charset=utf-8', pdf: 'application/pdf' };

export class ReportMeasure {
  /** A column's name or its header in the imported file; `*` to count rows. */
  @IsString() @MinLength(1) @MaxLength(200) column!: string;
  @IsArray() @ArrayMinSize(1) @ArrayUnique() @IsIn(FUNCTIONS, { each: true }) functions!: AggregateFunction[];
}

export class ReportAggregatePayload {
  /** An imported table. */
  @Matches(TABLE_PATTERN, { message: TABLE_HINT }) table!: string;
  @IsOptional() @IsString() @MinLength(1) @MaxLength(200) title?: string;
  /** The column that the period is of; may be left out when the table has one date column. */
  @IsOptional() @IsString() @MinLength(1) @MaxLength(200) dateColumn?: string;
  @IsIn(PERIODS) period: Period = 'month';
  @IsArray() @ArrayMaxSize(5) @ArrayUnique() @IsString({ each: true }) @MaxLength(200, { each: true }) groupBy: string[] = [];
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(10) @ValidateNested({ each: true }) @Type(() => ReportMeasure) measures!: ReportMeasure[];
  @IsArray() @ArrayMinSize(1) @ArrayUnique() @IsIn(FORMATS, { each: true }) format: Format[] = ['csv', 'html'];
}

export interface Aggregated {
  /** Rows of the report. */
  rows: number;
  /** Rows of the table behind it. */
  sourceRows: number;
  files: Partial<Record<Format, FileLink>>;
  /** Letters that no font of the PDF has, where there are any: they are printed as boxes. The CSV and the HTML have them. */
  notPrinted?: string;
}

/**
 * Aggregates an imported table by period and groups into downloadable files: a CSV with all rows, an HTML page and a PDF
 * with charts and the first rows. Repeating it makes no second files: each is stored under the job's own key.
 */
@JobHandler({
  kind: 'report.aggregate',
  description: 'Aggregates an imported table by year or month and columns, into CSV, HTML and PDF with charts.',
  payload: ReportAggregatePayload,
  maxAttempts: 5,
  timeout: '2h',
})
export class ReportAggregate implements Handles<ReportAggregatePayload, Aggregated> {
  constructor(
    private readonly files: Files,
    @Inject(LONGHAUL_DATA_SOURCE) private readonly dataSource: DataSource,
  ) {}

  async run(payload: ReportAggregatePayload, job: JobContext): Promise<Aggregated> {
    const table = await importedTable(this.dataSource, payload.table);
    const query = aggregateQuery(table, payload);
    const total = 1 + payload.format.length;
    let done = 0;
    job.progress({ done, total, message: 'aggregating' });

    const collector = new ReportCollector(payload.title ?? titleOf(payload), query.columns);
    const files: Partial<Record<Format, FileLink>> = {};
    const stored = (format: Format, file: StoredFile) => {
      files[format] = fileLink(file);
      job.progress({ done: ++done, total, message: `${format} stored` });
    };
    // The rows pass by once, into the CSV when it is wanted; what the other formats show is kept on the way.
    if (payload.format.includes('csv')) stored('csv', await this.saveCsv(payload, query, collector, job));
    else for await (const page of readGroups(this.dataSource, query.sql, job.signal)) collector.take(page);

    const report = await this.ranked(collector.report(new Date()), query, job);
    if (payload.format.includes('html')) stored('html', await this.save('html', Readable.from([Buffer.from(htmlReport(report))]), payload, job));
    // Loaded when one is made: every process knows this job, and what makes a PDF takes a tenth of a second of its start.
    const pdf = payload.format.includes('pdf') ? await import('./report/pdf-report.js') : undefined;
    const notPrinted = pdf?.lettersWithoutFont(report) ?? '';
    if (pdf) stored('pdf', await this.save('pdf', pdf.pdfReport(report, notPrinted), payload, job));
    job.progress({ done: total, total, message: 'done' });
    return { rows: report.totalRows, sourceRows: report.sourceRows, files, ...(notPrinted === '' ? {} : { notPrinted }) };
  }

  /** With the rows that its charts need, when those that are kept are not all: the largest groups may be any. */
  private async ranked(report: Report, query: AggregateQuery, job: JobContext): Promise<Report> {
    if (report.totalRows <= report.rows.length) return report;
    const largest = report.columns.some((column) => column.role === 'period') ? MAX_SERIES : MAX_BARS;
    const ranked = new Map<number, RankedRows>();
    for (const measure of chartedMeasures(report.columns, true)) {
      const rows: GroupRow[] = [];
      for await (const page of readGroups(this.dataSource, rankedQuery(query, measure, largest), job.signal)) rows.push(...page);
      ranked.set(measure, { rows, groups: Number(rows[0]?.at(-1) ?? 0) });
    }
    return { ...report, ranked };
  }

  private async saveCsv(payload: ReportAggregatePayload, query: AggregateQuery, collector: ReportCollector, job: JobContext): Promise<StoredFile> {
    const csv = csvWriter(query.columns);
    const pages = readGroups(this.dataSource, query.sql, job.signal);
    const rows = async function* () {
      yield csvHeader(query.columns);
      for await (const page of pages) yield* collector.take(page);
    };
    const [saved, written] = await Promise.allSettled([this.save('csv', csv, payload, job), pipeline(rows, csv, { signal: job.signal })]);
    job.signal.throwIfAborted();
    // The failure of one end closes the other prematurely: that is no cause.
    if (written.status === 'rejected' && !isPrematureClose(written.reason)) throw written.reason;
    if (saved.status === 'rejected') throw saved.reason;
    return saved.value;
  }

  private async save(format: Format, content: Readable, payload: ReportAggregatePayload, job: JobContext): Promise<StoredFile> {
    const key = `${job.idempotencyKey}/${format}/${payloadDigest(payload)}`;
    return this.files.save(content, { name: `${payload.table}-report.${format}`, mediaType: MEDIA_TYPES[format], key, signal: job.signal });
  }
}

function titleOf({ table, period, groupBy }: ReportAggregatePayload): string {
  const by = [...(period === 'none' ? [] : [period]), ...groupBy.map(words)];
  return capital(by.length === 0 ? words(table) : `${words(table)} by ${listed(by)}`);
}

function isPrematureClose(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
