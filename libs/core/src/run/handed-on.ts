import type { JobId, PublishId } from '../job/job.js';
import type { Logger } from '../kit/logger.js';
import type { JobMessage } from '../relay/outbox.js';
import type { WakeUp } from './delivery.js';

export interface HandedOnParts {
  /** Deletes the row of the outbox. */
  done: (outboxId: string) => void;
  /** Publishes the message of a failed job to the dead-letter exchange; resolves with the broker's confirm. */
  bury: (message: { jobId: JobId; publishId: PublishId; kind: string; queue: string }) => Promise<void>;
  logger: Logger;
}

/**
 * A job to which a settlement of this process has handed a slot on, and which begins here, without the broker between: a delivery that the broker never
 * gave.
 *
 * Authority: its row in the outbox, which is due a second after the settlement. It stands in for the unacknowledged message, and goes when the job is through
 * with it: after the settlement, and after the outcome is told. The id of the row is the id of this copy.
 * What a crash of this process leads to:
 * - before the claim commits: the row comes due, and any relay publishes it as a message like any other;
 * - after it: the job was claimed under the row's id, so the relay publishes it under that id. Whoever gets the copy takes over from the process that is gone,
 *   or announces what has ended, as the table of claims says (docs/inside/protocol.md);
 * - after a second, when the row was due and the relay saw the process alive: the lease guards the job, as after a hand-over, and the sweep finds it. That takes longer, so
 *   only short jobs begin in this way.
 */
export class HandedOn implements WakeUp {
  readonly jobIds: readonly JobId[];
  readonly publishId: PublishId;
  readonly kind: string;
  readonly queue: string;
  private disposed = false;

  constructor(
    { outboxId, jobIds, kind, queue }: JobMessage,
    private readonly parts: HandedOnParts,
  ) {
    this.jobIds = jobIds;
    this.publishId = outboxId as PublishId;
    this.kind = kind;
    this.queue = queue;
  }

  get open(): boolean {
    return !this.disposed;
  }

  accept(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.parts.done(this.publishId);
  }

  reject(): void {
    if (this.disposed) return;
    this.disposed = true;
    void this.bury();
  }

  /** The row is due soon, or already. */
  release(): void {
    this.disposed = true;
  }

  /** Where the broker does not confirm, the row stays: its copy finds the job failed, and is rejected. */
  private async bury(): Promise<void> {
    const { publishId, kind, queue } = this;
    try {
      await Promise.all(this.jobIds.map((jobId) => this.parts.bury({ jobId, publishId, kind, queue })));
      this.parts.done(publishId);
    } catch (error) {
      this.parts.logger.warn({ jobIds: this.jobIds, err: error }, 'the message of a failed job could not be published to the dead-letter exchange yet');
    }
  }
}
