import { type Duration, parseDuration } from '../kit/duration.js';
import { PRINTABLE } from '../kit/printable.js';
import { got } from './errors.js';
import { parseTime } from './time.js';

/** Which of two jobs with one unique key stays: the one that waits, or the new one, which takes its place. */
export const KEEPS = ['oldest', 'newest'] as const;
export type Keep = (typeof KEEPS)[number];

/** At most one job of its kind with this key waits. */
export type UniqueOption = {
  key: string;
  /** Left out, `oldest`. */
  keep?: Keep;
};

interface Bounds {
  min: number;
  max: number;
}

/** When a job may start, as it was chosen. */
export interface ChosenStart {
  /** Not before this time; wins over `delayMs`. */
  runAt: Date | null;
  /** Not before this many milliseconds from now, by the store's clock. */
  delayMs: number | null;
  /** It fails if it has not started by this time; absent for most jobs. */
  startBefore?: Date;
  /** The same, so many milliseconds from now, by the store's clock. Only one of the two is there. */
  startWithinMs?: number;
}

/** Reads until when a job must have started. */
export function boundStart(
  chosen: ChosenStart,
  given: Duration,
  { min, max }: Bounds,
  now: number,
  fault: (name: 'startBefore', detail: string) => void,
): void {
  const time = typeof given === 'string' ? parseTime(given) : undefined;
  const within = time === undefined ? parseDuration(given) : time.getTime() - now;
  if (within === undefined)
    return fault('startBefore', 'must be an RFC 3339 time with its offset, such as 2026-01-31T08:00:00Z, or how long from now, such as "1h"');
  if (!(within >= min && within <= max))
    return fault('startBefore', `must be in the future, within ten years${time ? `; it is ${new Date(now).toISOString()} now` : ''}`);
  const earliest = chosen.runAt ? chosen.runAt.getTime() - now : (chosen.delayMs ?? 0);
  if (within <= earliest) return fault('startBefore', `must be after ${chosen.runAt ? 'runAt' : 'delay'}: the job could never start`);
  if (time) chosen.startBefore = time;
  else chosen.startWithinMs = within;
}

/** Whether a value is a key, as options and messages hold them. */
export function isKey(value: unknown, { min, max }: Bounds): value is string {
  return typeof value === 'string' && value.length >= min && value.length <= max && PRINTABLE.test(value);
}

/** A key, which code may have written without a check. */
export function keyOf(name: string, bounds: Bounds, key: string, fault: (name: string, detail: string) => void): string {
  if (!isKey(key, bounds)) fault(name, `must be ${bounds.min} to ${bounds.max} printable characters${got(key)}`);
  return key;
}

/** Reads a unique key, which code may have written without a check. */
export function chooseUnique(
  chosen: { unique?: Required<UniqueOption> },
  given: UniqueOption,
  bounds: Bounds,
  fault: (name: string, detail: string) => void,
): void {
  if (typeof given !== 'object' || (given as unknown) === null) return fault('unique', `must be an object with key and keep${got(given)}`);
  const { key, keep = 'oldest', ...others } = given;
  keyOf('unique/key', bounds, key, fault);
  if (!KEEPS.includes(keep)) fault('unique/keep', `must be one of ${KEEPS.join(', ')}${got(keep)}`);
  for (const name of Object.keys(others).slice(0, 1)) fault(`unique/${name.slice(0, 40)}`, 'is not a known field; it has key and keep');
  chosen.unique = { key, keep };
}
