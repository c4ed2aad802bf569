import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { CsvReader, type CsvRow } from './csv-reader.js';

interface Reading {
  delimiter?: string;
  quote?: string;
  comment?: string;
  trim?: boolean;
  chunk?: number;
  max?: number;
}

function readAll(text: string, { chunk = text.length + 1, max = 1024, ...given }: Reading = {}): CsvRow[] {
  const form = { delimiter: ',', newline: '\n' as const, ...given };
  const bytes = Buffer.from(text);
  const rows: CsvRow[] = [];
  for (let begin: { offset: number; line: number } | undefined = { offset: 0, line: 1 }; begin;) {
    const reader: CsvReader = new CsvReader(form, max, begin);
    for (let start = begin.offset; start < bytes.length && !reader.rewind; start += chunk) {
      for (const slice of reader.read(bytes.subarray(start, start + chunk))) rows.push(...slice);
    }
    if (!reader.rewind) for (const slice of reader.end()) rows.push(...slice);
    begin = reader.rewind;
  }
  return rows;
}

function fieldsOf(text: string, options?: Parameters<typeof readAll>[1]): string[][] {
  return readAll(text, options).map((row) => ('fields' in row ? row.fields.map((field) => Buffer.from(field, 'latin1').toString()) : [row.fault]));
}

