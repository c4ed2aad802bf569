import type { JsonText } from './json-text.js';

/** From here on a payload that came as bytes is stored as them. */
const LARGE = 65_536;

/**
 * A large JSON text as the bytes of its UTF-8, on its way from a door to the store. A string of that size is collected late by V8, and would be
 * encoded again.
 */
export class JsonBytes {
  constructor(readonly bytes: Buffer) {}

  get length(): number {
    return this.bytes.length;
  }

  get text(): JsonText {
    return this.bytes.toString() as JsonText;
  }
}

/** Whether it pays to keep the bytes of a text and not the text itself. */
export function isLargeText(text: string): boolean {
  return text.length >= LARGE;
}

export function textOf(json: JsonText | JsonBytes): JsonText {
  return json instanceof JsonBytes ? json.text : json;
}
