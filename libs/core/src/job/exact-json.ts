import { type JsonText } from './json-text.js';
import { RawJson } from './raw-json.js';
import { endOfString } from './scan-json.js';

/** A JSON value whose numbers are the literals that stand in its text. */
export type ExactValue = string | boolean | null | RawJson | ExactValue[] | Map<string, ExactValue>;

/** Text that may hold a number which another form than its own stands for: with 16 digits or more, a fraction, an exponent, or minus zero. */
const UNUSUAL_NUMBER = /[0-9](?:[.eE]|[0-9]{15})|-0/;
const SPACE = ' \t\n\r';
const OF_A_NUMBER = '0123456789+-.eE';
/** A double has no more significant digits than this. */
const LONGEST_EXACT = 800;

/** Whether reading the text into numbers and writing it again may change a literal. Cheap; sometimes true for digits in a string. */
export function mayHoldUnusualNumber(text: string): boolean {
  return UNUSUAL_NUMBER.test(text);
}

/**
 * Reads a text that is known to be JSON of bounded depth. `duplicate` is told of each name that an object has twice; the last
 * one counts, as with `JSON.parse`.
 */
export function readExactJson(text: string, duplicate: (name: string) => void = () => undefined): ExactValue {
  let at = 0;
  // By hand: a pattern keeps a way back for each character that it has passed.
  const take = (characters: string): string => {
    const from = at;
    while (at < text.length && characters.includes(text.charAt(at))) at++;
    return text.slice(from, at);
  };
  const space = () => void take(SPACE);

  const string = (): string => {
    const from = at;
    at = endOfString(text, at) + 1;
    return JSON.parse(text.slice(from, at)) as string;
  };

  const list = (end: string, member: () => void): void => {
    at++;
    space();
    while (text[at] !== end) {
      member();
      space();
      if (text[at] === ',') at++;
      space();
      if (at >= text.length) throw new SyntaxError('expected the text to be JSON');
    }
    at++;
  };

  const value = (): ExactValue => {
    space();
    switch (text[at]) {
      case '{': {
        const object = new Map<string, ExactValue>();
        list('}', () => {
          const name = string();
          if (object.has(name)) duplicate(name);
          space();
          at++;
          object.set(name, value());
        });
        return object;
      }
      case '[': {
        const array: ExactValue[] = [];
        list(']', () => array.push(value()));
        return array;
      }
      case '"':
        return string();
      case 't':
        at += 4;
        return true;
      case 'f':
        at += 5;
        return false;
      case 'n':
        at += 4;
        return null;
      default: {
        const literal = take(OF_A_NUMBER);
        if (literal === '') throw new SyntaxError('expected the text to be JSON');
        return new RawJson(literal as JsonText);
      }
    }
  };
  return value();
}

/** The first number literal of a text that stands for another value once it is read into a double, or undefined. */
export function inexactLiteral(text: string): string | undefined {
  if (!mayHoldUnusualNumber(text)) return undefined;
  const stack: ExactValue[] = [readExactJson(text)];
  while (stack.length > 0) {
    const value = stack.pop();
    if (value instanceof RawJson) {
      if (!isExact(value.text)) return value.text;
    } else if (Array.isArray(value)) for (const element of value) stack.push(element);
    else if (value instanceof Map) for (const member of value.values()) stack.push(member);
  }
  return undefined;
}

/** Whether the double nearest to a literal is written with the same significant digits at the same place. */
function isExact(literal: string): boolean {
  const number = Number(literal);
  if (!Number.isFinite(number) || literal.length > LONGEST_EXACT) return false;
  // Fifteen digits always come back, as long as the exponent is in reach.
  if (literal.length <= 15 && !/[eE]/.test(literal)) return true;
  return decimal(literal) === decimal(String(number));
}

/** Sign, significant digits and exponent of a literal, in one form. */
function decimal(literal: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal) ?? [];
  const digits = trimmed(whole + fraction);
  if (digits.text === '') return '0';
  return `${sign}${digits.text}e${BigInt(exponent.slice(0, 30)) - BigInt(fraction.length) + BigInt(digits.zerosBehind)}`;
}

function trimmed(digits: string): { text: string; zerosBehind: number } {
  let [start, end] = [0, digits.length];
  while (start < end && digits[start] === '0') start++;
  while (end > start && digits[end - 1] === '0') end--;
  return { text: digits.slice(start, end), zerosBehind: digits.length - end };
}
