import type { Clock } from '../kit/clock.js';
import type { Logger } from '../kit/logger.js';
import { PollingLoop } from '../kit/polling-loop.js';
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
  private readonly loop: PollingLoop;

  constructor({ store, clock, logger, limits, config }: PruneDependencies) {
    this.loop = new PollingLoop({
      clock,
      look: async () => ((await store.prune(limits, config.batch)).more ? config.restMs : config.everyMs),
      everyMs: config.everyMs,
      failed: (error) => logger.warn({ err: error }, 'what is past its time could not be removed'),
    });
  }

  start(): void {
    this.loop.start();
  }

  /** Looks at once: a rule has changed. */
  nudge(): void {
    this.loop.nudge();
  }

  close(): Promise<void> {
    return this.loop.close();
  }
}
