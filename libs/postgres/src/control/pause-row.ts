import type { Pause } from '@app/core';

export const PAUSE_COLUMNS = 'paused_at, paused_by, pause_reason';

/** The columns of {@link PAUSE_COLUMNS}. */
export interface PauseRow {
  paused_at: Date | null;
  paused_by: string | null;
  pause_reason: string | null;
}

export function toPause({ paused_at: pausedAt, paused_by: pausedBy, pause_reason: pauseReason }: PauseRow): Pause {
  return { paused: pausedAt !== null, pausedAt, pausedBy, pauseReason };
}
