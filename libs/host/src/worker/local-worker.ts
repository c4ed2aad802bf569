import { type LeaseSweeper, LocalProcessor, type Logger, type Metrics, systemClock } from '@app/core';
import type { RuntimeConfig } from '../config.js';
import type { Store } from '../store.js';
import { createSweeper, type WorkerHost } from './worker-host.js';

/** The loops of a process that runs jobs out of PostgreSQL, without a broker. */
export class LocalWorker {
  private readonly processor: LocalProcessor;
  private readonly sweeper: LeaseSweeper;

  constructor(
    config: RuntimeConfig,
    logger: Logger,
    store: Store,
    private readonly host: WorkerHost,
    metrics: Metrics,
  ) {
    this.processor = new LocalProcessor({
      store: store.attempts,
      runner: host.runner,
      clock: systemClock,
      logger,
      workerId: () => host.workerId,
      config: { concurrency: config.concurrency, pollMs: 500, queues: config.queues.length > 0 ? config.queues : null },
    });
    // Nothing waits in a broker: a job that is queued without an outbox row was lost, e.g. when RabbitMQ was given up.
    this.sweeper = createSweeper(
      { store, config, logger, metrics },
      () => host.workerId,
      () => Promise.resolve(0),
      () => this.processor.nudge(),
    );
  }

  /** A job was accepted here. */
  nudge(): void {
    this.processor.nudge();
  }

  async start(): Promise<void> {
    await this.host.start();
    this.sweeper.start();
    this.processor.start();
  }

  /** Takes no more jobs; what runs may end within the drain time, then it is interrupted. */
  async stop(): Promise<void> {
    await this.processor.close();
    await this.host.drain();
    await this.sweeper.close();
    await this.host.close();
  }
}
