import { type Logger, type QueueRemoval, systemClock } from '@app/core';

const LOOK_MS = 10_000;

/** Takes the broker's queues away after queues were deleted and nobody uses them any more; see `PostgresQueues`. */
export class QueueRemover {
  private readonly stop = new AbortController();
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly queues: QueueRemoval,
    /** Deletes the broker's queue; one that is not there counts as deleted. */
    private readonly deleteFromBroker: (queue: string) => Promise<void>,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.looking = this.loop();
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.looking;
  }

  private async loop(): Promise<void> {
    while (!this.stop.signal.aborted) {
      await this.look().catch((error: unknown) => this.logger.debug({ err: error }, 'deleted queues could not be looked for'));
      await systemClock.sleep(LOOK_MS, this.stop.signal);
    }
  }

  private async look(): Promise<void> {
    for (const queue of await this.queues.removable()) {
      try {
        await this.deleteFromBroker(queue);
      } catch (error) {
        this.logger.warn({ queue, err: error }, 'the queue of a deleted queue could not be deleted from RabbitMQ; delete it there');
      }
      await this.queues.forget(queue);
    }
  }
}
