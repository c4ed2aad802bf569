import { isUtf8 } from 'node:buffer';
import type { BadRow } from './bad-rows.js';
import { type ColumnType, copyOf } from './column-types.js';
import type { CsvRecord } from './csv-reader.js';
import type { ValueFormat } from './value-format.js';

/** A column of the import: its name in the table and the type of its values. */
export interface ImportColumn {
  name: string;
  type: ColumnType;
  /** The header as the file has it. */
  label: string;
  /** How the file writes its values, where that is said. */
  format?: ValueFormat | undefined;
}

/** What becomes of a row that has more or fewer fields than the header. */
export type Ragged = 'error' | 'fill';

/** The row's fields, as many as there are columns: with `fill` those that it lacks are empty, and empty ones too many are left out. Undefined where it cannot be. */
export function fitted(fields: string[], columns: number, ragged: Ragged): string[] | undefined {
  if (fields.length === columns) return fields;
  if (ragged === 'error') return undefined;
  if (fields.length < columns) return [...fields, ...new Array<string>(columns - fields.length).fill('')];
  return fields.slice(columns).every((field) => field.trim() === '') ? fields.slice(0, columns) : undefined;
}

/** About half a second of COPY: what a stop has to wait for, and what is held in memory twice. */
const BATCH_BYTES = 4 * 1024 ** 2;
const BATCH_ROWS = 50_000;
const EXCERPT_BYTES = 1_000;

/** Rows on their way into one COPY, as the bytes that it takes. */
export class RowBatch {
  #bytes = Buffer.allocUnsafe(BATCH_BYTES + BATCH_BYTES / 4);
  #used = 0;
  #lines: number[] = [];
  #ends: number[] = [];

  constructor(
    private readonly columns: readonly ImportColumn[],
    private readonly ragged: Ragged = 'error',
  ) {}

  get full(): boolean {
    return this.#used >= BATCH_BYTES || this.#lines.length >= BATCH_ROWS;
  }

  /** Takes the record, or returns what is wrong with it. An empty field is NULL. */
  add({ line, fields: read }: CsvRecord): BadRow | undefined {
    const { columns, ragged } = this;
    const fields = fitted(read, columns.length, ragged);
    if (!fields) {
      const wanted = ragged === 'fill' ? `at most ${columns.length}` : String(columns.length);
      return { line, column: '', reason: `expected ${wanted} fields, got ${read.length}`, text: excerpt(read) };
    }
    const encoded = new Array<string>(fields.length);
    for (let index = 0; index < fields.length; index++) {
      const { type, name, format } = columns[index] as ImportColumn;
      const value = fields[index] as string;
      const copied = copyOf(type, value, format);
      if (copied === undefined) return { line, column: name, reason: `expected ${type}, got ${JSON.stringify(value.slice(0, 100))}`, text: excerpt(fields) };
      encoded[index] = copied;
    }
    this.write(line, `${encoded.join('\t')}\n`);
    return undefined;
  }

  /** The rows so far, and apart from them those that are not UTF-8 or hold a NUL. */
  rows(): { rows: CopyRows; bad: BadRow[] } {
    const rows = new CopyRows(this.#bytes.subarray(0, this.#used), this.#lines, this.#ends);
    return isUtf8(rows.bytes) && !rows.bytes.includes(0) ? { rows, bad: [] } : rows.withoutUnstorable();
  }

  private write(line: number, copy: string): void {
    if (this.#used + copy.length > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(this.#used + copy.length + BATCH_BYTES / 4);
      this.#bytes.copy(grown, 0, 0, this.#used);
      this.#bytes = grown;
    }
    this.#used += this.#bytes.write(copy, this.#used, 'latin1');
    this.#lines.push(line);
    this.#ends.push(this.#used);
  }
}

/** The begin of a record, for a report: of a large one the rest is not even joined. */
function excerpt(fields: readonly string[]): string {
  let text = '';
  for (let index = 0; index < fields.length && text.length < EXCERPT_BYTES; index++)
    text += `${index === 0 ? '' : ','}${(fields[index] as string).slice(0, EXCERPT_BYTES)}`;
  return text;
}

/** Rows in COPY's text format that can be halved, to find the one that the server refuses. */
export class CopyRows {
  /** `lines` are where the rows are in the file, `ends` where they end in `bytes`. */
  constructor(
    readonly bytes: Buffer,
    private readonly lines: readonly number[],
    private readonly ends: readonly number[],
  ) {}

  get count(): number {
    return this.lines.length;
  }

  halves(): [CopyRows, CopyRows] {
    const middle = this.count >> 1;
    return [this.from(0, middle), this.from(middle, this.count)];
  }

  /** Every row as a bad one, for `reason`. */
  asBad(reason: string): BadRow[] {
    return this.lines.map((line, index) => {
      const text = this.from(index, index + 1)
        .bytes.subarray(0, 2 * EXCERPT_BYTES)
        .toString('latin1')
        .trimEnd();
      return { line, column: '', reason, text: text.replaceAll('\t', ',').replaceAll('\\N', '') };
    });
  }

  withoutUnstorable(): { rows: CopyRows; bad: BadRow[] } {
    const single = this.lines.map((_, index) => this.from(index, index + 1));
    const isGood = ({ bytes }: CopyRows) => isUtf8(bytes) && !bytes.includes(0);
    const bad = single.flatMap((row) => {
      if (isGood(row)) return [];
      return row.asBad(
        row.bytes.includes(0)
          ? 'expected text, got a NUL character, which PostgreSQL cannot store'
          : 'expected UTF-8, got other bytes: name the encoding of the file, as "encoding": "windows-1252", or save it as UTF-8',
      );
    });
    const good = single.filter(isGood);
    let end = 0;
    const ends = good.map(({ bytes }) => (end += bytes.length));
    return {
      rows: new CopyRows(
        Buffer.concat(good.map(({ bytes }) => bytes)),
        good.flatMap(({ lines }) => lines),
        ends,
      ),
      bad,
    };
  }

  private from(first: number, end: number): CopyRows {
    const offset = first === 0 ? 0 : (this.ends[first - 1] ?? 0);
    const bytes = this.bytes.subarray(offset, end === 0 ? 0 : this.ends[end - 1]);
    return new CopyRows(
      bytes,
      this.lines.slice(first, end),
      this.ends.slice(first, end).map((position) => position - offset),
    );
  }
}
