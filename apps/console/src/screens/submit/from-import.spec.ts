import { importedBy } from '../../words/imported';
import { reportOf } from './from-import';

const result = { table: 'weather', rows: 3, badRows: 1, columns: [{ name: 'date', type: 'date', header: 'Date' }, { name: 'rain', type: 'double', header: 'Rain' }, { name: 'kind', type: 'text', header: 'Kind' }] }; // prettier-ignore

describe('a report on an imported table', () => {
  test('begins by month with the first numbers where the table has a date', () => {
    const imported = importedBy({ kind: 'csv.import', state: 'succeeded', result });
    expect(imported).toMatchObject({ table: 'weather', badRows: 1 });
    expect(imported && reportOf(imported)).toEqual({
      table: 'weather', dateColumn: 'date', period: 'month', groupBy: [],
      measures: [{ column: 'rain', functions: ['mean', 'min', 'max'] }], format: ['csv', 'html', 'pdf'],
    }); // prettier-ignore
  });

  test('counts rows by the first text where there is neither a date nor a number', () => {
    expect(reportOf({ table: 't', rows: 1, badRows: 0, columns: [{ name: 'kind', type: 'text' }] })).toMatchObject({
      period: 'none',
      groupBy: ['kind'],
      measures: [{ column: 'kind', functions: ['count'] }],
    });
  });

  test('is offered for imports alone that have succeeded', () => {
    expect(importedBy({ kind: 'csv.import', state: 'failed', result: null })).toBeNull();
    expect(importedBy({ kind: 'debug.echo', state: 'succeeded', result })).toBeNull();
    expect(importedBy({ kind: 'csv.import', state: 'succeeded', result: { table: 'x' } })).toBeNull();
  });
});
