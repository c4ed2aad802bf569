import { parse } from 'csv-parse/sync';
import { CsvImport } from './csv-import.job.js';
import { type Aggregated, ReportAggregate, type ReportAggregatePayload } from './report-aggregate.job.js';
import { ImportDatabase } from './testing/import-database.js';

describe('report.aggregate', () => {
  let database: ImportDatabase;
  beforeAll(async () => {
    database = await ImportDatabase.open();
    await database.run(CsvImport, { fileId: await database.storeVega('seattle-weather.csv'), table: 'weather' });
    await database.run(CsvImport, { fileId: await database.storeVega('birdstrikes.csv'), table: 'strikes' });
    const nasty = 'when,who,n\n2020-01-05,=cmd(),-5\n2020-03-05,<script>alert(1)</script>,7\n,"a,""b""",\n';
    await database.run(CsvImport, { fileId: await database.store(nasty), table: 'nasty' });
  });
  afterAll(async () => database.close());

  async function aggregate(payload: { [Field in keyof ReportAggregatePayload]?: ReportAggregatePayload[Field] }) {
    return database.run(ReportAggregate, payload);
  }

  async function csvOf(result: Aggregated): Promise<string[][]> {
    return parse(await database.read(result.files.csv?.fileId ?? ''));
  }

  it('aggregates years of rows by month, with every function', async () => {
    const functions = ['count', 'sum', 'mean', 'min', 'max', 'p50', 'p90', 'p95', 'p99'] as const;
    const run = await aggregate({ table: 'weather', period: 'month', measures: [{ column: 'temp_max', functions: [...functions] }], format: ['csv'] });
    expect(run.result).toMatchObject({ rows: 48, sourceRows: 1461 });
    const [header, first] = await csvOf(run.result);
    expect(header).toEqual(['month', ...functions.map((name) => `${name}(temp_max)`)]);
    const [expected] = await database.rows<Record<string, string>>(
      `select count(*)::text as n, sum(temp_max)::text as s, min(temp_max)::text as low, max(temp_max)::text as high from imports.weather where date < '2012-02-01'`,
    );
    expect([first?.[0], first?.[1], first?.[2], first?.[4], first?.[5]]).toEqual([
      '2012-01',
      expected?.['n'],
      expected?.['s'],
      expected?.['low'],
      expected?.['high'],
    ]);
    expect(run.progress.at(-1)).toEqual({ done: 2, total: 2, message: 'done' });
  });

  it('groups by columns, named by their header too, without a period', async () => {
    const run = await aggregate({
      table: 'strikes',
      period: 'none',
      groupBy: ['Wildlife Size'],
      measures: [
        { column: '*', functions: ['count'] },
        { column: 'Cost Total $', functions: ['sum'] },
      ],
    });
    const rows = await csvOf(run.result);
    expect(rows[0]).toEqual(['Wildlife Size', 'count', 'sum(Cost Total $)']);
    expect(rows.slice(1).map((row) => row[0])).toEqual(['Large', 'Medium', 'Small']);
    expect(rows.slice(1).reduce((sum, row) => sum + Number(row[1]), 0)).toBe(10_000);
  });

  it('draws a chart in a page that needs nothing else, and in a PDF', async () => {
    const { result } = await aggregate({
      table: 'strikes',
      title: 'Bird strikes',
      period: 'year',
      groupBy: ['wildlife_size'],
      measures: [{ column: '*', functions: ['count'] }],
      format: ['html', 'pdf'],
    });
    const html = await database.read(result.files.html?.fileId ?? '');
    expect(html).toContain('<title>Bird strikes</title>');
    expect(html.match(/<polyline/g)).toHaveLength(3);
    expect(html).not.toMatch(/<script|<link|src=|url\(/);
    const pdf = await database.read(result.files.pdf?.fileId ?? '');
    expect(pdf).toMatch(/^%PDF-1\.\d/);
    expect(pdf.trimEnd()).toMatch(/%%EOF$/);
    expect(await database.files.find(result.files.pdf?.fileId ?? '')).toMatchObject({ mediaType: 'application/pdf', name: 'strikes-report.pdf' });
  });

  it('lets no value become a formula or markup', async () => {
    const run = await aggregate({
      table: 'nasty',
      period: 'month',
      groupBy: ['who'],
      measures: [{ column: 'n', functions: ['sum'] }],
      format: ['csv', 'html', 'pdf'],
    });
    expect(await csvOf(run.result)).toEqual([
      ['month', 'who', 'sum(n)'],
      ['2020-01', `'=cmd()`, '-5'],
      ['2020-03', '<script>alert(1)</script>', '7'],
      ['', 'a,"b"', ''],
    ]);
    const html = await database.read(run.result.files.html?.fileId ?? '');
    expect(html).not.toContain('<script');
    expect(html).toContain('&lt;script&gt;');
  });

  it('makes no second files when it is repeated', async () => {
    const payload = { table: 'weather', measures: [{ column: 'wind', functions: ['mean' as const] }], format: ['csv' as const, 'html' as const] };
    const id = '01890000-0000-7000-8000-000000000007';
    const first = await database.run(ReportAggregate, payload, { id });
    const again = await database.run(ReportAggregate, payload, { id, attempt: 2 });
    expect(again.result).toEqual(first.result);
    const edited = await database.run(ReportAggregate, { ...payload, period: 'year' }, { id, attempt: 3 });
    expect(edited.result.files.csv?.fileId).not.toBe(first.result.files.csv?.fileId);
  });

  it.each([
    [{ table: 'wether', measures: [{ column: 'wind', functions: ['mean' as const] }] }, /did you mean "weather"\?/],
    [{ table: 'weather', measures: [{ column: 'temp_mx', functions: ['mean' as const] }] }, /did you mean "temp_max"\?/],
    [{ table: 'weather', groupBy: ['"; drop table x'], measures: [{ column: 'wind', functions: ['mean' as const] }] }, /expected a column of table weather/],
    [{ table: 'weather', measures: [{ column: 'weather', functions: ['sum' as const] }] }, /expected a column of numbers for sum, got: weather, which is text/],
    [{ table: 'weather', dateColumn: 'weather', measures: [{ column: 'wind', functions: ['sum' as const] }] }, /expected a date column, got: weather/],
    [{ table: 'weather', measures: [{ column: '*', functions: ['sum' as const] }] }, /can only be counted/],
  ])('refuses %j and says what would do', async (payload, message) => {
    await expect(aggregate(payload)).rejects.toMatchObject({ name: 'NonRetryableError', message: expect.stringMatching(message) as string });
  });

  it('makes a report of an empty table', async () => {
    await database.run(CsvImport, { fileId: await database.store('a,b\n'), table: 'bare' });
    const run = await aggregate({
      table: 'bare',
      period: 'none',
      groupBy: ['a'],
      measures: [{ column: '*', functions: ['count'] }],
      format: ['csv', 'html', 'pdf'],
    });
    expect(run.result).toMatchObject({ rows: 0, sourceRows: 0 });
    expect(await csvOf(run.result)).toEqual([['a', 'count']]);
  });
});
