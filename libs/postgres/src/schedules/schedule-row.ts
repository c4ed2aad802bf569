import type { JobId, JsonText, Schedule, ScheduleSpec, SubmitOptions } from '@app/core';

export interface ScheduleRow {
  id: string;
  kind: string;
  payload: JsonText;
  options: SubmitOptions;
  description: string;
  spec: ScheduleSpec;
  overlap: Schedule['overlap'];
  missed: Schedule['missed'];
  missed_window_ms: string;
  jitter_ms: number;
  starts_at: Date | null;
  ends_at: Date | null;
  pause_after_failures: number | null;
  next_tick: Date | null;
  due_at: Date | null;
  last_tick: Date | null;
  last_job_id: string | null;
  buffered: Date | null;
  buffered_previous: Date | null;
  failures: number;
  paused_at: Date | null;
  paused_by: string | null;
  pause_reason: string | null;
  origin: string;
  revision: number;
  created_at: Date;
  updated_at: Date;
}

export function toSchedule(row: ScheduleRow): Schedule {
  return {
    id: row.id,
    kind: row.kind,
    payload: row.payload,
    options: row.options,
    description: row.description,
    spec: row.spec,
    overlap: row.overlap,
    missed: row.missed,
    missedWindowMs: Number(row.missed_window_ms),
    jitterMs: row.jitter_ms,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    pauseAfterFailures: row.pause_after_failures,
    nextTick: row.next_tick,
    dueAt: row.due_at,
    lastTick: row.last_tick,
    lastJobId: row.last_job_id as JobId | null,
    buffered: row.buffered && { tick: row.buffered, previousTick: row.buffered_previous },
    failures: row.failures,
    pausedAt: row.paused_at,
    pausedBy: row.paused_by,
    pauseReason: row.pause_reason,
    origin: row.origin,
    revision: row.revision,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
