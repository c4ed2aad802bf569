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

  it('computes percentiles and means in exact decimals, without noise (D7)', async () => {
    const csv = 'g,x,big,d\na,0.1,9007199254740993,1e-1\na,0.2,9007199254740995,2e-1\nb,1.50,1,3e0\n';
    await database.run(CsvImport, { fileId: await database.store(csv), table: 'decimals' });
    const functions = ['mean', 'p50', 'p90'] as const;
    const measures = ['x', 'big', 'd'].map((column) => ({ column, functions: [...functions] }));
    const run = await aggregate({ table: 'decimals', period: 'none', groupBy: ['g'], measures, format: ['csv'] });
    expect((await csvOf(run.result)).slice(1)).toEqual([
      ['a', '0.15', '0.15', '0.19', '9007199254740994', '9007199254740994', '9007199254740994.8', '0.15', '0.15', '0.19'],
      ['b', '1.5', '1.5', '1.5', '1', '1', '1', '3', '3', '3'],
    ]);
  });

  it('ranks the groups of a chart over all of them, by year too (D3)', async () => {
    await database.rows(`create table imports.many as select 'k' || lpad(n::text, 6, '0') as k, make_date(2000 + n % 2, 1, 1) as d,
      case when n in (24990, 24991) then 1000000 + n else n % 100 end as v from generate_series(1, 25000) n`);
    const measures = [{ column: 'v', functions: ['sum' as const] }];
    const bars = await aggregate({ table: 'many', period: 'none', groupBy: ['k'], measures, format: ['html'] });
    const page = await database.read(bars.result.files.html?.fileId ?? '');
    expect(page).toContain('the largest 20 of 25,000 groups');
    expect(page.indexOf('>k024991<')).toBeGreaterThan(0);
    expect(page.indexOf('>k024991<')).toBeLessThan(page.indexOf('>k024990<'));
    const lines = await aggregate({ table: 'many', period: 'year', dateColumn: 'd', groupBy: ['k'], measures, format: ['html'] });
    const years = await database.read(lines.result.files.html?.fileId ?? '');
    expect(years).toContain('the largest 6 of 25,000 groups');
    expect(years).toContain('>k024990<');
  });

  it('embeds fonts for letters of any script, and says which it cannot print (D4)', async () => {
    const csv = 'city,n\nŁódź,1\nМосква,2\n東京,3\n大阪,4\n𓀀,5\n';
    await database.run(CsvImport, { fileId: await database.store(csv), table: 'cities' });
    const run = await aggregate({ table: 'cities', period: 'none', groupBy: ['city'], measures: [{ column: 'n', functions: ['sum'] }], format: ['pdf'] });
    expect(run.result.notPrinted).toBe('𓀀');
    const pdf = await database.read(run.result.files.pdf?.fileId ?? '');
    expect(pdf).toMatch(/FontFile2/);
    expect(pdf).not.toMatch(/Helvetica/);
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
