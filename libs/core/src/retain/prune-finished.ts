import type { Clock } from '../kit/clock.js';
import type { Logger } from '../kit/logger.js';
import type { RetentionLimits, RetentionStore } from './retention.js';

export interface PruneDependencies {
  store: RetentionStore;
  clock: Clock;
  logger: Logger;
  limits: RetentionLimits;
  config: {
    /** Between two looks when there is nothing left to remove. */
    everyMs: number;
    /** Between two batches, so that removing takes a small part of the database's time. */
    restMs: number;
    batch: number;
  };
}

/**
 * Keeps the tables from growing without end: removes what is past its time, in small batches. Every gateway does it; what one
 * has locked, another skips, and a crash leaves whole batches only.
 */
export class PruneFinished {
  private readonly stop = new AbortController();
  private loop: Promise<void> = Promise.resolve();

  constructor(private readonly deps: PruneDependencies) {}

  start(): void {
    this.loop = this.run();
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.loop;
  }

  private async run(): Promise<void> {
    const { store, clock, logger, limits, config } = this.deps;
    while (!this.stop.signal.aborted) {
      let removed = 0;
      try {
        removed = await store.prune(limits, config.batch);
      } catch (error) {
        logger.warn({ err: error }, 'what is past its time could not be removed');
      }
      await clock.sleep(removed >= config.batch ? config.restMs : config.everyMs, this.stop.signal);
    }
  }
}
