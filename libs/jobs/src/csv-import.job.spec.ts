import { Files, NonRetryableError, type StoredFile, validatePayload } from '@app/sdk';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CsvImportPayload } from './csv-import/csv-import.payload.js';
import { BadRows } from './csv-import/bad-rows.js';
import type { CsvRow } from './csv-import/csv-reader.js';
import { columnsOfNewTable } from './csv-import/import-columns.js';
import type { CopyRows } from './csv-import/row-batch.js';
import { RowLoader } from './csv-import/row-loader.js';

const FILE_ID = '01890000-0000-7000-8000-000000000009';

describe('the payload of csv.import', () => {
  it('needs a file and a table, and has defaults for the rest', () => {
    expect(validatePayload(CsvImportPayload, { fileId: FILE_ID, table: 'sales_2026' })).toEqual([]);
  });

  it.each([
    [{ fileId: '../etc/passwd' }, '/payload/fileId'],
    [{ table: 'public.jobs' }, '/payload/table'],
    [{ table: 'x"; drop table jobs; --' }, '/payload/table'],
    [{ table: 'x'.repeat(64) }, '/payload/table'],
    [{ delimiter: '"' }, '/payload/delimiter'],
    [{ delimiter: '€' }, '/payload/delimiter'],
    [{ mode: 'truncate' }, '/payload/mode'],
    [{ maxBadRows: -1 }, '/payload/maxBadRows'],
    [{ maxBadShare: 1.1 }, '/payload/maxBadShare'],
    [{ maxRowBytes: 2 ** 40 }, '/payload/maxRowBytes'],
    [{ columns: [{ name: 'a', type: 'money' }] }, '/payload/columns/0/type'],
    [{ encoding: 'ebcdic' }, '/payload/encoding'],
    [{ quote: '`' }, '/payload/quote'],
    [{ quote: "'", delimiter: "'" }, '/payload/delimiter'],
    [{ decimal: ',', thousands: ',' }, '/payload/decimal'],
    [{ comment: 'rem' }, '/payload/comment'],
    [{ skipLines: -1 }, '/payload/skipLines'],
    [{ ragged: 'ignore' }, '/payload/ragged'],
    [{ nullValues: 'NA' }, '/payload/nullValues'],
    [{ currency: '12' }, '/payload/currency'],
    [{ timeZone: 'Mars/Phobos' }, '/payload/timeZone'],
    [{ columns: [{ name: 'a', dateFormat: 'dd.mm.yyyy' }] }, '/payload/columns/0/dateFormat'],
    [{ columns: [{ name: 'a', decimal: '.', thousands: '.' }] }, '/payload/columns/0/decimal'],
  ])('with %j is refused at %s', (wrong, pointer) => {
    const faults = validatePayload(CsvImportPayload, { fileId: FILE_ID, table: 'sales', ...wrong });
    expect(faults.map((fault) => fault.pointer)).toEqual([pointer]);
  });
});

describe('the columns of a new table', () => {
  const infer = () => Promise.resolve(['integer' as const, 'numeric' as const]);

  it('have the given types, by name or header, and inferred ones otherwise', async () => {
    const columns = await columnsOfNewTable(['Id', 'Price $'], [{ name: 'Price $', type: 'double' }], infer);
    expect(columns).toEqual([
      { name: 'id', label: 'Id', type: 'integer' },
      { name: 'price', label: 'Price $', type: 'double' },
    ]);
  });

  it('are not inferred when all are given', async () => {
    const given = [{ name: 'id', type: 'text' as const }];
    await expect(columnsOfNewTable(['id'], given, () => Promise.reject(new Error('not to be called')))).resolves.toHaveLength(1);
  });

  it('are refused with the one that was meant when a given one is not in the file', async () => {
    await expect(columnsOfNewTable(['id', 'price'], [{ name: 'prize', type: 'text' }], infer)).rejects.toThrow('did you mean "price"?');
  });
});

