import { isTerminal, type JobState } from '../job/lifecycle.js';
import type { JobId } from '../job/job.js';
import type { CronPatterns } from './cron-patterns.js';
import { isSameSpec } from './spec.js';
import type { Schedule, ScheduleSettings, TickOutcome } from './schedule.js';
import { dueAt, jitterOf, newestTicks, nextTick } from './ticks.js';

/** What is known of a schedule's last job. Null where there is none, or it was removed: then it counts as ended. */
export interface LastJob {
  state: JobState;
  cancelRequested: boolean;
  /** None of the schedule's last {@link COALESCE_FROM} jobs has started. */
  backlog: boolean;
}

export interface DueSchedule extends Schedule {
  lastJob: LastJob | null;
}

/** A tick and what is to become of it; `submit` may still be refused. */
export interface PlannedTick {
  tick: Date;
  previousTick: Date | null;
  becomes: 'submit' | Exclude<TickOutcome, 'submitted' | 'refused'>;
}

export interface TickPlan {
  /** In their order. */
  ticks: PlannedTick[];
  nextTick: Date | null;
  lastTick: Date | null;
  buffered: Schedule['buffered'];
  failures: number;
  /** Pauses the schedule; says why. */
  pause: string | null;
  /** A job that is to make room. */
  cancel: JobId | null;
}

/** A tick is missed when it is so late. One that is less late is taken as if it were on time: no rule for missed ticks is to fire because a database was slow. */
export const ON_TIME_MS = 10_000;
/** Of the rule `all`. */
export const MOST_MADE_UP = 1_000;
/** Ticks of one schedule in one transaction; the next look goes on. */
export const MOST_AT_ONCE = 200;
/** Missed ticks that are written down, the newest of them. */
const MISSED_WRITTEN = 20;
/** A schedule whose last so many jobs all wait makes no more until one has started. */
export const COALESCE_FROM = 100;

/** Decides what becomes of the ticks that are due. The same in every process: nothing but the schedule, its last job and the store's time counts. */
export function decideTicks(schedule: DueSchedule, now: Date, patterns: CronPatterns): TickPlan {
  const { lastJob, lastJobId, overlap, pauseAfterFailures } = schedule;
  const failures = lastJob?.state === 'failed' ? schedule.failures + 1 : lastJob?.state === 'succeeded' ? 0 : schedule.failures;
  const plan: TickPlan = {
    ticks: [],
    nextTick: schedule.nextTick,
    lastTick: schedule.lastTick,
    buffered: schedule.buffered,
    failures,
    pause: null,
    cancel: null,
  };
  if (pauseAfterFailures !== null && failures >= pauseAfterFailures) {
    plan.pause = failures === 1 ? 'its last job has failed' : `${failures} times in a row its job has failed or was refused`;
    return plan;
  }
  let busy = lastJob !== null && !isTerminal(lastJob.state);
  const take = (tick: Date, previousTick: Date | null): void => {
    const becomes = busy ? whileBusy() : 'submit';
    if (becomes === 'buffered') {
      if (plan.buffered) plan.ticks.push({ ...plan.buffered, becomes: 'skipped_overlap' });
      plan.buffered = { tick, previousTick };
    }
    plan.ticks.push({ tick, previousTick, becomes });
    if (becomes === 'submit') busy = true;
  };
  const whileBusy = (): PlannedTick['becomes'] => {
    switch (overlap) {
      case 'allow':
        return lastJob?.backlog === true ? 'coalesced' : 'submit';
      case 'skip':
        return 'skipped_overlap';
      case 'buffer':
        return plan.buffered ? 'skipped_overlap' : 'buffered';
      case 'cancel':
        return 'buffered';
    }
  };
  if (plan.buffered && !busy) {
    const { tick, previousTick } = plan.buffered;
    plan.buffered = null;
    take(tick, previousTick);
  }
  const pending = pendingTicks(schedule, now, patterns);
  for (const { tick, previousTick, missed } of pending.ticks) {
    if (missed) plan.ticks.push({ tick, previousTick, becomes: 'missed' });
    else take(tick, previousTick);
    plan.lastTick = tick;
  }
  plan.nextTick = pending.next;
  if (overlap === 'cancel' && plan.buffered && lastJobId && lastJob && !isTerminal(lastJob.state) && !lastJob.cancelRequested) plan.cancel = lastJobId;
  return plan;
}

