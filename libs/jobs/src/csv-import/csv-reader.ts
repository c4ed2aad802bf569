import type { RecordForm } from './dialect.js';
import { readQuotedRecord, withoutReturns } from './quoted-record.js';
import { RecordSkipper } from './record-skipper.js';

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
  /** The line's bytes, one character each; the first of them when there are many. */
  text: string;
}

export type CsvRow = CsvRecord | CsvFault;

/** A record larger than this is a fault, so that one forgotten quote cannot gather the rest of a file in memory. */
export const MAX_RECORD_BYTES = 8 * 1024 ** 2;

/** Text that is read in one go: a few milliseconds of work. */
const SLICE_BYTES = 256 * 1024;
/** A rest that is longer than this is looked at again only when it has doubled, so that a long field is read in linear time. */
const SHORT_BYTES = 128 * 1024;
const EXCERPT_BYTES = 1_000;

/**
 * Reads RFC 4180 from chunks of bytes. A fault costs its record only, and nothing from the inside of a field becomes a
 * row: a record that is too long is skipped to its real end. A quote that never closes costs its line: reading goes on
 * at the line after it, where a parser that takes the rest of the file for one field would lose good rows. That, exact
 * line numbers and ten times the speed are why this is not csv-parse; a property test holds it to csv-parse's reading of
 * well-formed files. Works on latin1 text because the bytes that give CSV its shape are ASCII and so never part of a
 * UTF-8 sequence. A quote inside an unquoted field is an ordinary character; blank lines and comments are skipped.
 */
export class CsvReader {
  #pieces: string[] = [];
  /** Characters in `#pieces`, and how many there must be before they are looked at again. */
  #held = 0;
  #worthScanning = 0;
  /** Where in the file the held text begins. */
  #offset: number;
  #line: number;
  /** Inside a record that is too long to be kept. */
  #skipping: { skipper: RecordSkipper; excerpt: string; from: number } | undefined;
  #rewindTo: number | undefined;
  readonly #quote: string;

  constructor(
    private readonly dialect: RecordForm,
    private readonly maxRecordBytes = MAX_RECORD_BYTES,
    begin = { offset: 0, line: 1 },
  ) {
    this.#quote = dialect.quote ?? '"';
    this.#offset = begin.offset;
    this.#line = begin.line;
  }

  /**
   * Where to read on, when the quote of a record that was skipped proved to be never closed: {@link read} and
   * {@link end} give nothing more. It happens once for a place at most, for a quote behind it is closed or opens anew.
   */
  get rewind(): { offset: number; line: number } | undefined {
    return this.#rewindTo === undefined ? undefined : { offset: this.#rewindTo, line: this.#line };
  }

