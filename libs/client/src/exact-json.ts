import { randomKey } from './random-key.js';

/** A number with the digits it was written with: `12345678901234567890`, `1.0`, `1e400`. {@link writeJson} writes the same digits. */
export class NumberText {
  constructor(readonly text: string) {}

  /** The nearest JavaScript number, for `JSON.stringify`, which does not know this class. */
  toJSON(): number {
    return Number(this.text);
  }
}

/** Makes a value of a number that a JavaScript number would change. */
export type ReadNumber = (literal: string) => unknown;

/** A `bigint` for a whole number beyond 2^53, for any other the number that is nearest. */
export function exactInteger(literal: string): unknown {
  return /^-?\d+$/.test(literal) && !Number.isSafeInteger(Number(literal)) ? BigInt(literal) : Number(literal);
}

/** Marks a string that is a number. It is random and never leaves this process, so no other text begins with it. */
const MARK = `number-${randomKey()}:`;
const MARKED = new RegExp(`"${MARK}([^"]*)"`, 'g');

/** `JSON.parse`, except that `read` makes the values of numbers that would lose digits. Takes linear time; throws a SyntaxError as `JSON.parse` does. */
export function readJson(text: string, read: ReadNumber): unknown {
  const marked = markNumbers(text);
  if (marked === text) return JSON.parse(text);
  return JSON.parse(marked, (_, value: unknown) => (typeof value === 'string' && value.startsWith(MARK) ? read(value.slice(MARK.length)) : value));
}

/** `JSON.stringify`, except that a `bigint` and a {@link NumberText} keep all digits. */
export function writeJson(value: unknown, space?: number): string {
  const met = { any: false };
  function replace(this: unknown, name: string, member: unknown): unknown {
    // JSON.stringify has called toJSON, so a NumberText is a number by now.
    const own: unknown = (this as Record<string, unknown>)[name];
    if (typeof member !== 'bigint' && !(own instanceof NumberText)) return member;
    met.any = true;
    return MARK + (own instanceof NumberText ? own.text : String(member));
  }
  const text = JSON.stringify(value, replace, space);
  return met.any ? text.replace(MARKED, '$1') : text;
}

/** The unchanged JSON text of a member of the object in `text`; undefined when it has no such member. */
export function memberText(text: string, name: string): string | undefined {
  let depth = 0;
  let found: number | undefined;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === '"') {
      const end = endOfString(text, at);
      if (depth === 1 && found === undefined && text.slice(at, end) === JSON.stringify(name)) {
        const colon = /\s*:/y;
        colon.lastIndex = end;
        if (colon.test(text)) found = at = colon.lastIndex;
        else at = end;
        at--;
        continue;
      }
      at = end - 1;
    } else if (letter === '{' || letter === '[') depth++;
    else if (letter === '}' || letter === ']') depth--;
    if (found !== undefined && ((letter === ',' && depth === 1) || depth === 0)) return text.slice(found, at).trim();
  }
  return undefined;
}

function markNumbers(text: string): string {
  let marked = '';
  let copied = 0;
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at);
    if (code === 0x22) {
      at = endOfString(text, at);
    } else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      NUMBER.lastIndex = at;
      const literal = NUMBER.exec(text)?.[0] ?? '';
      if (literal !== '' && String(Number(literal)) !== literal) {
        marked += `${text.slice(copied, at)}"${MARK}${literal}"`;
        copied = at + literal.length;
      }
      at += literal.length || 1;
    } else at++;
  }
  return copied === 0 ? text : marked + text.slice(copied);
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** The index after the closing quote of the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
  return text.length;
}
