import { NonRetryableError } from '@app/sdk';
import { columnNames } from './column-names.js';
import { sniffDialect } from './dialect.js';

describe('the dialect of a file', () => {
  it.each([
    ['a,b;c,d\n', ',', '\n'],
    ['a;b;c,d\r\n1;2', ';', '\n'],
    ['a\tb\n', '\t', '\n'],
    ['"a,b,c"|d\r1|2\r', '|', '\r'],
    ['one\n', ',', '\n'],
  ])('of %j is read off its first line', (text, delimiter, newline) => {
    expect(sniffDialect(Buffer.from(text))).toEqual({ delimiter, newline, bomBytes: 0 });
  });

  it('leaves out the byte order mark and takes the given delimiter', () => {
    expect(sniffDialect(Buffer.from('\ufeffa,b'), ':')).toEqual({ delimiter: ':', newline: '\n', bomBytes: 3 });
  });

  it('refuses UTF-16 and says what to do', () => {
    expect(() => sniffDialect(Buffer.from('\ufeffa\tb', 'utf16le'))).toThrow(NonRetryableError);
    expect(() => sniffDialect(Buffer.from('\ufeffa\tb', 'utf16le'))).toThrow(/save it as "CSV UTF-8"/);
  });
});

describe('column names', () => {
  it('are plain and unlike each other, whatever the header says', () => {
    const headers = ['Cost Total $', 'Année', '', 'a', 'A', 'a_2', '2020', 'ctid', '日本', '"; drop table x; --', 'x'.repeat(100)];
    const names = columnNames(headers);
    expect(names).toEqual(['cost_total', 'annee', 'column_3', 'a', 'a_2', 'a_2_2', 'c_2020', 'ctid_2', 'column_9', 'drop_table_x', 'x'.repeat(58)]);
    expect(new Set(names).size).toBe(headers.length);
  });
});
