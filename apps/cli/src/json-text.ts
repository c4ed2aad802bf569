import { NumberText, readJson } from '@app/client';
import { UsageError } from './usage.js';

const UTF_8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The text of a file or of stdin, without a byte order mark. Bytes that are no UTF-8 are refused, as the gateway would refuse them: read leniently they would
 * become question marks, and be submitted so. `what` names the text in messages.
 */
export function utf8(bytes: Uint8Array, what: string): string {
  const [first, second] = bytes;
  // What `>` of Windows PowerShell writes.
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw new UsageError(`expected ${what} to be UTF-8, got UTF-16: save it as UTF-8`);
  try {
    return UTF_8.decode(bytes);
  } catch {
    throw new UsageError(`expected ${what} to be UTF-8, got other bytes: save it as UTF-8`);
  }
}

/** Reads JSON whose numbers keep all digits. A name that one object has twice is refused, as the gateway would refuse it: here the last one would win unseen. */
export function readExactly(text: string, what: string): unknown {
  try {
    // Its message is of the text as it was written.
    const value: unknown = JSON.parse(text);
    if (namesOf(value) !== colonsOf(text)) throw new SyntaxError('an object with a name twice');
  } catch (error) {
    throw new UsageError(`expected ${what} to be JSON, got: ${(error as Error).message}`);
  }
  return readJson(text, (literal) => new NumberText(literal));
}

/** How many members all objects have together. */
function namesOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const members: unknown[] = Object.values(value);
  return members.reduce((sum: number, member) => sum + namesOf(member), Array.isArray(value) ? 0 : members.length);
}

/** The colons outside of the strings of a JSON text: one for each member that is written. */
function colonsOf(text: string): number {
  return text.replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"/g, '').split(':').length - 1;
}
