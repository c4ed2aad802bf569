import type { CronPatterns } from './cron-patterns.js';
import type { ScheduleSpec } from './spec.js';

/** The zone that a schedule's times are shown in. */
export function zoneOf(spec: ScheduleSpec): string {
  return 'cron' in spec ? spec.timezone : 'UTC';
}

/** A time as the clocks of the zone show it, with their offset: `2026-03-29T03:00:00+02:00`. */
export function localTime(timezone: string, at: Date, patterns: CronPatterns): string {
  const offset = patterns.offset(timezone, at);
  const minutes = Math.abs(Math.round(offset / 60_000));
  const two = (value: number) => String(value).padStart(2, '0');
  return `${wallClock(at, offset).toISOString().slice(0, 19)}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** Milliseconds are of no zone. As UTC the result has the fields that a clock of the zone shows. */
function wallClock(at: Date, offset: number): Date {
  return new Date(at.getTime() + offset);
}

/**
 * Says of a tick that its time of day did not exist: the clocks were put forward over it, and the tick is the first moment after the gap. Undefined for
 * every other tick.
 */
export function movedNote(spec: ScheduleSpec, tick: Date, patterns: CronPatterns): string | undefined {
  if (!('cron' in spec)) return undefined;
  const { cron, timezone } = spec;
  const before = new Date(tick.getTime() - 1_000);
  const [offsetBefore, offset] = [patterns.offset(timezone, before), patterns.offset(timezone, tick)];
  if (offset <= offsetBefore) return undefined;
  // A day without changes of the clock has every time of day: in it the pattern says what it meant.
  const lastShown = wallClock(before, offsetBefore);
  const meant = patterns.next(cron, 'UTC', lastShown);
  const shown = wallClock(tick, offset);
  if (!meant || meant.getTime() >= shown.getTime()) return undefined;
  return `moved: ${meant.toISOString().slice(11, meant.getUTCSeconds() === 0 ? 16 : 19)} does not exist on that day in ${timezone}`;
}
