import type { JobView } from '@app/contracts';
import { jobEventView, type JobEventView } from '@app/views';
import { type StoredEvent, writeJson } from '@app/core';

/** An event on its way to readers; written out once, however many there are. */
export class OutEvent {
  private text: string | undefined;

  private constructor(
    readonly seq: number,
    /** Null of a snapshot. */
    readonly at: Date | null,
    readonly name: JobEventView['event'],
    private readonly data: JobEventView['data'],
  ) {}

  static of(stored: StoredEvent): OutEvent {
    const { event, data } = jobEventView(stored);
    return new OutEvent(stored.seq, stored.at, event, data);
  }

  /** In place of events that are not kept: the job as it is, up to number `seq`. */
  static reset(seq: number, view: JobView): OutEvent {
    return new OutEvent(seq, null, 'reset', { job: view.id, seq, view });
  }

  /** Its data as JSON. */
  get json(): string {
    this.text ??= writeJson(this.data);
    return this.text;
  }
}
