import type { JobMessage } from '@app/core';
import { Injectable } from '@nestjs/common';

/** Runs or publishes the jobs that this process accepts. */
export interface AcceptedListener {
  /** Jobs are durable and may run now. */
  accepted(wakeUp: JobMessage): void;
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

  joined(): void {
    this.listener?.joined();
  }
}
