import { isUtf8 } from 'node:buffer';
import type { BadRow } from './bad-rows.js';
import { type ColumnType, encodeValue } from './column-types.js';
import type { CsvRecord } from './csv-reader.js';

/** A column of the import: its name in the table and the type of its values. */
export interface ImportColumn {
  name: string;
  type: ColumnType;
  /** The header as the file has it. */
  label: string;
}

/** A record in COPY's text format; both are byte strings. */
interface CopyRow {
  line: number;
  copy: string;
}

/** About one second of COPY: what a stop has to wait for, and what is held in memory twice. */
const BATCH_BYTES = 4 * 1024 ** 2;
const BATCH_ROWS = 50_000;

/** Rows on their way into one COPY. What it lets through, PostgreSQL takes, but for rows too large for its pages. */
export class RowBatch {
  #rows: CopyRow[] = [];
  #bytes = 0;

  constructor(private readonly columns: readonly ImportColumn[]) {}

  get full(): boolean {
    return this.#bytes >= BATCH_BYTES || this.#rows.length >= BATCH_ROWS;
  }

  /** Takes the record, or returns what is wrong with it. An empty field is NULL. */
  add({ line, fields }: CsvRecord): BadRow | undefined {
    if (fields.length !== this.columns.length) {
      return { line, column: '', reason: `expected ${this.columns.length} fields, got ${fields.length}`, text: fields.join(',') };
    }
    let copy = '';
    for (let index = 0; index < this.columns.length; index++) {
      const { type, name } = this.columns[index] as ImportColumn;
      const value = fields[index] as string;
      const encoded = value === '' ? '\\N' : encodeValue(type, value);
      if (encoded === undefined) return { line, column: name, reason: `expected ${type}, got ${JSON.stringify(value.slice(0, 100))}`, text: fields.join(',') };
      copy += index === 0 ? encoded : `\t${encoded}`;
    }
    this.#rows.push({ line, copy: `${copy}\n` });
    this.#bytes += copy.length + 1;
    return undefined;
  }

  /** The rows so far, those apart that are not UTF-8 or hold a NUL; the batch is empty afterwards. */
  take(): { rows: CopyRows; bad: BadRow[] } {
    const rows = new CopyRows(this.#rows);
    this.#rows = [];
    this.#bytes = 0;
    const bytes = rows.bytes();
    if (isUtf8(bytes) && !bytes.includes(0)) return { rows, bad: [] };
    return rows.withoutUnstorable();
  }
}

/** Rows in COPY's text format that can be halved, to find the one that the server refuses. */
export class CopyRows {
  constructor(private readonly rows: readonly CopyRow[]) {}

  get count(): number {
    return this.rows.length;
  }

  bytes(): Buffer {
    return Buffer.from(this.rows.map((row) => row.copy).join(''), 'latin1');
  }

  halves(): [CopyRows, CopyRows] {
    const middle = this.rows.length >> 1;
    return [new CopyRows(this.rows.slice(0, middle)), new CopyRows(this.rows.slice(middle))];
  }

  /** Every row as a bad one, for `reason`. */
  asBad(reason: string): BadRow[] {
    return this.rows.map(({ line, copy }) => ({ line, column: '', reason, text: copy.trimEnd().replaceAll('\t', ',') }));
  }

  withoutUnstorable(): { rows: CopyRows; bad: BadRow[] } {
    const good: CopyRow[] = [];
    const bad: BadRow[] = [];
    for (const row of this.rows) {
      if (row.copy.includes('\u0000')) bad.push(...new CopyRows([row]).asBad('expected text, got a NUL character, which PostgreSQL cannot store'));
      else if (!isUtf8(Buffer.from(row.copy, 'latin1'))) bad.push(...new CopyRows([row]).asBad('expected UTF-8, got other bytes: save the file as UTF-8'));
      else good.push(row);
    }
    return { rows: new CopyRows(good), bad };
  }
}
