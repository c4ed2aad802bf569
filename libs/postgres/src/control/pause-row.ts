import type { Pause, QueueFairness, QueueSettings } from '@app/core';

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

export const SETTINGS_COLUMNS = `${PAUSE_COLUMNS}, fair_by, fair_cost, fair_weights`;

/** The columns of {@link SETTINGS_COLUMNS}. */
export interface SettingsRow extends PauseRow {
  fair_by: QueueFairness['by'] | null;
  fair_cost: QueueFairness['cost'] | null;
  fair_weights: Record<string, number> | null;
}

export function toSettings(row: SettingsRow): QueueSettings {
  const { fair_by: by, fair_cost: cost, fair_weights: weights } = row;
  return { ...toPause(row), fair: by === null ? null : { by, cost: cost ?? 'count', weights: weights ?? {} } };
}
