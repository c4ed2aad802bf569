import { createHash } from 'node:crypto';
import { parseTime } from '../job/time.js';
import type { CronPatterns } from './cron-patterns.js';
import { intervalOf, type ScheduleSpec } from './spec.js';

/** When a schedule ticks, within which bounds. */
export interface Rhythm {
  spec: ScheduleSpec;
  /** No tick is before it. */
  startsAt: Date | null;
  /** No tick is after it. */
  endsAt: Date | null;
}

/** The first tick after `after`, or null where there is no more. */
export function nextTick({ spec, startsAt, endsAt }: Rhythm, after: Date, patterns: CronPatterns): Date | null {
  const from = startsAt && startsAt.getTime() > after.getTime() ? new Date(startsAt.getTime() - 1) : after;
  const tick = nextOf(spec, from, patterns);
  return tick && endsAt && tick.getTime() > endsAt.getTime() ? null : tick;
}

function nextOf(spec: ScheduleSpec, after: Date, patterns: CronPatterns): Date | null {
  if ('cron' in spec) return patterns.next(spec.cron, spec.timezone, after);
  if ('at' in spec) {
    const at = parseTime(spec.at);
    return at && at.getTime() > after.getTime() ? at : null;
  }
  const { everyMs, anchorMs } = intervalOf(spec);
  return new Date(anchorMs + (Math.floor((after.getTime() - anchorMs) / everyMs) + 1) * everyMs);
}

/** The ticks after `after` and up to `until`, in order. */
export function* ticksBetween(rhythm: Rhythm, after: Date, until: Date, patterns: CronPatterns): Generator<Date> {
  for (let tick = nextTick(rhythm, after, patterns); tick && tick.getTime() <= until.getTime(); tick = nextTick(rhythm, tick, patterns)) yield tick;
}

const FIRST_WINDOW_MS = 60_000;
const GROWTH = 8;

/**
 * The newest ticks after `after` and up to `until`, in order, `most` at most. It looks back from `until` in growing windows, so that a schedule that was
 * not looked at for a year costs no more than what is asked for.
 */
export function newestTicks(rhythm: Rhythm, after: Date, until: Date, most: number, patterns: CronPatterns): Date[] {
  const bound = rhythm.startsAt ? Math.max(after.getTime(), rhythm.startsAt.getTime() - 1) : after.getTime();
  for (let window = FIRST_WINDOW_MS; ; window *= GROWTH) {
    const from = Math.max(bound, until.getTime() - window);
    const ticks: Date[] = [];
    for (const tick of ticksBetween(rhythm, new Date(from), until, patterns)) {
      ticks.push(tick);
      if (ticks.length >= 2 * most) ticks.splice(0, most);
    }
    if (from === bound || ticks.length >= most) return ticks.slice(-most);
  }
}

/** By how many milliseconds a tick is put off: the same in every process, and spread evenly over `jitterMs`. */
export function jitterOf(id: string, tick: Date, jitterMs: number): number {
  if (jitterMs === 0) return 0;
  return createHash('sha256').update(`${id} ${tick.getTime()}`).digest().readUIntBE(0, 6) % jitterMs;
}

/** When the job of a tick is made. */
export function dueAt(id: string, tick: Date, jitterMs: number): Date {
  return new Date(tick.getTime() + jitterOf(id, tick, jitterMs));
}

const LOOKED_AT = 20;

/** The shortest time between two of the next ticks, in milliseconds; Infinity where there are not two. */
export function shortestGap(rhythm: Rhythm, after: Date, patterns: CronPatterns): number {
  if ('every' in rhythm.spec) return intervalOf(rhythm.spec).everyMs;
  let [last, gap] = [nextTick(rhythm, after, patterns), Infinity];
  for (let count = 1; last && count < LOOKED_AT; count++) {
    const next = nextTick(rhythm, last, patterns);
    if (next) gap = Math.min(gap, next.getTime() - last.getTime());
    last = next;
  }
  return gap;
}
