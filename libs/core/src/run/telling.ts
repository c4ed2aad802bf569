import { types } from 'node:util';
import { describeError, lineOf } from '../job/error-description.js';
import type { JsonValue, Progress } from '../job/job.js';
import { findJsonFault } from '../job/json-limits.js';
import type { LogLine } from '../watch/events.js';

const MAX_MESSAGE = 2_000;
const MAX_FIELDS = 6_000;
/** Beyond this the fields are not even written out: what does not fit by far need not cost the handler's time. */
const MAX_WORK = { members: 10_000, characters: 1_000_000 };
const MAX_PROGRESS_MESSAGE = 500;

/** A handler's line as a store can take it: bounded, printable, plain JSON. Never throws, whatever was told. */
export function logLine(message: unknown, fields: unknown): LogLine {
  return { level: 'info', message: lineOf(message, MAX_MESSAGE), fields: { ...ofMessage(message), ...fieldsOf(fields) } };
}

/**
 * What a handler says of its progress, as a store can take it; undefined when nothing of it can be used. `before` is what it
 * said last: its count stands where the new one is no number. Never throws, whatever was told.
 */
export function toldProgress(told: unknown, before: Progress | undefined): Progress | undefined {
  try {
    const { done, total, message } = (typeof told === 'object' && told !== null ? told : { done: told }) as { [Name in keyof Progress]: unknown };
    const known = { done: count(done) ?? before?.done, total: count(total), message: message ?? undefined };
    if (known.done === undefined) return undefined;
    if (count(done) === undefined && known.message === undefined) return undefined;
    return {
      done: known.done,
      ...(known.total === undefined ? {} : { total: known.total }),
      ...(known.message === undefined ? {} : { message: lineOf(known.message, MAX_PROGRESS_MESSAGE) }),
    };
  } catch {
    return undefined;
  }
}

function count(value: unknown): number | undefined {
  const number = typeof value === 'bigint' ? Number(value) : value;
  // Not -0, which JSON does not have.
  return typeof number === 'number' && Number.isFinite(number) ? number + 0 : undefined;
}

/** An error told as the line itself: what it says beyond its message. */
function ofMessage(message: unknown): { [name: string]: JsonValue } {
  return types.isNativeError(message) ? { err: errorField(message) } : {};
}

function errorField(error: unknown): JsonValue {
  const { name, message } = describeError(error);
  return { name, message };
}

function fieldsOf(fields: unknown): { [name: string]: JsonValue } {
  if (fields === undefined || fields === null) return {};
  try {
    const named = typeof fields === 'object' && !Array.isArray(fields) && !types.isNativeError(fields) ? fields : { value: fields };
    return plain(named);
  } catch (error) {
    return { omitted: `the fields are no JSON: ${lineOf(error, 200)}` };
  }
}

function plain(fields: object): { [name: string]: JsonValue } {
  const left = { ...MAX_WORK };
  const text = JSON.stringify(fields, (_, value: unknown) => {
    left.members--;
    if (typeof value === 'string') left.characters -= value.length;
    if (left.members < 0 || left.characters < 0) throw new RangeError('they are too many or too long');
    return types.isNativeError(value) ? errorField(value) : value;
  });
  if (text.length > MAX_FIELDS) return { omitted: `the fields have ${text.length} characters, ${MAX_FIELDS} are kept` };
  const value = JSON.parse(text) as JsonValue;
  // What has a toJSON may have become anything.
  const named = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : { value };
  const fault = findJsonFault(named);
  return fault ? { omitted: `the fields cannot be stored: ${fault.pointer} ${fault.detail}` } : named;
}
