import type { ScheduleMissed, ScheduleOverlap, SchedulePreviewRequest, ScheduleTick, ScheduleView, TickOutcome } from '../../api/api';
import type { IconName } from '../../parts/icon';
import { count, listed, span, ZONE } from '../../words/words';

type Spec = SchedulePreviewRequest['spec'];

/** `0 3 * * *`, `every 15 min`, `once`. */
export function specWords({ cron, every, anchor, at }: Spec): string {
  if (cron !== undefined) return cron;
  if (at !== undefined) return 'once';
  return `every ${span(every ?? '')}${anchor === undefined ? '' : `, counted from ${anchor}`}`;
}

/** By which clocks a schedule goes; undefined where it is the reader's zone, or where no clock counts. */
export function otherZone({ cron, timezone = 'UTC' }: Spec): string | undefined {
  return cron === undefined || timezone === ZONE ? undefined : timezone;
}

/** A moment by the clocks of a zone: `03:00`, of another day there `Sun 29 Nov, 03:00`. Undefined for a zone that this browser does not know. */
export function clockIn(timeZone: string, time: Date, now = new Date()): string | undefined {
  try {
    const day = new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short', day: 'numeric', month: 'short' });
    const clock = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hour: '2-digit',
      minute: '2-digit',
      ...(time.getUTCSeconds() === 0 ? {} : { second: '2-digit' }),
    });
    return day.format(time) === day.format(now) ? clock.format(time) : `${day.format(time)}, ${clock.format(time)}`;
  } catch {
    return undefined;
  }
}

const WALL_DAY = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'short' });

/** What clocks show at a time that is written with its offset: `2026-03-29T03:00:00+02:00` is `Sun 29 Mar, 03:00`. */
export function wallClock(local: string): string {
  const seconds = local.slice(16, 19);
  return `${WALL_DAY.format(new Date(`${local.slice(0, 10)}T00:00:00Z`))}, ${local.slice(11, 16)}${seconds === ':00' ? '' : seconds}`;
}

const SPANS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** Milliseconds as the API takes them as text: `1d`, `90s`. */
export function spanText(ms: number): string {
  const [unit, size] = SPANS.find(([, each]) => ms >= each && ms % each === 0) ?? [undefined, 1];
  return unit === undefined ? String(ms) : `${String(ms / size)}${unit}`;
}

export const OVERLAPS: readonly (readonly [ScheduleOverlap, string])[] = [
  ['skip', 'Skip: make no job'],
  ['buffer', 'Buffer: make one when it has ended'],
  ['allow', 'Allow: make one beside it'],
  ['cancel', 'Cancel: ask it to stop, and make one then'],
];

export const MISSED: readonly (readonly [ScheduleMissed, string])[] = [
  ['last', 'Last: make up for the newest'],
  ['skip', 'Skip: make up for none'],
  ['all', 'All: make up for each within the window'],
];

interface Became {
  words: string;
  icon: IconName;
  tone: 'ok' | 'wait' | 'bad' | 'off';
}

/** What became of a tick. */
export const BECAME: Record<TickOutcome, Became> = {
  submitted: { words: 'made a job', icon: 'check', tone: 'ok' },
  buffered: { words: 'waits for the last job to end', icon: 'queued', tone: 'wait' },
  skipped_overlap: { words: 'skipped: the last job had not ended', icon: 'cancelled', tone: 'off' },
  coalesced: { words: 'joined with others, of which none had started', icon: 'cancelled', tone: 'off' },
  missed: { words: 'missed: no gateway was there', icon: 'warn', tone: 'wait' },
  refused: { words: 'refused', icon: 'failed', tone: 'bad' },
};

const SHORT: Record<TickOutcome, string> = {
  submitted: 'made a job',
  buffered: 'waits',
  skipped_overlap: 'skipped',
  coalesced: 'joined with others',
  missed: 'missed',
  refused: 'refused',
};

/** `Of the last 20 ticks: 18 made a job, 2 missed`. */
export function stripWords(ticks: readonly ScheduleTick[]): string {
  if (ticks.length === 0) return 'No tick yet';
  const parts = (Object.keys(BECAME) as TickOutcome[]).flatMap((outcome) => {
    const many = ticks.filter((tick) => tick.outcome === outcome).length;
    return many === 0 ? [] : [`${String(many)} ${SHORT[outcome]}`];
  });
  return `Of the last ${count(ticks.length, 'tick')}: ${listed(parts)}`;
}

/** Those in code are changed there. */
export function isInCode({ origin }: Pick<ScheduleView, 'origin'>): boolean {
  return origin.startsWith('code:');
}
