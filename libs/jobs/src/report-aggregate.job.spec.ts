import { spawnSync } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { validatePayload } from '@app/sdk';
import { ReportAggregatePayload } from './report-aggregate.job.js';
import { aggregateQuery } from './report/aggregate-query.js';
import { chartsOf } from './report/chart-data.js';
import { htmlReport } from './report/html-report.js';
import { styled, styleOf } from './report/number-style.js';
import { pdfReport } from './report/pdf-report.js';
import { columnsOf, partsOf } from './report/pdf-table.js';
import { runsOf } from './report/pdf-text.js';
import type { Report } from './report/report.js';
import { niceTicks, sceneOf } from './report/scene.js';
import { wrapped } from './report/wrap-text.js';
import { testIf } from '../../../test/support/only-if.js';

const REPORT: Report = {
  title: 'Sales <b>',
  columns: [
    { label: 'month', title: 'Month', role: 'period', numeric: false },
    { label: 'shop', title: 'Shop', role: 'group', numeric: false },
    { label: 'sum(amount)', title: 'Sum of amount', role: 'measure', numeric: true },
  ],
  rows: [
    ['2025-11', 'north', '5'],
    ['2026-02', 'north', '7.5'],
    ['2025-12', '"south" & <co>', '-2'],
    [null, 'north', '99'],
  ],
  totalRows: 4,
  sourceRows: 40,
  madeAt: new Date('2026-03-01T10:00:00Z'),
};

describe('the payload of report.aggregate', () => {
  it('needs a table and measures, and has defaults for the rest', () => {
    expect(validatePayload(ReportAggregatePayload, { table: 'sales', measures: [{ column: 'n', functions: ['sum'] }] })).toEqual([]);
  });

  it.each([
    [{ table: 'public.jobs' }, '/payload/table'],
    [{ measures: [] }, '/payload/measures'],
    [{ measures: [{ column: 'n', functions: ['median'] }] }, '/payload/measures/0/functions'],
    [{ format: ['doc'] }, '/payload/format'],
    [{ period: 'week' }, '/payload/period'],
    [{ groupBy: [1] }, '/payload/groupBy'],
  ])('with %j is refused at %s', (wrong, pointer) => {
    const faults = validatePayload(ReportAggregatePayload, { table: 'sales', measures: [{ column: 'n', functions: ['sum'] }], ...wrong });
    expect(faults.map((fault) => fault.pointer)).toContain(pointer);
  });
});

describe('the query of a report', () => {
  it('quotes every name, whatever is in it', () => {
    const table = { name: 'a"b', columns: [{ name: 'c"; drop', sqlType: 'integer', label: 'c' }] };
    const { sql } = aggregateQuery(table, { period: 'none', groupBy: ['c'], measures: [{ column: 'c', functions: ['p95'] }] });
    expect(sql).toContain('from "imports"."a""b"');
    expect(sql).toContain('array_agg("c""; drop"::numeric order by "c""; drop")');
  });
});

describe('the chart of a report', () => {
  it('has a place for each month from the first to the last, and a gap where there is no value', () => {
    const [chart] = chartsOf(REPORT).charts;
    expect(chart?.categories).toEqual(['2025-11', '2025-12', '2026-01', '2026-02']);
    expect(chart?.series).toEqual([
      { name: 'north', values: [5, null, null, 7.5], colour: 0 },
      { name: '"south" & <co>', values: [null, -2, null, null], colour: 1 },
    ]);
  });

  it('keeps everything that it draws within its frame', () => {
    for (const chart of chartsOf(REPORT).charts) {
      const { width, height, shapes } = sceneOf(chart);
      const points = shapes.flatMap((shape) => {
        if (shape.kind === 'path') return shape.points;
        return shape.kind === 'line'
          ? [
              [shape.x1, shape.y1],
              [shape.x2, shape.y2],
            ]
          : [[shape.x, shape.y]];
      });
      for (const [x = NaN, y = NaN] of points) {
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x).toBeLessThanOrEqual(width);
        expect(y).toBeGreaterThanOrEqual(0);
        expect(y).toBeLessThanOrEqual(height);
      }
    }
  });

  it.each([
    [0, 10],
    [-3, 7.5],
    [1_000_000, 1_000_010],
    [0, 0],
    [-5, -5],
    [1e-9, 3e-9],
    [-1e15, 1e15],
  ])('has round ticks, not too many, that enclose %d to %d', (min, max) => {
    const ticks = niceTicks(min, max);
    expect(ticks.length).toBeGreaterThanOrEqual(2);
    expect(ticks.length).toBeLessThanOrEqual(9);
    expect(ticks[0]).toBeLessThanOrEqual(min);
    expect(ticks.at(-1)).toBeGreaterThanOrEqual(max);
  });
});

describe('the page of a report', () => {
  it('escapes every value and says what is missing', () => {
    const html = htmlReport(REPORT);
    expect(html).toContain('<h1>Sales &lt;b&gt;</h1>');
    expect(html).toContain('&quot;south&quot; &amp; &lt;co&gt;');
    expect(html).toContain('<td>(none)</td>');
    expect(html).not.toContain('<co>');
  });
});

