import { validatePayload } from '@app/sdk';
import { ReportAggregatePayload } from './report-aggregate.job.js';
import { aggregateQuery } from './report/aggregate-query.js';
import { chartsOf } from './report/chart-data.js';
import { htmlReport } from './report/html-report.js';
import { type Report, readableNumber } from './report/report.js';
import { niceTicks, sceneOf } from './report/scene.js';

const REPORT: Report = {
  title: 'Sales <b>',
  columns: [
    { label: 'month', role: 'period', numeric: false },
    { label: 'shop', role: 'group', numeric: false },
    { label: 'sum(amount)', role: 'measure', numeric: true },
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
    const [chart] = chartsOf(REPORT);
    expect(chart?.categories).toEqual(['2025-11', '2025-12', '2026-01', '2026-02']);
    expect(chart?.series).toEqual([
      { name: 'north', values: [5, null, null, 7.5] },
      { name: '"south" & <co>', values: [null, -2, null, null] },
    ]);
  });

  it('keeps everything that it draws within its frame', () => {
    for (const chart of chartsOf(REPORT)) {
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

  it('writes numbers as people read them, without losing digits of large ones', () => {
    expect(['1234.5678', '9007199254740993', '0.0000012', '-2'].map(readableNumber)).toEqual(['1,234.568', '9007199254740993', '1.20e-6', '-2']);
  });
});
