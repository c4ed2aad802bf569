import type { JobView } from '@app/contracts';
import { jobEventView, type JobEventView } from '@app/views';
import { withoutPayloads } from '../rights/hidden.js';
import { type JobState, type StoredEvent, writeJson } from '@app/core';

/** An event on its way to readers. It is written as text once for all of them. */
export class OutEvent {
  private text: string | undefined;

  private constructor(
    readonly seq: number,
    /** Null for a snapshot. */
    readonly at: Date | null,
    readonly name: JobEventView['event'],
    private readonly data: JobEventView['data'],
    /** Of the job after it; null where it does not change it. */
    readonly state: JobState | null,
  ) {}

  static of(stored: StoredEvent): OutEvent {
    const { event, data } = jobEventView(stored);
    return new OutEvent(stored.seq, stored.at, event, data, stored.type === 'state' ? stored.state : null);
  }

  /** A snapshot in place of events that are no longer stored: the job as it is after event `seq`. */
  static reset(seq: number, view: JobView): OutEvent {
    return new OutEvent(seq, null, 'reset', { job: view.id, seq, view }, view.state);
  }

  /** Its data as JSON. `hidesPayload`: for a reader who may not see payloads. */
  json(hidesPayload = false): string {
    this.text ??= writeJson(this.data);
    return hidesPayload && (this.name === 'state' || this.name === 'reset') ? withoutPayloads(this.text) : this.text;
  }
}
