import { CANCEL_GRACE_MAX_MS } from '@app/contracts/schemas';
import { type CancelRequest, type Fault, isIntegerIn, Refusal } from '@app/core';
import { bodyFields } from '../http/body-fields.js';
import { noteFaults, toNote } from '../http/pause-note.js';

/** Reads the optional body of a cancel: `{ reason, by, graceMs }`. Refuses with a pointer for each fault. */
export function readCancelRequest(body: unknown): CancelRequest {
  const request = bodyFields(body, ['reason', 'by', 'graceMs']);
  const faults = cancelFaults(request);
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the cancel is not valid', faults);
  return toCancelRequest(request);
}

/** What is wrong with the fields of a cancel. */
export function cancelFaults({ graceMs, ...note }: Record<string, unknown>): Fault[] {
  const faults = noteFaults(note);
  if (graceMs !== undefined && !isIntegerIn(graceMs, 0, CANCEL_GRACE_MAX_MS))
    faults.push({ pointer: '/graceMs', detail: `must be a whole number of milliseconds from 0 to ${CANCEL_GRACE_MAX_MS}` });
  return faults;
}

/** Of fields without faults. */
export function toCancelRequest({ graceMs, ...note }: Record<string, unknown>): CancelRequest {
  return { ...toNote(note), ...(graceMs === undefined ? {} : { graceMs: graceMs as number }) };
}