describe('CsvReader', () => {
  it('reads fields, quotes, doubled quotes and newlines within quotes', () => {
    expect(fieldsOf('a,b\n1,"x, ""y""\nz"\n,\n')).toEqual([
      ['a', 'b'],
      ['1', 'x, "y"\nz'],
      ['', ''],
    ]);
  });

  it('says on which line a record begins, blank lines and quoted newlines counted', () => {
    expect(readAll('a\n\n"b\nb\nb"\r\nc').map((row) => row.line)).toEqual([1, 3, 6]);
  });

  it('reads any ending of lines, and a last line without one', () => {
    expect(fieldsOf('a,b\r\n"1","2"\r\n3,4')).toEqual([
      ['a', 'b'],
      ['1', '2'],
      ['3', '4'],
    ]);
    expect([...new CsvReader({ delimiter: ',', newline: '\r' }).read(Buffer.from('a,b\r1,2\r'))].flat()).toHaveLength(2);
  });

  it('takes two carriage returns before a line feed for one end of a line, whatever the chunks are (D10)', () => {
    const text = 'a,"b"\r\r\n"1",x\r\r\n\r\r\n2,"y\r\r\nz"\r\r\n3,w\r\r\n';
    for (let chunk = 1; chunk <= text.length; chunk++)
      expect(fieldsOf(text, { chunk })).toEqual([
        ['a', 'b'],
        ['1', 'x'],
        ['2', 'y\r\r\nz'],
        ['3', 'w'],
      ]);
    expect(readAll(text).map(({ line }) => line)).toEqual([1, 2, 4, 6]);
  });

  it('takes a quote inside an unquoted field for what it is', () => {
    expect(fieldsOf('1,5" pipe,x\n')).toEqual([['1', '5" pipe', 'x']]);
  });

  it('takes another character for the quote, or none (D10)', () => {
    const text = `a,'b,''c''\n"d"',e\n"f,g\n`;
    for (let chunk = 1; chunk <= text.length; chunk++)
      expect(fieldsOf(text, { quote: "'", chunk })).toEqual([
        ['a', `b,'c'\n"d"`, 'e'],
        ['"f', 'g'],
      ]);
    expect(fieldsOf('a,"b\n"c",d\n', { quote: '' })).toEqual([
      ['a', '"b'],
      ['"c"', 'd'],
    ]);
    expect(fieldsOf(`a,"${'x'.repeat(600)}\nb,c\n`, { quote: '', max: 500, chunk: 50 })).toEqual([['the line is longer than 500 bytes'], ['b', 'c']]);
  });

  it('leaves out lines that begin with the mark of a comment, and counts them (D10)', () => {
    const text = '# a "comment\na,b\n#x\n1,#2\n"#3",4\n';
    for (let chunk = 1; chunk <= text.length; chunk++)
      expect(readAll(text, { comment: '#', chunk })).toEqual([
        { line: 2, fields: ['a', 'b'] },
        { line: 4, fields: ['1', '#2'] },
        { line: 5, fields: ['#3', '4'] },
      ]);
  });

  it('reads a quoted field with blanks around it where these do not count (D10)', () => {
    const text = '"a", "b, ""c"""\t,d\n 1 ,  "2\n3"  \n';
    for (let chunk = 1; chunk <= text.length; chunk++)
      expect(fieldsOf(text, { trim: true, chunk })).toEqual([
        ['a', 'b, "c"', 'd'],
        [' 1 ', '2\n3'],
      ]);
    const long = `"a", "${'7,zz\n'.repeat(200)}" ,x\n1,2\n`;
    for (const chunk of [1, 7, 64]) expect(fieldsOf(long, { trim: true, max: 500, chunk })).toEqual([['the row is longer than 500 bytes'], ['1', '2']]);
  });

  it('loses only the line whose quote is never closed', () => {
    const rows = readAll('a,b\n1,"open\n2,x\n3,y\n');
    expect(rows).toEqual([
      { line: 1, fields: ['a', 'b'] },
      { line: 2, fault: 'a quote is opened in field 2 and not closed', text: '1,"open' },
      { line: 3, fields: ['2', 'x'] },
      { line: 4, fields: ['3', 'y'] },
    ]);
  });

  it('loses only the line with text behind a closing quote', () => {
    expect(fieldsOf('1,"a"b\n2,c\n')).toEqual([['expected a delimiter after the closing quote of field 2, got: "b"'], ['2', 'c']]);
  });

  it('gives up a quote that is open for longer than a record may be, and goes on at the next line', () => {
    const rows = fieldsOf(`1,"open\n${'2,x\n'.repeat(1_000)}`, { chunk: 100, max: 500 });
    expect(rows).toHaveLength(1_001);
    expect(rows[0]).toEqual(['a quote is opened in field 2 and not closed']);
    expect(rows.at(-1)).toEqual(['2', 'x']);
  });

  describe('with a field that is longer than a row may be', () => {
    const inside = '7,zz\n'.repeat(200);
    const long = (fault: string, line = 2): CsvRow => ({ line, fault, text: expect.any(String) as string });
    const ROW = long('the row is longer than 500 bytes');

    it.each([
      ['lines in quotes', `1,"${inside}"`],
      ['CR LF in quotes', `1,"${inside.replaceAll('\n', '\r\n')}"`],
      ['doubled quotes', `1,"${inside.replaceAll('zz', '""z,""')}"`],
      ['a quote that is opened late', `${'x'.repeat(600)},"${inside}",y`],
      ['a quote that is opened late, in a later line', `1,"a\nb","${inside}"`],
      ['text behind the closing quote', `1,"${inside}z"x,"${inside}"`],
    ])('makes one bad row of it, with %s, and no row of its inside (D1)', (_what, row) => {
      for (const chunk of [1, 7, 64, 499, 10_000]) {
        const rows = readAll(`a,b\n${row}\n2,ok\n`, { chunk, max: 500 });
        expect(rows).toEqual([{ line: 1, fields: ['a', 'b'] }, ROW, { line: expect.any(Number) as number, fields: ['2', 'ok'] }]);
        expect(rows[2]?.line).toBe(2 + row.split('\n').length);
      }
    });

    it('says so of a header too (D1)', () => {
      const rows = readAll(`a,"${inside}"\n1,2\n`, { chunk: 64, max: 500 });
      expect(rows).toEqual([long('the row is longer than 500 bytes', 1), { line: 202, fields: ['1', '2'] }]);
    });

    it('loses only the line of a quote that is never closed, or closed by the opening one of a later field (D1)', () => {
      const open = `a,b\n1,"open\n${inside}`;
      for (const [text, field] of [
        [open, 2],
        [`${open}3,"y",z\n`, 2],
        [`1,"a\nb","open\n${inside}`, 3],
      ] as const) {
        for (const chunk of [1, 64, 10_000]) {
          const rows = readAll(text, { chunk, max: 500 });
          expect(rows.filter((row) => 'fault' in row)).toEqual([long(`a quote is opened in field ${field} and not closed`, text.startsWith('a') ? 2 : 1)]);
          expect(rows.filter((row) => 'fields' in row && row.fields[1] === 'zz')).toHaveLength(200);
          expect(rows.at(-1)).toMatchObject({ line: text.split('\n').length - 1 });
        }
      }
    });

    it('reads on in linear time: twice the text is never looked at four times as long (D1)', () => {
      const time = (megabytes: number) => {
        const text = `1,"${'x,""y\n'.repeat((megabytes * 1024 ** 2) / 6)}"\n`;
        const began = process.cpuUsage();
        expect(readAll(text, { chunk: 65_536, max: 64 * 1024 ** 2 })).toHaveLength(1);
        const { user, system } = process.cpuUsage(began);
        return user + system;
      };
      time(2);
      expect(time(16)).toBeLessThan(40 * Math.max(time(2), 1_000));
    });
  });

  it('gives up a line that never ends, once, and goes on after it', () => {
    expect(fieldsOf(`a\n${'x'.repeat(5_000)}\nb\n`, { chunk: 64, max: 500 })).toEqual([['a'], ['the line is longer than 500 bytes'], ['b']]);
  });

  it('counts a whole record with text behind a quote as one, and nothing of its inside as rows (D1)', () => {
    expect(fieldsOf('1,"x\n7,zz\n7,zz"b,"y\n8,zz"\n2,c\n')).toEqual([['expected a delimiter after the closing quote of field 2, got: "b"'], ['2', 'c']]);
  });

  it('reads the same whatever the chunks are', () => {
    const text = 'a,b,"c"\r\n"1 ""q""\r\n",é,€\n\n3,"",5" x\n"open,6\n7,8,9';
    const whole = readAll(text);
    for (let chunk = 1; chunk < text.length; chunk++) expect(readAll(text, { chunk })).toEqual(whole);
  });

  it('reads well-formed files as csv-parse does', () => {
    const field = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r\n', ' ', '1', '\\'), maxLength: 6 });
    const quoted = field.map((text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text));
    const file = fc.array(fc.array(quoted, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(file, fc.constantFrom('\n', '\r\n'), fc.integer({ min: 1, max: 20 }), (records, newline, chunk) => {
        const text = records.map((record) => record.join(',')).join(newline) + newline;
        const expected = parse(text, { relax_column_count: true, record_delimiter: ['\r\n', '\n'] });
        expect(fieldsOf(text, { chunk })).toEqual(expected);
      }),
    );
  });
});
