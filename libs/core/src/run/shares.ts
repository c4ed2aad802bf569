import type { JobId, PublishId } from '../job/job.js';
import type { Clock } from '../kit/clock.js';
import type { Logger } from '../kit/logger.js';
import { Pauses } from '../kit/pauses.js';
import type { Delivery, WakeUp } from './delivery.js';

export interface Burial {
  /** Publishes the message of a job that has failed to the dead-letter exchange; resolves with the broker's confirm. */
  publish: (delivery: Delivery) => Promise<void>;
  clock: Clock;
  logger: Logger;
}

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

/**
 * The parts of a message, one for each of its jobs, that are disposed of one by one.
 *
 * Authority: the broker has the message until all parts are disposed of. Then it is accepted; or released, and comes again whole, if one part was
 * released. A crash before that brings it back whole too: jobs that have ended are announced once more, what nobody has begun is claimed.
 * A reject would take the other jobs to the dead-letter exchange as well. So the part of a job that has failed is published there by itself, and is
 * done with the confirm; a message of one job is rejected.
 */
export function sharesOf(message: WakeUp, burial: Burial): Delivery[] {
  const rest = { open: message.jobIds.length, released: false };
  return message.jobIds.map((jobId) => new Share(jobId, message, rest, burial));
}

class Share implements Delivery {
  private disposed = false;

  constructor(
    readonly jobId: JobId,
    private readonly message: WakeUp,
    private readonly rest: { open: number; released: boolean },
    private readonly burial: Burial,
  ) {}

  get publishId(): PublishId {
    return this.message.publishId;
  }

  get kind(): string {
    return this.message.kind;
  }

  get queue(): string {
    return this.message.queue;
  }

  get open(): boolean {
    return !this.disposed && this.message.open;
  }

  accept(): void {
    if (this.open) this.dispose();
  }

  release(): void {
    if (!this.open) return;
    this.rest.released = true;
    this.dispose();
  }

  reject(): void {
    if (!this.open) return;
    if (this.message.jobIds.length === 1) {
      this.disposed = true;
      this.message.reject();
    } else void this.bury();
  }

  private dispose(): void {
    this.disposed = true;
    this.leave();
  }

  private leave(): void {
    if (--this.rest.open > 0) return;
    if (this.rest.released) this.message.release();
    else this.message.accept();
  }

  private async bury(): Promise<void> {
    const { publish, clock, logger } = this.burial;
    const pauses = new Pauses(FIRST_RETRY_MS, LONGEST_RETRY_MS);
    this.disposed = true;
    while (this.message.open) {
      try {
        await publish(this);
        this.leave();
        return;
      } catch (error) {
        logger.warn({ jobId: this.jobId, err: error }, 'the message of a failed job could not be published to the dead-letter exchange and is published again');
        await clock.sleep(pauses.next());
      }
    }
  }
}
