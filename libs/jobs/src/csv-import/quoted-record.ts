import type { RecordForm } from './dialect.js';
import { RecordSkipper } from './record-skipper.js';

/** A record: `end` is where its text ends, `next` where the next record begins. */
export interface QuotedRecord {
  fields: string[];
  end: number;
  next: number;
  lines: number;
}

/** What is wrong, and where reading goes on. */
export interface QuotedFault {
  fault: string;
  next: number;
  lines: number;
  /** Whether the whole record is lost, and not only the line of a quote that is left open. */
  whole: boolean;
}

/**
 * Reads a record with a quote somewhere in its first line, from `start`; it may go on over several lines. Undefined when
 * its end is not in `text` and there is more to come. Each character is looked at a fixed number of times.
 */
export function readQuotedRecord(text: string, start: number, final: boolean, dialect: RecordForm): QuotedRecord | QuotedFault | undefined {
  const { delimiter, newline, quote = '"', trim = false } = dialect;
  const blank = (at: number) => trim && text[at] !== delimiter && (text[at] === ' ' || text[at] === '\t');
  const fields: string[] = [];
  let position = start;
  let lines = 1;
  let nextNewline = -1;
  for (;;) {
    let afterField: number;
    let first = position;
    while (blank(first)) first++;
    if (text[first] === quote) {
      position = first;
      const close = closingQuote(text, position + 1, quote);
      // The very last character so far may be the first half of a doubled quote, or a carriage return before a line feed.
      if (close < 0 || (!final && close + 2 >= text.length)) {
        if (!final) return undefined;
        if (close < 0) return neverClosed(text, position, fields.length + 1, lines, newline);
      }
      const value = text.slice(position + 1, close);
      afterField = close + 1;
      while (blank(afterField)) afterField++;
      const following = text[afterField];
      const inside = count(value, newline);
      const end = endOfLine(text, afterField, newline);
      if (end === text.length && !final) return undefined;
      if (following !== undefined && following !== delimiter && end === undefined) {
        // A quote that opens a field, met inside of one that began in an earlier line: that one's quote was left open.
        const opener = text[close - 1] ?? '';
        if (inside > 0 && (opener === delimiter || opener === '\n' || opener === '\r')) {
          return neverClosed(text, position, fields.length + 1, lines, newline);
        }
        return textBehindQuote(text, start, final, fields.length + 1, following, dialect);
      }
      fields.push(value.includes(quote) ? value.replaceAll(quote + quote, quote) : value);
      lines += inside;
    } else {
      if (nextNewline < position) nextNewline = indexOrEnd(text, newline, position);
      const nextDelimiter = indexBefore(text, delimiter, position, nextNewline);
      afterField = Math.min(nextDelimiter, nextNewline);
      if (afterField === text.length && !final) return undefined;
      const end = afterField === nextNewline ? withoutReturns(text, position, afterField, newline) : afterField;
      fields.push(text.slice(position, end));
      if (afterField === nextNewline) return { fields, end, next: Math.min(afterField + 1, text.length), lines };
    }
    if (text[afterField] === delimiter) position = afterField + 1;
    else return { fields, end: afterField, next: Math.min((endOfLine(text, afterField, newline) ?? text.length) + 1, text.length), lines };
  }
}

/** The line that the quote is in is lost, and nothing behind it. */
function neverClosed(text: string, quote: number, field: number, lines: number, newline: string): QuotedFault {
  const end = text.indexOf(newline, quote);
  return { fault: `a quote is opened in field ${field} and not closed`, next: end < 0 ? text.length : end + 1, lines, whole: false };
}

/** The whole record is lost, however many lines its fields have. */
function textBehindQuote(text: string, start: number, final: boolean, field: number, following: string, dialect: RecordForm): QuotedFault | undefined {
  const fault = `expected a delimiter after the closing quote of field ${field}, got: ${JSON.stringify(following)}`;
  const skipper = new RecordSkipper(dialect);
  const skipped = skipper.feed(text, start);
  if (skipped.kind === 'end') return { fault, next: skipped.next, lines: skipper.lines, whole: true };
  if (skipped.kind === 'open' && !final) return undefined;
  // A later quote is left open: the line that it is in is the last that is lost.
  const { bytes, lines } = skipper.opened;
  if ((skipped.kind === 'forgotten' || skipper.quoted) && bytes > 0) return { fault, next: start + bytes, lines, whole: false };
  return { fault, next: text.length, lines: skipper.lines + 1, whole: true };
}

/** The line end, or the text's, that follows at `position`; carriage returns in front of it are part of it. Undefined where there is something else. */
function endOfLine(text: string, position: number, newline: string): number | undefined {
  let end = position;
  if (newline === '\n') while (text[end] === '\r') end++;
  return end === text.length || text[end] === newline ? end : undefined;
}

/** Where a field ends that begins at `start` and goes on to the end of its line. Carriage returns belong to that: Python writes two of them where a file is open as text on Windows. */
export function withoutReturns(text: string, start: number, end: number, newline: string): number {
  let last = end;
  if (newline === '\n') while (last > start && text[last - 1] === '\r') last--;
  return last;
}

/** The quote that ends a field whose text begins at `from`: the first that is not doubled; -1 when there is none. */
function closingQuote(text: string, from: number, quote: string): number {
  for (let position = text.indexOf(quote, from); position >= 0; position = text.indexOf(quote, position + 2)) {
    if (text[position + 1] !== quote) return position;
  }
  return -1;
}

function indexOrEnd(text: string, sought: string, from: number): number {
  const index = text.indexOf(sought, from);
  return index < 0 ? text.length : index;
}

/** As indexOf, but looks no further than `end`: a search to the end of the text for each record would be quadratic. */
function indexBefore(text: string, sought: string, from: number, end: number): number {
  const code = sought.charCodeAt(0);
  for (let position = from; position < end; position++) if (text.charCodeAt(position) === code) return position;
  return end;
}

function count(text: string, sought: string): number {
  let found = 0;
  for (let index = text.indexOf(sought); index >= 0; index = text.indexOf(sought, index + 1)) found++;
  return found;
}