/** A report with a text and these measures, of which each row gives the values. */
function reportOf(titles: string[], rows: (string | null)[][], groups = 1): Report {
  const columns = titles.map((title, index) => ({
    label: title,
    title,
    role: index < groups ? ('group' as const) : ('measure' as const),
    numeric: index >= groups,
  }));
  return { title: 'A report', columns, rows, totalRows: rows.length, sourceRows: rows.length, madeAt: new Date('2026-03-01T10:00:00Z') };
}

describe('what a reader sees of a report', () => {
  it.each([
    { values: ['5', '7.5', '-2.25', null], shown: ['5.00', '7.50', '-2.25'] },
    { values: ['1234.5678', '0.30000000000000004'], shown: ['1234.568', '0.300'] },
    { values: ['0.0000012', '123456789.5'], shown: ['0.0000012', '123,456,789.5000000'] },
    { values: ['9007199254740993', '1'], shown: ['9007199254740993', '1'] },
    { values: ['12345678901234567890123456789', '-1'], shown: ['12345678901234567890123456789', '-1'] },
    { values: ['2012', '1999'], shown: ['2012', '1999'] },
    { values: ['-0.0004', '1000000'], shown: ['-0.0004', '1,000,000.0000'] },
    { values: ['-0.0004', '10.125'], shown: ['-0.0004', '10.1250'] },
    { values: ['1e-20', '3.5e+300', '0'], shown: ['1.0e-020', '3.5e+300', '0.0e+000'] },
    { values: ['9.9999999e-30', '1'], shown: ['1.00000e-29', '1.00000e+00'] },
    { values: ['NaN', '1.5'], shown: ['NaN', '1.5'] },
    { values: ['0.9999', '12'], shown: ['1.000', '12.000'] },
  ])('writes the column $values with one number of decimals, as $shown (D5)', ({ values, shown }) => {
    const style = styleOf(values);
    expect(values.filter((value) => value !== null).map((value) => styled(value, style))).toEqual(shown);
  });

  it('names columns in words, each as no other (D5)', () => {
    const columns = ['unit_price', 'unit price'].map((name) => ({ name, sqlType: 'numeric', label: name }));
    const measures = [
      { column: 'unit_price', functions: ['sum' as const, 'p95' as const] },
      { column: 'unit price', functions: ['sum' as const] },
      { column: '*', functions: ['count' as const] },
    ];
    const query = aggregateQuery({ name: 'sales', columns }, { period: 'none', groupBy: [], measures });
    expect(query.columns.map(({ title }) => title)).toEqual(['sum(unit_price)', '95th percentile of unit price', 'sum(unit price)', 'Number of rows']);
    const alone = aggregateQuery({ name: 'sales', columns }, { period: 'none', groupBy: ['unit_price'], measures: measures.slice(0, 1) });
    expect(alone.columns.map(({ title }) => title)).toEqual(['Unit price', 'Sum of unit price', '95th percentile of unit price']);
  });

  it('gives a group one colour in all charts of a report, and a measure one of its own (D5)', () => {
    const lines: Report = {
      ...REPORT,
      columns: [...REPORT.columns, { label: 'mean(amount)', title: 'Mean of amount', role: 'measure', numeric: true }],
      rows: [
        ['2025-11', 'north', '50', '1'],
        ['2025-11', 'south', '5', '100'],
        ['2025-11', 'west', '1', '10'],
      ],
    };
    const colours = chartsOf(lines).charts.map(({ series }) => Object.fromEntries(series.map(({ name, colour }) => [name, colour])));
    expect(colours).toEqual([
      { north: 0, south: 1, west: 2 },
      { north: 0, south: 1, west: 2 },
    ]);
    const bars = chartsOf(reportOf(['Shop', 'Sum of a', 'Sum of b'], [['x', '1', '2']])).charts;
    expect(bars.map(({ series }) => series[0]?.colour)).toEqual([0, 1]);
  });

  it('has a chart for each measure, or says which have none and why (D5)', () => {
    const titles = ['Shop', ...Array.from({ length: 14 }, (_, index) => `Sum of c${index}`)];
    const many = chartsOf(reportOf(titles, [titles.map((_, index) => (index === 1 ? null : String(index)))]));
    expect(many.charts).toHaveLength(11);
    expect(many.without).toBe('Without a chart: Sum of c12 and Sum of c13 (only the first 12 have one); Sum of c0 (without a value).');
    const page = htmlReport(reportOf(titles, [titles.map(String)]));
    expect(page).toContain('Without a chart: ');
    expect(chartsOf(reportOf(['Sum of a'], [['1']], 0)).without).toContain('neither a period nor groups');
  });

  it.each([[['5', '7']], [['-5', '-7']], [['1000001', '1000002']], [['-3', '8']], [['0', '0']]])('has zero in the axis of the bars of %j (D5)', (values) => {
    const report = reportOf(
      ['Shop', 'Sum of a'],
      values.map((value, index) => [`shop ${index}`, value]),
    );
    const texts = chartsOf(report).charts.flatMap((chart) => sceneOf(chart).shapes.flatMap((shape) => (shape.kind === 'text' ? [shape.text] : [])));
    expect(texts).toContain('0');
  });

  it('leaves out of the names in a chart what all have alike (D5)', () => {
    const rows = [
      ['Europe', 'north', '1'],
      ['Europe', 'south', '2'],
    ];
    expect(chartsOf(reportOf(['Region', 'Shop', 'Sum of a'], rows, 2)).charts[0]?.categories).toEqual(['south', 'north']);
    expect(chartsOf(reportOf(['Region', 'Shop', 'Sum of a'], rows.slice(0, 1), 2)).charts[0]?.categories).toEqual(['Europe · north']);
  });

  it('tells long names of a chart apart that begin alike (D5)', () => {
    const report = reportOf(
      ['Office', 'Sum of a'],
      [1, 2, 3].map((index) => [`The office of the northern sales region of the whole country, number ${index}`, String(index)]),
    );
    const names = chartsOf(report).charts.flatMap((chart) =>
      sceneOf(chart).shapes.flatMap((shape) => (shape.kind === 'text' && shape.text.includes('office') ? [shape.text] : [])),
    );
    expect(new Set(names).size).toBe(3);
  });
});