describe('the loader', () => {
  async function load(rows: CsvRow[], refused: string[] = []): Promise<{ copied: string[]; bad: number[]; rows: number }> {
    const copied: string[] = [];
    const bad: number[] = [];
    const staging = {
      copy: async (batch: CopyRows) => {
        const lines = batch.bytes.toString().split('\n').slice(0, -1);
        if (lines.some((line) => refused.includes(line))) throw Object.assign(new Error('row is too big'), { code: '54000' });
        copied.push(...lines);
      },
    };
    const report = { add: async ({ line }: { line: number }) => void bad.push(line), checkShare: () => undefined };
    const loader = new RowLoader(staging, [{ name: 'a', label: 'a', type: 'text' }], report, new AbortController().signal);
    async function* chunks(): AsyncGenerator<CsvRow[]> {
      for (const row of rows) yield [row];
    }
    await loader.load(chunks(), false);
    return { copied, bad: bad.sort((a, b) => a - b), rows: loader.rows };
  }

  const records = (...values: string[]): CsvRow[] => values.map((value, index) => ({ line: index + 1, fields: [value] }));

  it('copies each good row once and reports each bad one, wherever they stand', async () => {
    const values = Array.from({ length: 64 }, (_, index) => `r${index}`);
    const refused = ['r0', 'r31', 'r32', 'r63'];
    const loaded = await load(records(...values), refused);
    expect(loaded.copied.sort()).toEqual(values.filter((value) => !refused.includes(value)).sort());
    expect(loaded).toMatchObject({ rows: 60, bad: [1, 32, 33, 64] });
  });

  it('keeps the good rows of a batch with bytes that are not UTF-8', async () => {
    expect(await load(records('a', 'caf\xe9', 'b\0', 'caf\xc3\xa9'))).toEqual({ copied: ['a', 'café'], bad: [2, 3], rows: 2 });
  });

  it('copies a row that is larger than a batch', async () => {
    const huge = 'x'.repeat(7_000_000);
    expect((await load(records('a', huge, 'b'))).copied.map((row) => row.length)).toEqual([1, 7_000_000, 1]);
  });

  it('does not take an error of the database for one of a row', async () => {
    const staging = { copy: () => Promise.reject(Object.assign(new Error('disk full'), { code: '53100' })) };
    const loader = new RowLoader(
      staging,
      [{ name: 'a', label: 'a', type: 'text' }],
      { add: () => Promise.resolve(), checkShare: () => undefined },
      new AbortController().signal,
    );
    const chunks = Readable.from([records('a', 'b')]) as AsyncIterable<CsvRow[]>;
    await expect(loader.load(chunks, false)).rejects.toThrow('disk full');
  });
});

describe('the report of bad rows', () => {
  class MemoryFiles extends Files {
    readonly saved: string[] = [];
    async save(content: Readable, { name, mediaType }: { name: string; mediaType: string }): Promise<StoredFile> {
      this.saved.push(await text(content));
      return { id: FILE_ID, name, mediaType, size: 0, sha256: '', createdAt: new Date(0) };
    }
    find(): Promise<undefined> {
      return Promise.resolve(undefined);
    }
    read(): Promise<Readable> {
      return Promise.resolve(Readable.from([]));
    }
  }
  const about = { name: 'bad.csv', key: 'k', signal: new AbortController().signal };
  const row = { line: 3, column: 'a', reason: 'expected integer, got "x"', text: '=1,caf\xc3\xa9' };

  it('is no file when there is none', async () => {
    const files = new MemoryFiles();
    expect(await new BadRows(files, about, { rows: 5, share: 1, ofAtLeast: 1 }).close()).toBeUndefined();
    expect(files.saved).toEqual([]);
  });

  it('has a line for each, decoded, and no formula', async () => {
    const files = new MemoryFiles();
    const bad = new BadRows(files, about, { rows: 5, share: 1, ofAtLeast: 1 });
    await bad.add(row);
    expect(await bad.close()).toMatchObject({ id: FILE_ID });
    expect(files.saved).toEqual([`line,column,reason,row\n3,a,"expected integer, got ""x""","'=1,café"\n`]);
  });

  it('ends the import when more than the share is bad, after a thousand rows or at the end (D6)', async () => {
    const bad = new BadRows(new MemoryFiles(), about, { rows: 10_000, share: 0.1, ofAtLeast: 1 });
    for (let count = 0; count < 101; count++) await bad.add(row);
    expect(() => bad.checkShare(500, false)).not.toThrow();
    expect(() => bad.checkShare(1_010, true)).not.toThrow();
    expect(() => bad.checkShare(1_000, false)).toThrow(/at most 10 % of the rows to be bad, got 101 of the first 1000 .*first is line 3/);
    expect(bad.tooMany).toBe(true);
    expect(() => bad.checkShare(1_009, true)).toThrow(/got 101 of 1009/);
    await bad.discard();
  });

  it('ends the import at the first row beyond the limit', async () => {
    const bad = new BadRows(new MemoryFiles(), about, { rows: 1, share: 1, ofAtLeast: 1 });
    await bad.add(row);
    await expect(bad.add(row)).rejects.toThrow(NonRetryableError);
    expect(bad.tooMany).toBe(true);
    await bad.discard();
  });
});
