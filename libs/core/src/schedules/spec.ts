import { type Fault, got } from '../job/errors.js';
import { nearest } from '../job/nearest.js';
import { parseTime } from '../job/time.js';
import { type Duration, parseDuration } from '../kit/duration.js';
import type { CronPatterns } from './cron-patterns.js';

/** When a schedule ticks, in the form in which it is written and stored. */
export type ScheduleSpec =
  | { cron: string; timezone: string }
  /** Ticks are whole multiples of `every` away from `anchor`, or from the beginning of 1970 (UTC). */
  | { every: Duration; anchor?: string }
  /** Once. */
  | { at: string };

/** As people write it. Its values are not trusted. */
export interface WrittenSpec {
  cron?: unknown;
  timezone?: unknown;
  every?: unknown;
  anchor?: unknown;
  at?: unknown;
}

export const CRON_MAX = 200;
export const LEAST_EVERY_MS = 1_000;
export const MOST_EVERY_MS = 366 * 86_400_000;
const ZONE_MAX = 64;
const TIME_FORM = 'must be an RFC 3339 time with its offset, such as 2026-01-31T08:00:00Z';
const YEAR_MS = 366 * 86_400_000;

/** A pattern that has no time within ten years. The door answers it with a code of its own. */
export const NEVER_FIRES = 'never comes within ten years';

/** What is wrong with a written spec; each fault says what is allowed and what came. `now` is the store's time; `stays`: a time may have passed. */
export function specFaults(written: WrittenSpec, patterns: CronPatterns, now: number, { stays = false } = {}): Fault[] {
  const faults: Fault[] = [];
  const fault = (name: string, detail: string) => faults.push({ pointer: `/spec${name}`, detail });
  const { cron, timezone, every, anchor, at: once } = written;
  const given = Object.entries({ cron, every, at: once }).filter(([, value]) => value !== undefined);
  const [first] = given;
  if (given.length !== 1 || !first) {
    const came = given.map(([name]) => name).join(', ');
    return [{ pointer: '/spec', detail: `must have exactly one of cron, every and at, got: ${came === '' ? 'none of them' : came}` }];
  }
  const kind = first[0];
  if (timezone !== undefined && kind !== 'cron') fault('/timezone', `belongs to cron; ${kind} goes by UTC${got(timezone)}`);
  if (anchor !== undefined && kind !== 'every') fault('/anchor', `belongs to every${got(anchor)}`);
  if (kind === 'cron') cronFaults(cron, timezone ?? 'UTC', patterns, now, fault);
  if (kind === 'every') {
    const ms = typeof every === 'string' || typeof every === 'number' ? parseDuration(every) : undefined;
    if (ms === undefined || ms < LEAST_EVERY_MS || ms > MOST_EVERY_MS)
      fault('/every', `must be from 1s to 366d, as milliseconds or text such as "30s", "15m" or "PT15M"${got(every)}`);
    if (anchor !== undefined && !timeOf(anchor)) fault('/anchor', `${TIME_FORM}${got(anchor)}`);
  }
  if (kind === 'at') {
    const time = timeOf(once);
    if (!time) fault('/at', `${TIME_FORM}${got(once)}`);
    else if ((time.getTime() <= now && !stays) || time.getTime() > now + 10 * YEAR_MS)
      fault('/at', `must be in the future, within ten years; it is ${new Date(now).toISOString()} now${got(once)}`);
  }
  return faults;
}

function cronFaults(cron: unknown, timezone: unknown, patterns: CronPatterns, now: number, fault: (name: string, detail: string) => void): void {
  const zone = typeof timezone === 'string' && timezone.length <= ZONE_MAX && patterns.isZone(timezone);
  if (!zone) {
    const near = typeof timezone === 'string' && timezone.length <= ZONE_MAX ? nearestZone(timezone, patterns.zones()) : undefined;
    fault(
      '/timezone',
      `must be a name of the IANA time zone database, such as Europe/Berlin${got(timezone)}${near === undefined ? '' : `; did you mean "${near}"?`}`,
    );
  }
  if (typeof cron !== 'string' || cron.length > CRON_MAX)
    return fault('/cron', `must be a text of ${CRON_MAX} characters at most${typeof cron === 'string' ? `, got: ${cron.length}` : got(cron)}`);
  const wrong = patterns.fault(cron);
  if (wrong !== undefined) return fault('/cron', `${wrong}${got(cron)}`);
  if (zone && !patterns.next(cron, timezone, new Date(now))) fault('/cron', `${NEVER_FIRES}${got(cron)}`);
}

/** Also where only the city was given, or spaces for underscores. */
function nearestZone(text: string, zones: readonly string[]): string | undefined {
  const wanted = text.trim().replaceAll(' ', '_').toLowerCase();
  return zones.find((zone) => zone.toLowerCase().endsWith(`/${wanted}`)) ?? nearest(wanted, zones);
}

function timeOf(value: unknown): Date | undefined {
  return typeof value === 'string' ? parseTime(value) : undefined;
}

/** A written spec without faults, as it is stored. */
export function toSpec({ cron, timezone, every, anchor, at }: WrittenSpec): ScheduleSpec {
  if (cron !== undefined) return { cron: cron as string, timezone: (timezone as string | undefined) ?? 'UTC' };
  if (at !== undefined) return { at: at as string };
  return anchor === undefined ? { every: every as Duration } : { every: every as Duration, anchor: anchor as string };
}

/** Whether two specs tick at the same times, as far as their texts tell. */
export function isSameSpec(a: ScheduleSpec, b: ScheduleSpec): boolean {
  const text = (spec: ScheduleSpec) => JSON.stringify(Object.entries(spec).sort(([left], [right]) => (left < right ? -1 : 1)));
  return text(a) === text(b);
}

/** Milliseconds between two ticks, and the time that ticks are counted from. */
export function intervalOf({ every, anchor }: { every: Duration; anchor?: string }): { everyMs: number; anchorMs: number } {
  const everyMs = parseDuration(every);
  if (everyMs === undefined || everyMs < LEAST_EVERY_MS) throw new TypeError(`expected an interval of a second at least, got: ${JSON.stringify(every)}`);
  return { everyMs, anchorMs: anchor === undefined ? 0 : (parseTime(anchor)?.getTime() ?? 0) };
}
