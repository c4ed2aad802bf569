import type { RecordForm } from './dialect.js';

const BLANKS = [32, 9];
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** How a record went on in a piece of text. */
export type Skipped =
  /** It ended; the next record begins at `next`. */
  | { kind: 'end'; next: number }
  /** It goes on in the next piece. */
  | { kind: 'open' }
  /** Its open quote was never meant to reach this far: a quote that opens a field was met where only a closing one can be. */
  | { kind: 'forgotten' };

/**
 * Finds where a record ends without keeping any of it, a piece at a time, so that a record of any length costs no
 * memory. Quotes are followed all the way: a line break inside of a field never ends the record.
 */
export class RecordSkipper {
  /** Line breaks met so far. */
  lines = 0;
  /** The field that is being read, from 1. */
  field = 1;
  /** Bytes read so far. */
  #bytes = 0;
  #state: 'start' | 'plain' | 'quoted' | 'closing' = 'start';
  #previous = 0;
  #beforeQuote = 0;
  #opened: { field: number; bytes: number; lines: number } | undefined;
  readonly #delimiter: number;
  readonly #newline: number;
  readonly #quote: string;
  readonly #quoteCode: number;
  readonly #trims: boolean;

  constructor({ delimiter, newline, quote = '"', trim = false }: RecordForm) {
    this.#quote = quote;
    this.#quoteCode = quote === '' ? -1 : quote.charCodeAt(0);
    this.#trims = trim;
    this.#delimiter = delimiter.charCodeAt(0);
    this.#newline = newline.charCodeAt(0);
  }

  /** Whether a quote is open. */
  get quoted(): boolean {
    return this.#state === 'quoted';
  }

  /**
   * The quoted field that was begun last: its number, and how many bytes and lines there are from the begin of the
   * record to the end of the line that it begins in. `bytes` is 0 while that line has not ended.
   */
  get opened(): { field: number; bytes: number; lines: number } {
    return this.#opened ?? { field: 1, bytes: 0, lines: 0 };
  }

  /** Reads on in `text` from `from` to `until`. A quoted field, which may be long, is gone through from quote to quote. */
  feed(text: string, from: number, until = text.length): Skipped {
    let position = from;
    while (position < until) {
      if (this.#state === 'quoted') {
        const quote = text.indexOf(this.#quote, position);
        const end = quote < 0 || quote >= until ? until : quote;
        this.countLines(text, position, end);
        if (end > position) this.#previous = text.charCodeAt(end - 1);
        this.#bytes += end - position;
        position = end;
        if (position >= until) break;
        this.#beforeQuote = this.#previous;
        this.#state = 'closing';
        this.#bytes++;
        position++;
        continue;
      }
      const code = text.charCodeAt(position);
      if (this.#state === 'closing') {
        if (code === this.#quoteCode) {
          // A doubled quote is text.
          this.#state = 'quoted';
          this.#previous = 0;
          this.#bytes++;
          position++;
          continue;
        }
        if (this.isForgotten(code)) return { kind: 'forgotten' };
        this.#state = 'plain';
      }
      position++;
      this.#bytes++;
      if (code === this.#newline) {
        this.endLine(this.#bytes);
        return { kind: 'end', next: position };
      }
      if (code === this.#delimiter) {
        this.#state = 'start';
        this.field++;
      } else if (this.#state === 'start' && !(this.#trims && BLANKS.includes(code))) {
        this.#state = code === this.#quoteCode ? 'quoted' : 'plain';
        this.#previous = code;
        if (code === this.#quoteCode) this.#opened = { field: this.field, bytes: 0, lines: 0 };
      }
    }
    return { kind: 'open' };
  }

  private countLines(text: string, from: number, end: number): void {
    for (let position = from; position < end; position++) {
      if (text.charCodeAt(position) === this.#newline) this.endLine(this.#bytes + position + 1 - from);
    }
  }

  private endLine(bytes: number): void {
    this.lines++;
    if (this.#opened?.bytes !== 0) return;
    this.#opened.bytes = bytes;
    this.#opened.lines = this.lines;
  }

  /** `,"x` or `"x` at the begin of a line, inside of a field that began in an earlier line: that one's quote was left open. */
  private isForgotten(following: number): boolean {
    if (this.#trims && BLANKS.includes(following)) return false;
    if (following === this.#delimiter || following === this.#newline || following === CARRIAGE_RETURN) return false;
    const opens = this.#beforeQuote === this.#delimiter || this.#beforeQuote === LINE_FEED || this.#beforeQuote === CARRIAGE_RETURN;
    return opens && this.opened.bytes > 0;
  }
}
