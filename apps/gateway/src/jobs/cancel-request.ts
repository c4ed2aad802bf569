import { CANCEL_GRACE_MAX_MS } from '@app/contracts/schemas';
import { type CancelRequest, type Fault, isIntegerIn, Refusal } from '@app/core';
import { bodyFields } from '../http/body-fields.js';
import { noteFaults, toNote } from '../http/pause-note.js';

/** Reads the optional body of a cancel: `{ reason, by, graceMs }`. Refuses with a pointer for each fault. */
export function readCancelRequest(body: unknown): CancelRequest {
  const { graceMs, ...note } = bodyFields(body, ['reason', 'by', 'graceMs']);
  const faults: Fault[] = noteFaults(note);
  if (graceMs !== undefined && !isIntegerIn(graceMs, 0, CANCEL_GRACE_MAX_MS))
    faults.push({ pointer: '/graceMs', detail: `must be a whole number of milliseconds from 0 to ${CANCEL_GRACE_MAX_MS}` });
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the cancel is not valid', faults);
  return { ...toNote(note), ...(graceMs === undefined ? {} : { graceMs: graceMs as number }) };
}
