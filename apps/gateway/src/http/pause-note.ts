import { PAUSE_TEXT_MAX } from '@app/contracts';
import { type Fault, type Pause, type PauseNote, PRINTABLE, Refusal } from '@app/core';
import { bodyFields } from './body-fields.js';

/** Reads who pauses something, and why: an optional body `{ reason, by }`. Refuses with a pointer for each fault. */
export function readPauseNote(body: unknown): PauseNote {
  return readNote(body, 'the pause is not valid');
}

/** Reads who does something, and why: an optional body `{ reason, by }`. */
export function readNote(body: unknown, otherwise = 'the note is not valid', at = ''): PauseNote {
  const { reason, by, ...others } = bodyFields(body, at === '' ? ['reason', 'by'] : Object.keys(body as object));
  const note = { reason, by };
  const faults = [...noteFaults(note), ...Object.keys(others).map((name) => ({ pointer: `/${name}`, detail: 'is not a known field' }))].map(
    ({ pointer, detail }) => ({ pointer: `${at}${pointer}`, detail }),
  );
  if (faults.length > 0) throw new Refusal('invalid_payload', otherwise, faults);
  return toNote(note);
}

/** What is wrong with the note of a body. */
export function noteFaults({ reason, by }: Record<string, unknown>): Fault[] {
  return [...textFaults('/reason', reason), ...textFaults('/by', by)];
}

/** Of a body whose note has no faults. */
export function toNote({ reason, by }: Record<string, unknown>): PauseNote {
  return { ...(reason === undefined ? {} : { reason: reason as string }), ...(by === undefined ? {} : { by: by as string }) };
}

/** What is wrong with a text of a note; nothing where it is left out. */
function textFaults(pointer: string, value: unknown): Fault[] {
  if (value === undefined) return [];
  if (typeof value !== 'string' || value.length < 1 || value.length > PAUSE_TEXT_MAX || !PRINTABLE.test(value))
    return [{ pointer, detail: `must be a printable text of 1 to ${PAUSE_TEXT_MAX} characters` }];
  return [];
}

export function pauseView({ paused, pausedAt, pausedBy, pauseReason }: Pause): {
  paused: boolean;
  pausedAt: string | null;
  pausedBy: string | null;
  pauseReason: string | null;
} {
  return { paused, pausedAt: pausedAt?.toISOString() ?? null, pausedBy, pauseReason };
}
