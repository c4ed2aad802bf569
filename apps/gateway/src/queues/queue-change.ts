import { type Fault, fairnessFaults, type PauseNote, type QueueFairness, Refusal, toFairness } from '@app/core';
import { bodyFields } from '../http/body-fields.js';
import { noteFaults, toNote } from '../http/pause-note.js';

export interface QueueChange extends PauseNote {
  paused?: boolean;
  /** Null: first in, first out. */
  fair?: QueueFairness | null;
}

/** Reads a body of `PATCH /queues/{name}`. Refuses with a pointer for each fault. */
export function readQueueChange(body: unknown): QueueChange {
  const { paused, fair, ...note } = bodyFields(body, ['paused', 'reason', 'by', 'fair']);
  const faults: Fault[] = noteFaults(note);
  if (paused !== undefined && typeof paused !== 'boolean') faults.push({ pointer: '/paused', detail: 'must be true or false' });
  for (const [name, value] of Object.entries(note)) {
    if (value !== undefined && paused !== true) faults.push({ pointer: `/${name}`, detail: 'must come with "paused": true, whose it is' });
  }
  if (fair !== undefined && fair !== null) faults.push(...fairnessFaults('/fair', fair));
  if (paused === undefined && fair === undefined) faults.push({ pointer: '', detail: 'must have paused, fair, or both' });
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the change of the queue is not valid', faults);
  return {
    ...(paused === undefined ? {} : { paused: paused as boolean }),
    ...toNote(note),
    ...(fair === undefined ? {} : { fair: fair === null ? null : toFairness(fair as Parameters<typeof toFairness>[0]) }),
  };
}