  /** The records that end in `chunk`, a few milliseconds of work at a time. */
  *read(chunk: Buffer): Generator<CsvRow[]> {
    this.hold(chunk.toString('latin1'));
    if (this.#held >= this.#worthScanning) yield* this.slices(false);
  }

  /** What is left when the file has ended: its last line need not end with a newline. */
  *end(): Generator<CsvRow[]> {
    yield* this.slices(true);
    if (this.#skipping && this.#rewindTo === undefined) yield [this.endOfSkipped()];
  }

  private hold(text: string): void {
    this.#pieces.push(text);
    this.#held += text.length;
  }

  private *slices(final: boolean): Generator<CsvRow[]> {
    const text = this.#pieces.length === 1 ? (this.#pieces[0] ?? '') : this.#pieces.join('');
    let start = 0;
    let more = true;
    while (more && start < text.length && this.#rewindTo === undefined) {
      const rows: CsvRow[] = [];
      const until = start + SLICE_BYTES;
      while (more && start < Math.min(until, text.length)) {
        const next = this.#skipping ? this.skip(text, start, until, rows) : this.record(text, start, final, rows);
        more = next !== undefined;
        start = next ?? start;
      }
      yield rows;
    }
    this.#offset += start;
    const rest = text.slice(start);
    this.#pieces = rest === '' ? [] : [rest];
    this.#held = rest.length;
    this.#worthScanning = rest.length > SHORT_BYTES ? Math.min(2 * rest.length, this.maxRecordBytes + 3) : 0;
  }

  /** Reads one record or blank line from `start`: where the next begins, or undefined while its end is not there. */
  private record(text: string, start: number, final: boolean, rows: CsvRow[]): number | undefined {
    const newline = text.indexOf(this.dialect.newline, start);
    if (newline < 0 && !final) return this.incomplete(text, start);
    const line = lineAt(text, start, newline < 0 ? text.length : newline, this.dialect.newline);
    const afterLine = newline < 0 ? text.length : newline + 1;
    const { comment } = this.dialect;
    if (line === '' || (comment !== undefined && line.startsWith(comment))) {
      this.#line++;
      return afterLine;
    }
    if (this.#quote === '' || !line.includes(this.#quote)) {
      rows.push(line.length > this.maxRecordBytes ? this.tooLong('line', line) : { line: this.#line, fields: line.split(this.dialect.delimiter) });
      this.#line++;
      return afterLine;
    }
    const record = readQuotedRecord(text, start, final, this.dialect);
    if (record === undefined) return this.incomplete(text, start);
    const isLong = 'fault' in record ? record.whole && record.next - start > this.maxRecordBytes + 2 : record.end - start > this.maxRecordBytes;
    if (isLong) rows.push(this.tooLong(record.lines > 1 ? 'row' : 'line', line));
    else if ('fault' in record) rows.push({ line: this.#line, fault: record.fault, text: excerptOf(line, 0) });
    else rows.push({ line: this.#line, fields: record.fields });
    this.#line += record.lines;
    return record.next;
  }

  /** A record without an end so far: it is kept until the next chunk, or skipped from now on when it is too long. */
  private incomplete(text: string, start: number): number | undefined {
    // The two are a line's end, which does not count.
    if (text.length - start <= this.maxRecordBytes + 2) return undefined;
    this.#skipping = { skipper: new RecordSkipper(this.dialect), excerpt: excerptOf(text, start), from: this.#offset + start };
    return start;
  }

  private skip(text: string, start: number, until: number, rows: CsvRow[]): number {
    const { skipper, excerpt } = this.skipped;
    const end = Math.min(until, text.length);
    const skipped = skipper.feed(text, start, end);
    if (skipped.kind === 'open') return end;
    if (skipped.kind === 'forgotten') {
      rows.push(this.neverClosed());
      return text.length;
    }
    rows.push(this.tooLong(skipper.lines > 1 ? 'row' : 'line', excerpt));
    this.#line += skipper.lines;
    this.#skipping = undefined;
    return skipped.next;
  }

  private get skipped(): { skipper: RecordSkipper; excerpt: string; from: number } {
    if (!this.#skipping) throw new Error('expected a record that is being skipped, got none');
    return this.#skipping;
  }

  private endOfSkipped(): CsvFault {
    const { skipper, excerpt } = this.skipped;
    if (skipper.quoted && skipper.opened.bytes > 0) return this.neverClosed();
    return this.tooLong(skipper.lines > 0 ? 'row' : 'line', excerpt);
  }

  /** The fault of the line whose quote is left open; reading has to go on behind that line. */
  private neverClosed(): CsvFault {
    const { skipper, excerpt, from } = this.skipped;
    const { field, bytes, lines } = skipper.opened;
    const fault = { line: this.#line, fault: `a quote is opened in field ${field} and not closed`, text: firstLine(excerpt, this.dialect.newline) };
    this.#rewindTo = from + bytes;
    this.#line += lines;
    return fault;
  }

  private tooLong(what: 'line' | 'row', text: string): CsvFault {
    return { line: this.#line, fault: `the ${what} is longer than ${this.maxRecordBytes} bytes`, text: excerptOf(text, 0) };
  }
}

/** A copy, for a slice would keep the whole text in memory. */
function excerptOf(text: string, start: number): string {
  return Buffer.from(text.slice(start, start + EXCERPT_BYTES), 'latin1').toString('latin1');
}

/** The line without its end; carriage returns before a line feed belong to the end. */
function lineAt(text: string, start: number, end: number, newline: string): string {
  return text.slice(start, withoutReturns(text, start, end, newline));
}

function firstLine(text: string, newline: string): string {
  const end = text.indexOf(newline);
  return lineAt(text, 0, end < 0 ? text.length : end, newline);
}
