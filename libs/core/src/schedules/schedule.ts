import { type Fault, got } from '../job/errors.js';
import type { JobId } from '../job/job.js';
import type { SubmitOptions } from '../job/job-options.js';
import type { JsonText } from '../job/json-text.js';
import { isIntegerIn } from '../job/kind.js';
import { parseTime } from '../job/time.js';
import { parseDuration } from '../kit/duration.js';
import { PRINTABLE } from '../kit/printable.js';
import type { CronPatterns } from './cron-patterns.js';
import { specFaults, toSpec, type WrittenSpec } from './spec.js';
import { nextTick, type Rhythm, shortestGap } from './ticks.js';

/** What becomes of a tick while the schedule's last job has not ended. */
export const OVERLAPS = ['skip', 'buffer', 'allow', 'cancel'] as const;
export type Overlap = (typeof OVERLAPS)[number];

/** What becomes of ticks that nobody was there for. */
export const MISSED_RULES = ['skip', 'last', 'all'] as const;
export type MissedRule = (typeof MISSED_RULES)[number];

/** What became of a tick. */
export const TICK_OUTCOMES = ['submitted', 'skipped_overlap', 'buffered', 'coalesced', 'missed', 'refused'] as const;
export type TickOutcome = (typeof TICK_OUTCOMES)[number];

/** What a schedule says, with the defaults filled in. */
export interface ScheduleSettings extends Rhythm {
  kind: string;
  /** As it came: it is checked when the schedule is set, and again at each tick. */
  payload: JsonText;
  options: SubmitOptions;
  description: string;
  overlap: Overlap;
  missed: MissedRule;
  /** How old a missed tick may be to be made up for, in milliseconds. */
  missedWindowMs: number;
  /** By how much the jobs of ticks are put off at most, in milliseconds. */
  jitterMs: number;
  /** So many failures in a row pause it; null for never. */
  pauseAfterFailures: number | null;
}

/** A schedule as it stands. */
export interface Schedule extends ScheduleSettings {
  /** With its tenant, see `ofTenant`: two tenants may call theirs the same. */
  id: string;
  /** The first tick that was not looked at; null where none comes any more. */
  nextTick: Date | null;
  /** When it is looked at next: the tick and its jitter, or sooner for a buffered tick. Null while it is paused. */
  dueAt: Date | null;
  /** The last tick that was looked at, whatever became of it. */
  lastTick: Date | null;
  lastJobId: JobId | null;
  /** A tick that waits for the last job to end, and the tick before it. */
  buffered: { tick: Date; previousTick: Date | null } | null;
  /** Failures in a row. */
  failures: number;
  pausedAt: Date | null;
  pausedBy: string | null;
  pauseReason: string | null;
  /** `api`, or `code:<name of the configuration>`. */
  origin: string;
  /** Grows with each change of what it says. */
  revision: number;
  createdAt: Date;
  updatedAt: Date;
  /** Why its payload cannot be read here: `payload` is then as it is stored, and no job can be made of it. */
  unreadable?: string;
}

/** So that `schedule:<id>` is a tag. */
export const SCHEDULE_ID = /^[a-z0-9][a-z0-9._:-]{0,90}$/i;
export const SCHEDULE_TAG = 'schedule:';
/** Ids of schedules in code begin so; the kind follows. */
export const CODE_ID_PREFIX = 'kind:';
export const DESCRIPTION_MAX = 500;

const DAY_MS = 86_400_000;
const TEN_YEARS_MS = 3_660 * DAY_MS;
const LONGEST_WINDOW_MS = 366 * DAY_MS;
const MOST_FAILURES = 1_000;

/** A schedule as people write it, in a request or in code; its kind, payload and options are checked as those of a submission. Its values are not trusted. */
export interface WrittenSchedule {
  spec?: unknown;
  description?: unknown;
  overlap?: unknown;
  missed?: unknown;
  missedWindow?: unknown;
  jitter?: unknown;
  startsAt?: unknown;
  endsAt?: unknown;
  pauseAfterFailures?: unknown;
}

export const SCHEDULE_FIELDS = ['spec', 'description', 'overlap', 'missed', 'missedWindow', 'jitter', 'startsAt', 'endsAt', 'pauseAfterFailures'] as const;
const SPEC_FIELDS = ['cron', 'timezone', 'every', 'anchor', 'at'];

/** The faults of a written spec, which may be anything. */
function writtenSpecFaults(spec: unknown, patterns: CronPatterns, now: number, stays: boolean): Fault[] {
  if (typeof spec !== 'object' || spec === null || Array.isArray(spec))
    return [{ pointer: '/spec', detail: `must be an object with one of cron, every and at${got(spec)}` }];
  const unknown = Object.keys(spec).find((name) => !SPEC_FIELDS.includes(name));
  if (unknown !== undefined)
    return [{ pointer: `/spec/${unknown.slice(0, 40)}`, detail: `is not a known field; it has cron and timezone, or every and anchor, or at` }];
  return specFaults(spec, patterns, now, { stays });
}

