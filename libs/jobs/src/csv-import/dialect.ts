import { NonRetryableError } from '@app/sdk';

/** How a file separates its records and fields, and where its first record begins. */
export interface Dialect {
  delimiter: string;
  newline: '\n' | '\r';
  /** Behind a byte order mark and a line that names the delimiter. */
  begin: { offset: number; line: number };
}

const DELIMITERS = [',', ';', '\t', '|'];
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
 * Reads the dialect off the beginning of a file: the delimiter is the candidate that its first line has most of,
 * outside quotes, unless it is given or the file itself names it. Throws a NonRetryableError for what is no CSV file, and for UTF-16, which spreadsheets export as
 * "Unicode text".
 */
export function sniffDialect(head: Buffer, delimiter?: string): Dialect {
  const [first, second] = head;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new NonRetryableError('expected a file in UTF-8, got UTF-16: save it as "CSV UTF-8" and upload that', { code: 'unsupported_encoding' });
  }
  const bomBytes = head.subarray(0, 3).equals(UTF8_BOM) ? 3 : 0;
  const text = head.toString('latin1', bomBytes);
  const other = OTHERS.find(([begin]) => (typeof begin === 'string' ? text.startsWith(begin) : begin.test(text)))?.[1];
  if (other !== undefined) throw new NonRetryableError(`expected a CSV file, got ${other}`, { code: 'unsupported_format' });
  const [line = '', named] = SEPARATOR_LINE.exec(text) ?? [];
  const rest = text.slice(line.length);
  return {
    delimiter: delimiter ?? named ?? mostFrequentDelimiter(rest),
    newline: newlineOf(text),
    begin: { offset: bomBytes + line.length, line: line === '' ? 1 : 2 },
  };
}

/** What ends the first line: a line break in quotes is none, and may be another than those between records. */
function newlineOf(text: string): Dialect['newline'] {
  const plain = text.replaceAll(/"[^"]*"/g, '');
  const looked = /[\r\n]/.test(plain) ? plain : text;
  return looked.includes('\n') || !looked.includes('\r') ? '\n' : '\r';
}

/** In the first line that is not blank. */
function mostFrequentDelimiter(text: string): string {
  const counts = new Map(DELIMITERS.map((candidate) => [candidate, 0]));
  let quoted = false;
  for (const character of text.replace(/^[\r\n]+/, '')) {
    if (character === '"') quoted = !quoted;
    if (quoted) continue;
    if (character === '\n' || character === '\r') break;
    const count = counts.get(character);
    if (count !== undefined) counts.set(character, count + 1);
  }
  let best = ',';
  for (const [candidate, count] of counts) if (count > (counts.get(best) ?? 0)) best = candidate;
  return best;
}