interface PendingTick {
  tick: Date;
  previousTick: Date | null;
  missed: boolean;
}

/** The ticks from the first one that was not looked at to the newest that is due, as far as they are written down, and the first one after them. */
function pendingTicks(schedule: DueSchedule, now: Date, patterns: CronPatterns): { ticks: PendingTick[]; next: Date | null } {
  const { nextTick: first, lastTick } = schedule;
  if (!first || !isDue(schedule, first, now)) return { ticks: [], next: first };
  const second = nextTick(schedule, first, patterns);
  const ticks =
    second && second.getTime() <= now.getTime()
      ? severalTicks(schedule, now, first, patterns)
      : judged(schedule, now, [{ tick: first, previousTick: lastTick }]);
  const last = ticks.at(-1)?.tick ?? first;
  return { ticks, next: last.getTime() === first.getTime() ? second : nextTick(schedule, last, patterns) };
}

function severalTicks(schedule: DueSchedule, now: Date, first: Date, patterns: CronPatterns): PendingTick[] {
  // One more than is wanted says what the tick before the first one is.
  const most = (schedule.missed === 'all' ? MOST_MADE_UP : 0) + MISSED_WRITTEN + 1;
  const found = newestTicks(schedule, new Date(first.getTime() - 1), now, most, patterns);
  const ticks = found.map((tick, index) => ({ tick, previousTick: found[index - 1] ?? schedule.lastTick })).slice(found.length === most ? 1 : 0);
  const all = judged(
    schedule,
    now,
    ticks.filter(({ tick }) => isDue(schedule, tick, now)),
  );
  // What is left follows in the next look: from the first tick after these.
  const end = all.filter(({ missed }) => !missed)[MOST_AT_ONCE - 1];
  return end ? all.slice(0, all.indexOf(end) + 1) : all;
}

/** Says which of the ticks that are due are missed, and not made up for. */
function judged(schedule: DueSchedule, now: Date, due: Omit<PendingTick, 'missed'>[]): PendingTick[] {
  const lateness = (tick: Date) => now.getTime() - dueAt(schedule.id, tick, schedule.jitterMs).getTime();
  const late = due.filter(({ tick }) => lateness(tick) > ON_TIME_MS);
  if (late.length === 0) return due.map((each) => ({ ...each, missed: false }));
  const madeUp = new Set(madeUpOf(schedule, late, late.length === due.length, lateness));
  return due.map((each, index) => ({ ...each, missed: index < late.length && !madeUp.has(each) }));
}

function madeUpOf<Tick extends { tick: Date }>(
  { missed, missedWindowMs }: DueSchedule,
  late: Tick[],
  noneOnTime: boolean,
  lateness: (tick: Date) => number,
): Tick[] {
  switch (missed) {
    case 'skip':
      return [];
    case 'last':
      return noneOnTime ? late.slice(-1) : [];
    case 'all':
      return late.filter(({ tick }) => lateness(tick) <= missedWindowMs).slice(-MOST_MADE_UP);
  }
}

function isDue({ id, jitterMs }: Schedule, tick: Date, now: Date): boolean {
  return tick.getTime() + jitterOf(id, tick, jitterMs) <= now.getTime();
}

/** How soon a buffered tick is looked at again. */
const BUFFER_LOOK_MS = 1_000;

/** When a schedule is to be looked at next; null for never. */
export function nextLook({ id, jitterMs }: Pick<Schedule, 'id' | 'jitterMs'>, next: Date | null, buffered: boolean, now: Date): Date | null {
  const due = next && dueAt(id, next, jitterMs);
  if (!buffered) return due;
  const soon = new Date(now.getTime() + BUFFER_LOOK_MS);
  return due && due.getTime() < soon.getTime() ? due : soon;
}

/** The next tick of a schedule that is set: what it was, as long as it ticks as before, so that a change of the payload loses no tick. */
export function nextTickOf(before: Schedule | null, settings: ScheduleSettings, now: Date, patterns: CronPatterns): Date | null {
  const same = (a: Date | null, b: Date | null) => a?.getTime() === b?.getTime();
  const unchanged = before && isSameSpec(before.spec, settings.spec) && same(before.startsAt, settings.startsAt) && same(before.endsAt, settings.endsAt);
  return unchanged ? before.nextTick : nextTick(settings, now, patterns);
}
