import { type JobContext, NonRetryableError } from '@app/sdk';
import { importedColumn, type ImportedTable } from '../imports/imported-table.js';
import { meant } from '../imports/meant.js';
import { columnNames } from './column-names.js';
import { type ColumnType, SQL_TYPES } from './column-types.js';
import type { CsvRow } from './csv-reader.js';
import { fitted, type ImportColumn, type Ragged } from './row-batch.js';
import type { CsvSource } from './source.js';
import { TypeInference } from './type-inference.js';
import { ValueFormat, type ValueRules } from './value-format.js';

/** PostgreSQL's own limit. */
const MAX_COLUMNS = 1_600;
/** What is kept of a header: it is the column's comment in the table, and in messages and reports. */
const MAX_HEADER_BYTES = 4_000;

/** What is said of one column; its rules come before those of the file. */
export interface GivenColumn extends ValueRules {
  name: string;
  /** Found out when left out. */
  type?: ColumnType | undefined;
}

/** The headers of the file, decoded; without a header line, `column_1` and so on for as many fields as the first record has. */
export async function readHeaders(source: CsvSource, hasHeader: boolean, job: JobContext): Promise<string[]> {
  for await (const [row] of source.rows(job, () => undefined)) {
    if (!row) continue;
    if ('fault' in row)
      throw new NonRetryableError(`expected ${hasHeader ? 'a header' : 'a record'} in line ${row.line}, got: ${row.fault}`, { code: 'bad_header' });
    if (row.fields.length > MAX_COLUMNS) {
      throw new NonRetryableError(`expected at most ${MAX_COLUMNS} columns, which is what PostgreSQL can store, got ${row.fields.length}`, {
        code: 'too_many_columns',
      });
    }
    return row.fields.map((field, index) => (hasHeader ? decode(field) : `column_${index + 1}`));
  }
  throw new NonRetryableError(`expected a CSV file with at least one line, got only blank ones: ${source.file.name}`, { code: 'empty_file' });
}

/** The columns of a new table: types as given, by name or header, and for all others the narrowest that keeps every value. */
export async function columnsOfNewTable(
  headers: string[],
  given: readonly GivenColumn[],
  infer: (formats: (ValueFormat | undefined)[]) => Promise<ColumnType[]>,
  rules: ValueRules = {},
): Promise<ImportColumn[]> {
  const names = columnNames(headers);
  const said = new Map(given.map((column) => [placeOf(column.name, headers, names), column]));
  const unknown = said.get(-1);
  if (unknown) {
    throw new NonRetryableError(`expected a column of the file, got: ${JSON.stringify(unknown.name)}; ${meant(unknown.name, names, '')}`, {
      code: 'unknown_column',
    });
  }
  const formats = headers.map((_, index) => formatOf(rules, said.get(index)));
  const inferred = headers.every((_, index) => said.get(index)?.type) ? [] : await infer(formats);
  return headers.map((label, index) => ({ name: names[index] ?? '', label, type: said.get(index)?.type ?? inferred[index] ?? 'text', format: formats[index] }));
}

function placeOf(name: string, headers: readonly string[], names: readonly string[]): number {
  const byName = names.indexOf(name);
  return byName >= 0 ? byName : headers.indexOf(name);
}

function formatOf(rules: ValueRules, column: GivenColumn | undefined): ValueFormat | undefined {
  const own = Object.fromEntries(Object.entries(column ?? {}).filter(([, rule]) => rule !== undefined));
  return ValueFormat.of({ ...rules, ...own });
}

/** The columns of an existing table that the file's columns go to, by name or header, whatever their order. */
export function columnsOfExistingTable(headers: string[], table: ImportedTable, given: readonly GivenColumn[] = [], rules: ValueRules = {}): ImportColumn[] {
  const names = columnNames(headers);
  const said = new Map(given.map((column) => [placeOf(column.name, headers, names), column]));
  const columns = headers.map((label, index) => {
    const known = table.columns.some((column) => column.name === names[index]);
    const column = importedColumn(table, known ? (names[index] ?? '') : label);
    const type = (Object.keys(SQL_TYPES) as ColumnType[]).find((candidate) => SQL_TYPES[candidate] === column.sqlType);
    if (!type) throw new NonRetryableError(`expected column ${column.name} of table ${table.name} to have a type that an import knows, got: ${column.sqlType}`);
    return { name: column.name, label, type, format: formatOf(rules, said.get(index)) };
  });
  const twice = columns.find((column, index) => columns.findIndex((other) => other.name === column.name) !== index);
  if (twice) throw new NonRetryableError(`expected each column once, got ${twice.name} twice in the header of the file`);
  return columns;
}

/** Reads the whole file once to find its columns' types, one for each of `formats`; the header and rows of another width do not count. */
export async function inferTypes(
  chunks: AsyncIterable<CsvRow[]>,
  formats: readonly (ValueFormat | undefined)[],
  hasHeader: boolean,
  ragged: Ragged,
): Promise<ColumnType[]> {
  const inference = new TypeInference(formats.length, formats);
  let skip = hasHeader;
  for await (const rows of chunks) {
    for (const row of rows) {
      const fields = skip || 'fault' in row ? undefined : fitted(row.fields, formats.length, ragged);
      if (fields) inference.add(fields);
      skip = false;
    }
  }
  return inference.types();
}

function decode(bytes: string): string {
  const whole = Buffer.from(bytes.slice(0, MAX_HEADER_BYTES), 'latin1').toString('utf8');
  // The last character may have been cut in the middle.
  const text = bytes.length > MAX_HEADER_BYTES ? whole.replace(/\ufffd$/, '') : whole;
  return text.replaceAll('\u0000', '').trim();
}
