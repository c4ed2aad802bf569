import { randomUUID } from 'node:crypto';
import { findJsonFault } from './json-limits.js';

/** Text that is known to be JSON which a store can keep. */
export type JsonText = string & { readonly __brand: 'JsonText' };

/** What is met while {@link writeJson} writes. */
let met: JsonText[] | undefined;
/** Stands where raw text belongs. No other text can be it, for nobody outside ever sees it. */
const PLACE = randomUUID();

/** `JSON.stringify`, but what is {@link RawJson} in the value, at any depth, is written as it is. For what we made ourselves, such as views. */
export function writeJson(value: unknown): string {
  const texts: JsonText[] = [];
  met = texts;
  let written: string;
  try {
    written = JSON.stringify(value);
  } finally {
    met = undefined;
  }
  if (texts.length === 0) return written;
  const [first, ...rest] = written.split(`"${PLACE}"`) as [string, ...string[]];
  return first + rest.map((part, index) => `${texts[index] as string}${part}`).join('');
}

/** JSON that is written into a result as it is, not read into numbers on the way. Made by {@link rawJson}. */
export class RawJson {
  /** `text` is trusted; what comes from outside goes through {@link rawJson}. */
  constructor(readonly text: JsonText) {}

  /** For writers that know nothing of it: the value, as far as JavaScript's numbers can hold it. */
  toJSON(): unknown {
    if (met) {
      met.push(this.text);
      return PLACE;
    }
    return JSON.parse(this.text);
  }
}

/**
 * Stands for the value whose JSON is `text`, in what a handler returns: `{ row: rawJson(line) }`. Written digit by digit, so that
 * numbers beyond 2^53, or with more digits than JavaScript keeps, arrive as they are. Throws a `TypeError` when `text` is not
 * JSON that can be stored.
 */
export function rawJson(text: string): RawJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TypeError(`expected rawJson() to get the text of a JSON value, got: ${String(cause)}`, { cause });
  }
  const fault = findJsonFault(value);
  if (fault) throw new TypeError(`expected rawJson() to get JSON that can be stored, got one of which ${fault.pointer || 'the value'} ${fault.detail}`);
  return new RawJson(text as JsonText);
}
