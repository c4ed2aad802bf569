import { readCsv } from './read-csv';

describe('the beginning of a CSV file', () => {
  test('is read with quotes, commas and lines in values', () => {
    expect(readCsv('\uFEFFline,reason\r\n2,"no ""number"", at all\nnor a date"\r\n3,\n', false)).toEqual([
      ['line', 'reason'],
      ['2', 'no "number", at all\nnor a date'],
      ['3', ''],
    ]);
    expect(readCsv('a,b\n1,2', false)).toEqual([['a', 'b'], ['1', '2']]); // prettier-ignore
  });

  test('has no half row where it was cut', () => {
    expect(readCsv('a,b\n1,2\n3,"x', true)).toEqual([['a', 'b'], ['1', '2']]); // prettier-ignore
    expect(readCsv('', false)).toEqual([]);
  });
});