/** The faults of a written schedule; each says what is allowed and what came. `now` is the store's time. `stays`: it stands in code, where times pass. */
export function scheduleFaults(written: WrittenSchedule, patterns: CronPatterns, now: number, { stays = false } = {}): Fault[] {
  const { spec, description, overlap, missed, missedWindow, jitter, startsAt, endsAt, pauseAfterFailures } = written;
  const faults = writtenSpecFaults(spec, patterns, now, stays);
  const fault = (pointer: string, detail: string) => faults.push({ pointer, detail });
  oneOf('/overlap', overlap, OVERLAPS);
  oneOf('/missed', missed, MISSED_RULES);
  if (description !== undefined && !(typeof description === 'string' && description.length <= DESCRIPTION_MAX && PRINTABLE.test(description)))
    fault('/description', `must be a printable text of ${DESCRIPTION_MAX} characters at most${got(description)}`);
  span('/missedWindow', missedWindow, LONGEST_WINDOW_MS, '366d');
  span('/jitter', jitter, DAY_MS, '24h');
  if (pauseAfterFailures !== undefined && !isIntegerIn(pauseAfterFailures, 1, MOST_FAILURES))
    fault('/pauseAfterFailures', `must be a whole number from 1 to ${MOST_FAILURES}${got(pauseAfterFailures)}`);
  const [from, until] = [time('/startsAt', startsAt), time('/endsAt', endsAt)];
  if (from && until && until.getTime() <= from.getTime()) fault('/endsAt', `must be after startsAt${got(endsAt)}`);
  else if (until && until.getTime() <= now && !stays) fault('/endsAt', `must be in the future; it is ${new Date(now).toISOString()} now${got(endsAt)}`);
  return faults.length > 0 ? faults : rhythmFaults(toSettings(written), patterns, now, stays);

  function oneOf(pointer: string, value: unknown, allowed: readonly string[]): void {
    if (value !== undefined && !allowed.includes(value as string)) fault(pointer, `must be one of ${allowed.join(', ')}${got(value)}`);
  }

  function span(pointer: string, value: unknown, most: number, shown: string): void {
    if (value === undefined) return;
    const ms = typeof value === 'string' || typeof value === 'number' ? parseDuration(value) : undefined;
    if (ms === undefined || ms > most) fault(pointer, `must be from 0 to ${shown}, as milliseconds or text such as "30s", "15m" or "PT15M"${got(value)}`);
  }

  function time(pointer: string, value: unknown): Date | undefined {
    if (value === undefined) return undefined;
    const read = typeof value === 'string' ? parseTime(value) : undefined;
    if (read && read.getTime() >= 0 && read.getTime() <= now + TEN_YEARS_MS) return read;
    fault(pointer, `must be an RFC 3339 time with its offset, such as 2026-01-31T08:00:00Z, from 1970 to ten years from now${got(value)}`);
    return undefined;
  }
}

/** Faults that only the ticks themselves show. */
function rhythmFaults(rhythm: Rhythm & { jitterMs: number }, patterns: CronPatterns, now: number, stays: boolean): Fault[] {
  const first = nextTick(rhythm, new Date(now), patterns);
  if (!first && !stays)
    return [{ pointer: '/endsAt', detail: `must leave room for a tick, got: ${rhythm.endsAt?.toISOString() ?? 'none'}, before which there is none` }];
  const gap = rhythm.jitterMs === 0 ? Infinity : shortestGap(rhythm, new Date(now), patterns);
  if (rhythm.jitterMs < gap) return [];
  return [{ pointer: '/jitter', detail: `must be shorter than the time between two ticks, which is ${gap} ms, got: ${rhythm.jitterMs} ms` }];
}

/** What the rules say of a written schedule without faults, with the defaults filled in. */
export function toSettings(written: WrittenSchedule): Omit<ScheduleSettings, 'kind' | 'payload' | 'options'> {
  const { spec, description, overlap, missed, missedWindow, jitter, startsAt, endsAt, pauseAfterFailures } = written;
  const time = (value: unknown) => (typeof value === 'string' ? (parseTime(value) ?? null) : null);
  const ms = (value: unknown, otherwise: number) => (value === undefined ? otherwise : (parseDuration(value as string) ?? otherwise));
  return {
    spec: toSpec(spec as WrittenSpec),
    startsAt: time(startsAt),
    endsAt: time(endsAt),
    description: (description as string | undefined) ?? '',
    overlap: (overlap as Overlap | undefined) ?? 'skip',
    missed: (missed as MissedRule | undefined) ?? 'last',
    missedWindowMs: ms(missedWindow, DAY_MS),
    jitterMs: ms(jitter, 0),
    pauseAfterFailures: (pauseAfterFailures as number | undefined) ?? null,
  };
}

/** The faults of a schedule's job options beyond those of a submission: the schedule says when its jobs start. */
export function scheduledOptionFaults(options: SubmitOptions): Fault[] {
  const faults: Fault[] = [];
  for (const name of ['runAt', 'delay'] as const)
    if (options[name] !== undefined)
      faults.push({ pointer: `/options/${name}`, detail: `must be left out: the schedule says when its jobs start${got(options[name])}` });
  if (options.unique !== undefined)
    faults.push({ pointer: '/options/unique', detail: `must be left out: overlap says what becomes of a tick while the last job waits${got(options.unique)}` });
  options.tags?.forEach((tag, index) => {
    if (tag.startsWith(SCHEDULE_TAG))
      faults.push({ pointer: `/options/tags/${index}`, detail: `must not begin with ${SCHEDULE_TAG}, which is added${got(tag)}` });
  });
  const { startBefore } = options;
  if (typeof startBefore === 'string' && parseTime(startBefore))
    faults.push({ pointer: '/options/startBefore', detail: `must be how long after its tick a job may start, such as "1h"${got(startBefore)}` });
  return faults;
}