describe('the tables of a PDF', () => {
  const measure = () => (text: string) => text.length * 4;
  const PAGE = 700;

  it.each([
    ['12 columns', 1, 11, 'x'],
    ['40 columns', 1, 39, 'x'],
    ['five long groups', 5, 12, 'a very long name of a group that goes on and on and on'],
    ['one column', 0, 1, 'x'],
  ])('print every number whole within the page, with %s (D5)', (_, groups, measures, name) => {
    const titles = [
      ...Array.from({ length: groups }, (_, index) => `Group ${index}`),
      ...Array.from({ length: measures }, (_, index) => `Sum of column ${index}`),
    ];
    const rows = [[...Array.from({ length: groups }, () => name), ...Array.from({ length: measures }, () => '-1234567890123456789.5')]];
    const parts = partsOf(columnsOf(reportOf(titles, rows, groups), measure), PAGE);
    for (const part of parts) {
      expect(part.reduce((sum, column) => sum + column.width, 0)).toBeLessThanOrEqual(PAGE);
      expect(part.filter(({ key }) => key)).toHaveLength(groups);
      for (const column of part) if (column.numeric) expect(column.width).toBeGreaterThanOrEqual(measure()(column.texts[0] ?? ''));
    }
    expect(parts.flatMap((part) => part.filter(({ key }) => !key).map(({ title }) => title))).toEqual(titles.slice(groups));
  });

  it('break texts between words, and only a word that is wider than a line within', () => {
    const width = (text: string) => [...text].length;
    expect(wrapped('one two three', 7, width, 4)).toEqual(['one two', 'three']);
    expect(wrapped('Donaudampfschiff ahoi', 6, width, 4)).toEqual(['Donaud', 'ampfsc', 'hiff', 'ahoi']);
    expect(wrapped('a bb ccc dddd eeeee', 5, width, 2)).toEqual(['a bb', 'ccc…']);
  });

  it('keep words from the right in their order, with numbers and other words among them in theirs', () => {
    const seen = (text: string) => runsOf(text, 'regular').map((run) => run.text);
    expect(seen('Shop 7')).toEqual(['Shop 7']);
    expect(seen('שלום עולם')).toEqual(['שלום עולם']);
    expect(seen('Shop שלום 12 עולם')).toEqual(['Shop', ' ', 'עולם', ' ', '12', ' ', 'שלום']);
  });

  const hasPoppler = spawnSync('pdftotext', ['-v']).error === undefined;
  testIf(hasPoppler, 'pdftotext of poppler-utils is not installed')(
    'has page numbers, landscape when wide, and numbers that a program finds again (D5)',
    async () => {
      const titles = ['Shop', ...Array.from({ length: 39 }, (_, index) => `Sum of column ${index}`)];
      const rows = Array.from({ length: 60 }, (_, row) => titles.map((_, index) => (index === 0 ? `shop ${row}` : `${index * 1_000_000 + row}.25`)));
      const pdf = await buffer(pdfReport(reportOf(titles, rows)));
      const text = spawnSync('pdftotext', ['-layout', '-', '-'], { input: pdf, encoding: 'utf8' }).stdout;
      const pages = Number(/Pages:\s+(\d+)/.exec(spawnSync('pdfinfo', ['-'], { input: pdf, encoding: 'utf8' }).stdout)?.[1]);
      expect(text).toContain(`Page ${pages} of ${pages}`);
      expect(pdf.toString('latin1')).toMatch(/MediaBox \[0 0 841\.\d+ 595/);
      for (const row of rows) for (const value of row.slice(1)) expect(text).toContain(Number(value).toLocaleString('en'));
      expect(text).not.toContain('…');
    },
    60_000,
  );
});
