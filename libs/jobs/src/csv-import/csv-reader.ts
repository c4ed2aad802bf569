import type { Dialect } from './dialect.js';

/** One record. Its fields are byte strings: one character for each byte of the file (latin1), UTF-8 not yet decoded. */
export interface CsvRecord {
  /** The line on which it begins, from 1. */
  line: number;
  fields: string[];
}

/** A line that is no record. */
export interface CsvFault {
  line: number;
  fault: string;
  /** The line's bytes, one character each. */
  text: string;
}

export type CsvRow = CsvRecord | CsvFault;

type Quoted = { fields: string[]; next: number; lines: number } | { fault: string } | 'incomplete';

/** A record larger than this is a fault, so that one forgotten quote cannot gather the rest of a file in memory. */
export const MAX_RECORD_BYTES = 8 * 1024 ** 2;

/**
 * Reads RFC 4180 from chunks of bytes. A fault (a quote that never closes, text behind a closing quote) costs its line
 * only: reading goes on at the line after it, where a parser that gives up, or that takes the rest of the file for one
 * field, would lose good rows. That, exact line numbers and ten times the speed are why this is not csv-parse; a
 * property test holds it to csv-parse's reading of well-formed files. Works on latin1 text because the bytes that give
 * CSV its shape are ASCII and so never part of a UTF-8 sequence. A quote inside an unquoted field is an ordinary
 * character; blank lines are skipped.
 */
export class CsvReader {
  #rest = '';
  #line = 1;
  /** Inside a line that is already reported as too long: drop everything up to its end. */
  #skipping = false;

  constructor(
    private readonly dialect: Pick<Dialect, 'delimiter' | 'newline'>,
    private readonly maxRecordBytes = MAX_RECORD_BYTES,
  ) {}

  /** The records that end in `chunk`. */
  read(chunk: Buffer): CsvRow[] {
    return this.#scan(this.#rest + chunk.toString('latin1'), false);
  }

  /** What is left when the file has ended: its last line need not end with a newline. */
  end(): CsvRow[] {
    return this.#scan(this.#rest, true);
  }

  #scan(text: string, final: boolean): CsvRow[] {
    const rows: CsvRow[] = [];
    let start = 0;
    while (start < text.length) {
      const newline = text.indexOf(this.dialect.newline, start);
      if (newline < 0 && !final) {
        if (text.length - start <= this.maxRecordBytes) break;
        if (!this.#skipping) rows.push(this.#fault(`the line is longer than ${this.maxRecordBytes} bytes`, text.slice(start, start + 1_000)));
        this.#skipping = true;
        start = text.length;
        break;
      }
      const line = this.#lineAt(text, start, newline < 0 ? text.length : newline);
      const afterLine = newline < 0 ? text.length : newline + 1;
      if (this.#skipping || line === '') {
        this.#skipping = false;
        this.#line++;
        start = afterLine;
        continue;
      }
      if (!line.includes('"')) {
        rows.push({ line: this.#line++, fields: line.split(this.dialect.delimiter) });
        start = afterLine;
        continue;
      }
      const record = this.#readQuoted(text, start, final);
      if (record === 'incomplete') break;
      if ('fault' in record) {
        rows.push(this.#fault(record.fault, line));
        this.#line++;
        start = afterLine;
        continue;
      }
      rows.push({ line: this.#line, fields: record.fields });
      this.#line += record.lines;
      start = record.next;
    }
    this.#rest = text.slice(start);
    return rows;
  }

  /** The line without its end; a carriage return before a line feed belongs to the end. */
  #lineAt(text: string, start: number, end: number): string {
    const withReturn = this.dialect.newline === '\n' && end > start && text[end - 1] === '\r';
    return text.slice(start, withReturn ? end - 1 : end);
  }

  #fault(fault: string, text: string): CsvFault {
    return { line: this.#line, fault, text };
  }

  /** A record with a quote somewhere in its first line, from `start`; it may go on over several lines. */
  #readQuoted(text: string, start: number, final: boolean): Quoted {
    const { delimiter, newline } = this.dialect;
    const fields: string[] = [];
    let position = start;
    let lines = 1;
    for (;;) {
      let afterField: number;
      if (text[position] === '"') {
        const close = closingQuote(text, position + 1);
        // The very last character so far may be the first half of a doubled quote.
        if (close < 0 || (!final && close + 2 >= text.length)) {
          if (!final && text.length - start <= this.maxRecordBytes) return 'incomplete';
          return { fault: `a quote is opened in field ${fields.length + 1} and not closed` };
        }
        const value = text.slice(position + 1, close);
        fields.push(value.includes('"') ? value.replaceAll('""', '"') : value);
        lines += count(value, newline);
        afterField = close + 1;
      } else {
        const nextDelimiter = indexOrEnd(text, delimiter, position);
        const nextNewline = indexOrEnd(text, newline, position);
        afterField = Math.min(nextDelimiter, nextNewline);
        if (afterField === text.length && !final) {
          if (text.length - start <= this.maxRecordBytes) return 'incomplete';
          return { fault: `the row is longer than ${this.maxRecordBytes} bytes` };
        }
        fields.push(afterField === nextNewline ? this.#lineAt(text, position, afterField) : text.slice(position, afterField));
      }
      const following = text[afterField];
      if (following === delimiter) {
        position = afterField + 1;
        continue;
      }
      if (following === undefined) return { fields, next: afterField, lines };
      if (following === newline) return { fields, next: afterField + 1, lines };
      if (following === '\r' && (text[afterField + 1] === newline || afterField + 1 === text.length)) {
        return { fields, next: afterField + 2, lines };
      }
      return { fault: `expected a delimiter after the closing quote of field ${fields.length}, got: ${JSON.stringify(following)}` };
    }
  }
}

/** The quote that ends a field whose text begins at `from`: the first that is not doubled; -1 when there is none. */
function closingQuote(text: string, from: number): number {
  for (let position = text.indexOf('"', from); position >= 0; position = text.indexOf('"', position + 2)) {
    if (text[position + 1] !== '"') return position;
  }
  return -1;
}

function indexOrEnd(text: string, sought: string, from: number): number {
  const index = text.indexOf(sought, from);
  return index < 0 ? text.length : index;
}

function count(text: string, sought: string): number {
  let found = 0;
  for (let index = text.indexOf(sought); index >= 0; index = text.indexOf(sought, index + 1)) found++;
  return found;
}
