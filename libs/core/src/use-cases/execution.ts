import type { JobId, LeaseToken, PublishId } from '../job/job.js';
import type { Delivery } from '../ports/delivery.js';
import type { AttemptContext } from './attempt-context.js';

/**
 * One job in the hands of this process: from the arrival of its delivery to its disposition.
 * The delivery may change underneath (a channel was lost and the broker delivered again), or be absent: handed over to
 * the lease after a while, or never there, as in step 1.
 */
export class Execution<Transaction> {
  /** Set from the moment the handler may run. */
  context: AttemptContext<Transaction> | undefined;
  private accepted = false;

  constructor(
    readonly jobId: JobId,
    readonly publishId: PublishId | null,
    readonly token: LeaseToken,
    readonly queue: string,
    private current: Delivery | null,
  ) {}

  /** Its delivery was accepted while it runs: it holds a slot that the broker does not know of. */
  get handedOver(): boolean {
    return this.accepted;
  }

  /** An unsettled delivery stands behind this execution: a crash brings the job back at once. */
  get guarded(): boolean {
    return this.current?.open ?? false;
  }

  /** The broker gave the same copy again: its former channel is gone, this one counts from now on. */
  adopt(delivery: Delivery): void {
    this.current = delivery;
  }

  /** Accepts the delivery now; from here on the lease alone guards the job. */
  handOver(): void {
    this.current?.accept();
    this.current = null;
    this.accepted = true;
  }

  dispose(disposition: 'accept' | 'reject' | 'release'): void {
    this.current?.[disposition]();
  }
}
