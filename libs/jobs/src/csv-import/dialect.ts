import { NonRetryableError } from '@app/sdk';

/** How a file separates its records and fields, and where its first record begins. */
export interface Dialect extends RecordForm {
  /** Behind a byte order mark, a line that names the delimiter, and lines that are to be skipped. */
  begin: { offset: number; line: number };
}

export interface RecordForm {
  delimiter: string;
  newline: '\n' | '\r';
  /** What encloses fields; empty where nothing does. `"` when left out. */
  quote?: string | undefined;
  /** The begin of a line that is no record. */
  comment?: string | undefined;
  /** Blanks around a quoted field do not count. */
  trim?: boolean | undefined;
}

/** What is said of a file; the rest is read off its beginning. */
export interface GivenDialect extends Omit<RecordForm, 'newline' | 'delimiter'> {
  delimiter?: string | undefined;
  /** Lines before the header. */
  skipLines?: number | undefined;
}

const DELIMITERS = [',', ';', '\t', '|'];
/** From which the delimiter is told. */
const LINES = 30;
const UTF8_BOM = Buffer.from([0xef, 0xbb, 0xbf]);
/** The line with which Excel begins a file to say how it divides fields. It is none of the table. */
const SEPARATOR_LINE = /^"?sep=([\t !#$%&'()*+,./:;<=>?@[\\\]^_`{|}~-])"?(?:\r+\n|\n|\r)/i;

/** What people upload in place of a CSV file. Read as one, some of these would be imported without an error, as one column or as none. */
const OTHERS: readonly (readonly [begin: string | RegExp, what: string])[] = [
  ['PK\x03\x04', 'a ZIP or XLSX file: save the sheet as "CSV UTF-8", or unpack it'],
  ['\xd0\xcf\x11\xe0', 'an XLS file: save the sheet as "CSV UTF-8"'],
  ['\x1f\x8b', 'a gzip file: unpack it'],
  ['\xfd7zXZ', 'a compressed file: unpack it'],
  ['(\xb5/\xfd', 'a compressed file: unpack it'],
  [/^BZh\d1AY/, 'a compressed file: unpack it'],
  ['%PDF-', 'a PDF file'],
  [/^\s*(?:\{\s*"(?:[^"\\]|\\.)*"\s*:|\[\s*(?:\{\s*"|\[))/, 'JSON'],
  [/^\s*<(?:!doctype|\?xml|html)\b/i, 'a web page or XML'],
];

/**
 * Reads the dialect off the beginning of a file, in UTF-8: the delimiter is the candidate of which most of its first lines have the same number, outside quotes, unless
 * it is given or the file itself names it. Throws a NonRetryableError for what is no CSV file.
 */
export function sniffDialect(head: Buffer, { delimiter, skipLines = 0, ...form }: GivenDialect = {}): Dialect {
  const bomBytes = head.subarray(0, 3).equals(UTF8_BOM) ? 3 : 0;
  const text = head.toString('latin1', bomBytes);
  refuseOthers(head);
  const quote = form.quote ?? '"';
  const [line = '', named] = SEPARATOR_LINE.exec(text) ?? [];
  const newline = newlineOf(text, quote);
  const skipped = lengthOfLines(text.slice(line.length), skipLines, newline);
  const rest = text.slice(line.length + skipped);
  return {
    ...form,
    delimiter: delimiter ?? named ?? commonDelimiter(rest, { ...form, quote, newline }),
    newline,
    begin: { offset: bomBytes + line.length + skipped, line: 1 + (line === '' ? 0 : 1) + skipLines },
  };
}

/** Throws a NonRetryableError for what is no CSV file, by its first bytes. */
export function refuseOthers(head: Buffer): void {
  const text = head.toString('latin1', head.subarray(0, 3).equals(UTF8_BOM) ? 3 : 0);
  const other = OTHERS.find(([begin]) => (typeof begin === 'string' ? text.startsWith(begin) : begin.test(text)))?.[1];
  if (other !== undefined) throw new NonRetryableError(`expected a CSV file, got ${other}`, { code: 'unsupported_format' });
}

function lengthOfLines(text: string, lines: number, newline: string): number {
  let length = 0;
  for (let line = 0; line < lines; line++) {
    const end = text.indexOf(newline, length);
    if (end < 0) {
      throw new NonRetryableError(`expected more than the ${lines} lines of skipLines in the first 64 KiB of the file, got ${line + 1}`, {
        code: 'bad_header',
      });
    }
    length = end + 1;
  }
  return length;
}

/** What ends the first line: a line break in quotes is none, and may be another than those between records. */
function newlineOf(text: string, quote: string): Dialect['newline'] {
  const plain = quote === '' ? text : text.replaceAll(new RegExp(`${quote}[^${quote}]*${quote}`, 'g'), '');
  const looked = /[\r\n]/.test(plain) ? plain : text;
  return looked.includes('\n') || !looked.includes('\r') ? '\n' : '\r';
}

/**
 * A title may stand above the header, and text may have more commas than its file has fields: what divides the fields is
 * there as often in most lines. Of two candidates that is the one that the first line has more of, and the first of them.
 */
function commonDelimiter(text: string, form: Omit<RecordForm, 'delimiter'>): string {
  const lines = firstLines(text, form);
  const scores = DELIMITERS.map((candidate) => {
    const counts = lines.map((found) => found.get(candidate) ?? 0);
    const alike = Math.max(0, ...counts.filter((count) => count > 0).map((count) => counts.filter((other) => other === count).length));
    return { candidate, alike, inFirst: counts[0] ?? 0 };
  });
  const [best] = scores.toSorted((a, b) => b.alike - a.alike || b.inFirst - a.inFirst);
  return best && best.alike > 0 ? best.candidate : ',';
}

/** How often each candidate is in the first records, outside quotes. */
function firstLines(text: string, { quote = '"', comment, newline }: Omit<RecordForm, 'delimiter'>): Map<string, number>[] {
  const lines: Map<string, number>[] = [];
  for (let position = 0; position < text.length && lines.length < LINES;) {
    const counts = new Map<string, number>();
    const begin = position;
    let quoted = false;
    for (let previous = newline as string; position < text.length; position++) {
      const character = text.charAt(position);
      if (quoted) quoted = character !== quote;
      // A quote opens a field at its begin alone; inches are text. One that is doubled closes and opens again.
      else if (character === quote && quote !== '' && (previous === quote || previous === newline || previous === ' ' || DELIMITERS.includes(previous)))
        quoted = true;
      else if (character === newline) break;
      else if (DELIMITERS.includes(character)) counts.set(character, (counts.get(character) ?? 0) + 1);
      previous = character;
    }
    const whole = position < text.length || lines.length === 0;
    const line = text.slice(begin, position).trim();
    position++;
    if (whole && line !== '' && !(comment !== undefined && line.startsWith(comment))) lines.push(counts);
  }
  return lines;
}
