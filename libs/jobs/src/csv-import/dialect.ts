import { NonRetryableError } from '@app/sdk';

/** How a file separates its records and fields, and where its first record begins. */
export interface Dialect {
  delimiter: string;
  newline: '\n' | '\r';
  /** Bytes of a byte order mark, to be skipped. */
  bomBytes: 0 | 3;
}

const DELIMITERS = [',', ';', '\t', '|'];
const UTF8_BOM = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Reads the dialect off the beginning of a file: the delimiter is the candidate that its first line has most of,
 * outside quotes, unless it is given. Throws a NonRetryableError for UTF-16, which spreadsheets export as "Unicode text".
 */
export function sniffDialect(head: Buffer, delimiter?: string): Dialect {
  const [first, second] = head;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw new NonRetryableError('expected a file in UTF-8, got UTF-16: save it as "CSV UTF-8" and upload that', { code: 'unsupported_encoding' });
  }
  const bomBytes = head.subarray(0, 3).equals(UTF8_BOM) ? 3 : 0;
  const text = head.toString('latin1', bomBytes);
  const newline = text.includes('\n') || !text.includes('\r') ? '\n' : '\r';
  return { delimiter: delimiter ?? mostFrequentDelimiter(text, newline), newline, bomBytes };
}

function mostFrequentDelimiter(text: string, newline: string): string {
  const counts = new Map(DELIMITERS.map((candidate) => [candidate, 0]));
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    if (quoted) continue;
    if (character === newline) break;
    const count = counts.get(character);
    if (count !== undefined) counts.set(character, count + 1);
  }
  let best = ',';
  for (const [candidate, count] of counts) if (count > (counts.get(best) ?? 0)) best = candidate;
  return best;
}
