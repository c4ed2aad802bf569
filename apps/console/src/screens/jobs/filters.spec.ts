import { describe as sentenceOf, queryOf, readFilters, readSearch } from './filters';

describe('the filters of the list of jobs', () => {
  test('are read out of a URL without what it has beside them', () => {
    expect(readFilters({ state: 'failed', kind: 'csv.import', queue: '', tag: 7, act: 'x', other: 'y' })).toEqual({ state: 'failed', kind: 'csv.import' });
    expect(readFilters({ state: 'done' })).toEqual({});
    expect(readFilters({ kind: 'csv.import', payload: '{"customer":7}' })).toEqual({ kind: 'csv.import', payload: '{"customer":7}' });
    expect(readSearch({ error: 'no', act: 'x' })).toEqual({ error: 'no', act: 'x' });
  });

  test('are a sentence', () => {
    expect(sentenceOf({})).toBe('Jobs');
    expect(sentenceOf({ state: 'failed', kind: 'csv.import', error: 'disk full', createdFrom: '2026-01-31', createdTo: '2026-02-01' })).toBe(
      'Failed jobs of csv.import with “disk full” in the error created since 2026-01-31 before 2026-02-01',
    );
  });

  test('show the payload that is looked for as it is written', () => {
    expect(sentenceOf({ kind: 'csv.import', payload: '{"customer":7}' })).toBe('Jobs of csv.import with {"customer":7}');
  });

  test('are asked for as the API takes them', () => {
    expect(queryOf({ state: 'failed', tag: 'a', error: 'b', finishedTo: '2026-01-31' })).toEqual({ state: ['failed'], tag: ['a'], error: 'b', finishedTo: '2026-01-31' }); // prettier-ignore
  });
});
