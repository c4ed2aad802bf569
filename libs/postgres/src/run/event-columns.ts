import type { AttemptEvent } from '@app/core';

/** Events of an attempt as the statements that number them take them: [type, age in ms, data]. */
export function eventsColumn(events: AttemptEvent[]): string {
  return JSON.stringify(events.map((event) => [event.type, event.ageMs, event.type === 'log' ? event.line : event.progress]));
}

/** The newest progress among them, for the job's row. */
export function progressColumn(events: AttemptEvent[]): string | null {
  const newest = events.findLast((event) => event.type === 'progress');
  return newest ? JSON.stringify(newest.progress) : null;
}
