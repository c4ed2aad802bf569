import { gzipSync } from 'node:zlib';
import { columnNames } from './column-names.js';
import { type GivenDialect, sniffDialect } from './dialect.js';

describe('the dialect of a file', () => {
  it.each([
    ['a,b;c,d\n', ',', '\n'],
    ['a;b;c,d\r\n1;2', ';', '\n'],
    ['a\tb\n', '\t', '\n'],
    ['"a,b,c"|d\r1|2\r', '|', '\r'],
    ['one\n', ',', '\n'],
    ['\n\r\na;b;c\n', ';', '\n'],
    ['"a\nb";c\r"d\ne";f\r', ';', '\r'],
    ['a\tb\r\r\n1\t2\r\r\n', '\t', '\n'],
    ['a,5" pipe\n1,2\n', ',', '\n'],
  ])('of %j is read off its first line', (text, delimiter, newline) => {
    expect(sniffDialect(Buffer.from(text))).toEqual({ delimiter, newline, begin: { offset: 0, line: 1 } });
  });

  it.each([
    ['sep=;\r\na,b;c\r\n', 7],
    ['"sep=;"\r\na;b\r\n', 9],
    ['\ufeffSEP=;\na,b,c;d\n', 9],
  ])('of %j is what its first line names, as Excel writes it, and that line is none of the table (D10)', (text, offset) => {
    expect(sniffDialect(Buffer.from(text))).toEqual({ delimiter: ';', newline: '\n', begin: { offset, line: 2 } });
    expect(sniffDialect(Buffer.from(text), { delimiter: '|' })).toMatchObject({ delimiter: '|', begin: { line: 2 } });
  });

  it.each(['sep,b\n', 'sep=;', 'sep=;;\n', 'a,sep=;\n'])('of %j is not named by it', (text) => {
    expect(sniffDialect(Buffer.from(text)).begin).toEqual({ offset: 0, line: 1 });
  });

  it.each([
    [Buffer.from('PK\x03\x04\x14\x00\x06\x00[Content_Types].xml', 'latin1'), 'a ZIP or XLSX file'],
    [Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1]), 'an XLS file'],
    [gzipSync('a,b\n1,2\n'), 'a gzip file: unpack it'],
    [Buffer.from('%PDF-1.7\n'), 'a PDF file'],
    [Buffer.from('{"a":1,"b":2}\n{"a":3,"b":4}\n'), 'JSON'],
    [Buffer.from('[\n  {\n    "a": 1\n  }\n]\n'), 'JSON'],
    [Buffer.from('[["a","b"],[1,2]]'), 'JSON'],
    [Buffer.from('\ufeff<!DOCTYPE html>\n<html>'), 'a web page'],
    [Buffer.from('<?xml version="1.0"?>\n'), 'a web page or XML'],
  ])('is none of %s: the file is named for what it is, and never imported as one column (D11)', (head, what) => {
    expect(() => sniffDialect(head)).toThrow(`expected a CSV file, got ${what}`);
  });

  it.each(['{name},[b]\n', '[1],2\n', '{"a"},b\n', 'PK,name\n', '<b>,c\n', '[a,b]\n'])('of %j is one of a CSV file all the same', (text) => {
    expect(sniffDialect(Buffer.from(text)).delimiter).toBe(',');
  });

  it('leaves out the byte order mark and takes the given delimiter', () => {
    expect(sniffDialect(Buffer.from('\ufeffa,b'), { delimiter: ':' })).toEqual({ delimiter: ':', newline: '\n', begin: { offset: 3, line: 1 } });
  });

  it.each<[string, string, string, GivenDialect]>([
    ['a title, which has commas, above the header', 'Sales, by region, 2026\nyear;region;sum\n2025;north;1\n2026;north;2\n', ';', {}],
    ['text with more commas than fields', 'id|text\n1|a, b, c\n2|d, e, f\n3|\n', '|', {}],
    ['decimal commas', 'a;b\n1,5;2,5\n3,5;4,5\n', ';', {}],
    ['comments above it', '# made, by, hand\n# on, a, Monday\na;b\n1;2\n', ';', { comment: '#' }],
    ['fields in apostrophes', "'a;b;c',d\n'e;f;g',h\n", ',', { quote: "'" }],
    ['inches in its text', 'a,b\n5",x;y;z\n6",x;y;z\n', ',', {}],
    ['one line that is cut', 'a;b\n1;2\n3,4,5,6', ';', {}],
  ])('of a file with %s is what most of its lines have alike (D10)', (_what, text, delimiter, given) => {
    expect(sniffDialect(Buffer.from(text), given).delimiter).toBe(delimiter);
  });

  it('begins behind the lines that are to be skipped, and counts them (D10)', () => {
    expect(sniffDialect(Buffer.from('\ufeffTitle\r\n\r\na;b\r\n1;2\r\n'), { skipLines: 2 })).toMatchObject({ delimiter: ';', begin: { offset: 12, line: 3 } });
    expect(sniffDialect(Buffer.from('sep=;\nTitle, of it\na;b\n'), { skipLines: 1 })).toMatchObject({ delimiter: ';', begin: { offset: 19, line: 3 } });
    expect(() => sniffDialect(Buffer.from('a\nb'), { skipLines: 5 })).toThrow('skipLines');
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
