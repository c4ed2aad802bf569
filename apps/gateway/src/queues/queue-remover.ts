import { type Logger, PollingLoop, type QueueRemoval, systemClock } from '@app/core';

const LOOK_MS = 10_000;

/** Deletes the broker's queues of deleted queues that no process uses any more; see `PostgresQueues`. */
export class QueueRemover {
  private readonly loop: PollingLoop;

  constructor(
    private readonly queues: QueueRemoval,
    /** Deletes the broker's queue. A missing one counts as deleted. */
    private readonly deleteFromBroker: (queue: string) => Promise<void>,
    private readonly logger: Logger,
  ) {
    this.loop = new PollingLoop({
      clock: systemClock,
      look: async () => {
        await this.look();
        return LOOK_MS;
      },
      everyMs: LOOK_MS,
      failed: (error) => logger.debug({ err: error }, 'deleted queues could not be looked for'),
    });
  }

  start(): void {
    this.loop.start();
  }

  close(): Promise<void> {
    return this.loop.close();
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
