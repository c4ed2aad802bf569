import { findJsonFault, MAX_JSON_DEPTH } from '../job/json-limits.js';
import { type ExactValue, readExactJson } from '../job/exact-json.js';
import { canonicalJson } from '../job/fingerprint.js';
import { RawJson } from '../job/raw-json.js';
import { scanJson } from '../job/scan-json.js';

/** Of the text of the condition. */
const LONGEST = 4_000;
/** PostgreSQL compares numbers of up to 131,072 digits before the point and 16,383 behind it; with this no number that fits into the text goes beyond. */
const LARGEST_EXPONENT = 10_000;

/**
 * What the payload of a job has to hold, as the text of a JSON object: each of its members, at the same place, with whatever beside them. Numbers are compared
 * by their digits, so the text is never read into doubles. An object, as in a body, is written by its members, and its text in `exact` counts where it is given.
 *
 * Returns the text, or what it would have to be. Whatever passes here can be compared by PostgreSQL, so that no condition fails a statement.
 */
export function readPayloadCondition(value: unknown, exact?: string): { text: string } | { expected: string } {
  const expected = (what: string) => ({ expected: `a JSON object ${what}` });
  const text = typeof value === 'string' ? value.trim() : (exact ?? (isObject(value) ? JSON.stringify(value) : ''));
  if (text.length > LONGEST) return expected(`of ${LONGEST} characters at most`);
  if (scanJson(text, { maxMembers: LONGEST }).depth > MAX_JSON_DEPTH) return expected(`that is nested ${MAX_JSON_DEPTH} levels deep at most`);
  const parsed = parse(text);
  // An empty one is in every payload: mostly its members were forgotten, and without it the list is the same.
  if (!isObject(parsed) || Object.keys(parsed).length === 0) return expected('with a member at least, such as {"customer":7}');
  const fault = findJsonFault(parsed);
  if (fault) return expected(`that PostgreSQL can compare; it ${fault.detail}${fault.pointer === '' ? '' : ` at ${fault.pointer}`}`);
  const doubled: string[] = [];
  const read = readExactJson(text, (name) => doubled.push(name));
  if (doubled.length > 0) return expected('that has every name once');
  if (hasHugeNumber(read)) return expected(`whose numbers have exponents from -${LARGEST_EXPONENT} to ${LARGEST_EXPONENT}`);
  return { text: canonicalJson(read) };
}

/** The text of a member of an object, with its numbers digit by digit; undefined where there is none. `text`: known to be JSON. */
export function exactMember(text: string | undefined, name: string): string | undefined {
  if (text === undefined) return undefined;
  const value = readExactJson(text);
  const member = value instanceof Map ? value.get(name) : undefined;
  return member === undefined ? undefined : canonicalJson(member);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function hasHugeNumber(value: ExactValue): boolean {
  if (value instanceof RawJson) return Math.abs(Number(/[eE](.*)$/.exec(value.text)?.[1] ?? 0)) > LARGEST_EXPONENT;
  if (Array.isArray(value)) return value.some(hasHugeNumber);
  return value instanceof Map && [...value.values()].some(hasHugeNumber);
}
