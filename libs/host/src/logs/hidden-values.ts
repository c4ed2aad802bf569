import { REDACTED } from './hide-secrets.js';

/** A shorter one occurs everywhere. It is left out where it stands under its own path. */
const SHORTEST = 3;
/** So much of the beginning of a longer value counts as the value: whoever quotes it may have cut it. */
const BEGINNING = 32;
/** The same at the end of a text, where it was cut. With less, the end of many a sentence would be the beginning of some value. */
const BEGINNING_AT_END = 8;

/**
 * Finds values in texts, however many there are: each position of a text is looked up by its first three characters.
 *
 * A value is found whole, in the spelling of JSON and of URLs too, and where it was cut: at the end of a text, before an ellipsis, or after
 * {@link BEGINNING} characters. A value of digits is found where no other digit is beside it.
 */
export class HiddenValues {
  private readonly byStart = new Map<string, Map<string, number>>();

  /** Hides the value until `drop` is called as often. */
  add(value: string): void {
    for (const spelling of spellings(value)) {
      const start = spelling.slice(0, SHORTEST);
      const values = this.byStart.get(start) ?? new Map<string, number>();
      this.byStart.set(start, values);
      values.set(spelling, (values.get(spelling) ?? 0) + 1);
    }
  }

  drop(value: string): void {
    for (const spelling of spellings(value)) {
      const start = spelling.slice(0, SHORTEST);
      const values = this.byStart.get(start);
      const left = (values?.get(spelling) ?? 0) - 1;
      if (left > 0) values?.set(spelling, left);
      else values?.delete(spelling);
      if (values?.size === 0) this.byStart.delete(start);
    }
  }

  has(value: string): boolean {
    return this.byStart.get(value.slice(0, SHORTEST))?.has(value) ?? false;
  }

  /** The text with `[redacted]` in place of each value. */
  hideIn(text: string): string {
    if (this.byStart.size === 0) return text;
    let shown = '';
    let from = 0;
    for (let at = 0; at + SHORTEST <= text.length; at++) {
      const length = this.lengthAt(text, at);
      if (length === 0) continue;
      shown += text.slice(from, at) + REDACTED;
      from = at + length;
      at = from - 1;
    }
    return from === 0 ? text : shown + text.slice(from);
  }

  private lengthAt(text: string, at: number): number {
    const values = this.byStart.get(text.slice(at, at + SHORTEST));
    let longest = 0;
    for (const value of values?.keys() ?? []) {
      const common = commonLength(text, at, value);
      const end = at + common;
      const cut = common >= BEGINNING || (common >= BEGINNING_AT_END && (end === text.length || text[end] === '…'));
      if (common > longest && (common === value.length || cut) && !isWithinNumber(text, at, end, value)) longest = common;
    }
    return longest;
  }
}

function commonLength(text: string, at: number, value: string): number {
  let length = SHORTEST;
  while (length < value.length && text[at + length] === value[length]) length++;
  return length;
}

const DIGIT = /^\d$/;

function isWithinNumber(text: string, at: number, end: number, value: string): boolean {
  return /^\d+$/.test(value) && (DIGIT.test(text[at - 1] ?? '') || DIGIT.test(text[end] ?? ''));
}

/** The value as it stands in a text, in JSON within a text, in one line, and in a URL. */
function spellings(value: string): Set<string> {
  const sound = value.toWellFormed();
  const all = [value, sound, JSON.stringify(value).slice(1, -1), value.replaceAll(/\s+/g, ' ').trim(), encodeURIComponent(sound)];
  return new Set(all.filter((spelling) => spelling.length >= SHORTEST));
}
