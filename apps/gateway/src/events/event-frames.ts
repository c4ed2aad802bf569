import { isUuid, type JobId } from '@app/core';

/** A message of a client over the WebSocket. */
export interface Subscribe {
  job: JobId;
  lastEventId: number;
}

/** Reads a frame in the form that Nest dispatches by its event. An unreadable frame gets such a form too, so that it is answered. */
export interface Frame {
  event: 'subscribe' | 'unsubscribe' | 'unreadable';
  data: unknown;
}

export function readFrame(data: unknown): Frame {
  const unreadable = (reason: string): Frame => ({ event: 'unreadable', data: reason });
  let frame: unknown;
  try {
    frame = JSON.parse(textOf(data));
  } catch {
    return unreadable('expected a frame of JSON');
  }
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) return unreadable('expected an object {event, data}');
  const { event, data: content } = frame as { event?: unknown; data?: unknown };
  if (event !== 'subscribe' && event !== 'unsubscribe') return unreadable('expected event to be subscribe or unsubscribe');
  return { event, data: content };
}

/** Reads the data of `subscribe` and `unsubscribe`, or says in a sentence what is wrong with it. */
export function readSubscribe(data: unknown): Subscribe | string {
  if (typeof data !== 'object' || data === null) return 'expected data to be an object {job, lastEventId?}';
  const { job, lastEventId = 0 } = data as { job?: unknown; lastEventId?: unknown };
  if (typeof job !== 'string' || !isUuid(job)) return 'expected data.job to be the id of a job';
  const last = typeof lastEventId === 'string' && /^\d{1,9}$/.test(lastEventId) ? Number(lastEventId) : lastEventId;
  if (typeof last !== 'number' || !Number.isInteger(last) || last < 0) return 'expected data.lastEventId to be the seq of an event';
  return { job: job.toLowerCase() as JobId, lastEventId: last };
}

function textOf(data: unknown): string {
  if (typeof data === 'string') return data;
  if (Buffer.isBuffer(data)) return data.toString();
  throw new TypeError('expected text');
}
