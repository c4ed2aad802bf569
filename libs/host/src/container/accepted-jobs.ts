import type { JobMessage } from '@app/core';
import { Injectable } from '@nestjs/common';

/** Runs or publishes the jobs that this process accepts. */
export interface AcceptedListener {
  /** Jobs are durable and may run now. */
  accepted(wakeUp: JobMessage): void;
  /** Jobs are durable, and wait for their turn in the waiting room; `limited`: some of them have limits. */
  waiting(limited: boolean): void;
  /** A `job.transaction` that submitted jobs has committed. Those jobs wait in the outbox. */
  joined(): void;
}

/** Passes on jobs that this process has accepted. Without a listener any relay takes them out of the outbox. */
@Injectable()
export class AcceptedJobs implements AcceptedListener {
  private listener: AcceptedListener | undefined;

  listen(listener: AcceptedListener): void {
    this.listener = listener;
  }

  accepted(wakeUp: JobMessage): void {
    this.listener?.accepted(wakeUp);
  }

  waiting(limited: boolean): void {
    this.listener?.waiting(limited);
  }

  joined(): void {
    this.listener?.joined();
  }
}
