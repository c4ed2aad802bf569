import type { ScheduleDetail, ScheduleRun, ScheduleTick, ScheduleView } from '@app/contracts';
import { dueAt, localTime, movedNote, nameIn, publicPath, type Schedule, SCHEDULE_TAG, type ScheduleSpec, type StoredTick, zoneOf } from '@app/core';
import { cronPatterns } from '@app/sdk';
import { rawJson } from '@app/views';
import { pauseView } from '../http/pause-note.js';

/** How many of the last ticks of a schedule are shown. */
export const SHOWN_TICKS = 20;

export function scheduleView(schedule: Schedule): ScheduleView {
  const { pausedAt, pausedBy, pauseReason } = schedule;
  const id = nameIn(schedule.id);
  const self = publicPath(`/schedules/${encodeURIComponent(id)}`);
  const jobs = publicPath(`/jobs?tag=${encodeURIComponent(`${SCHEDULE_TAG}${id}`)}`);
  return {
    id,
    kind: schedule.kind,
    spec: schedule.spec,
    options: schedule.options,
    description: schedule.description,
    overlap: schedule.overlap,
    missed: schedule.missed,
    missedWindow: schedule.missedWindowMs,
    jitter: schedule.jitterMs,
    startsAt: text(schedule.startsAt),
    endsAt: text(schedule.endsAt),
    pauseAfterFailures: schedule.pauseAfterFailures,
    ...pauseView({ paused: pausedAt !== null, pausedAt, pausedBy, pauseReason }),
    nextTick: text(schedule.nextTick),
    dueAt: text(schedule.dueAt),
    lastTick: text(schedule.lastTick),
    lastJobId: schedule.lastJobId,
    failures: schedule.failures,
    origin: schedule.origin,
    revision: schedule.revision,
    createdAt: schedule.createdAt.toISOString(),
    updatedAt: schedule.updatedAt.toISOString(),
    links: { self, pause: `${self}/pause`, resume: `${self}/resume`, trigger: `${self}/trigger`, backfill: `${self}/backfill`, jobs },
  };
}

export function scheduleDetail(schedule: Schedule, runs: Date[], ticks: StoredTick[]): ScheduleDetail {
  return {
    ...scheduleView(schedule),
    payload: schedule.unreadable === undefined ? rawJson(schedule.payload) : null,
    nextRuns: runs.map((tick) => runView(schedule.spec, tick, schedule)),
    ticks: ticks.map(tickView),
  };
}

/** Without a schedule there is no jitter yet: it goes by the id. */
export function runView(spec: ScheduleSpec, tick: Date, schedule?: Pick<Schedule, 'id' | 'jitterMs'>): ScheduleRun {
  const note = movedNote(spec, tick, cronPatterns);
  return {
    tick: tick.toISOString(),
    local: localTime(zoneOf(spec), tick, cronPatterns),
    dueAt: (schedule ? dueAt(schedule.id, tick, schedule.jitterMs) : tick).toISOString(),
    ...(note === undefined ? {} : { note }),
  };
}

export function tickView({ tick, previousTick, outcome, source, jobId, detail, at }: StoredTick): ScheduleTick {
  return { tick: tick.toISOString(), previousTick: text(previousTick), outcome, source, jobId, detail, at: at.toISOString() };
}

function text(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}
