import { type LeaseSweeper, LocalProcessor, type Logger, type Metrics, ReleasePass, systemClock } from '@app/core';
import { Inject, Injectable, Optional } from '@nestjs/common';
import type { RuntimeConfig } from '../config.js';
import { AcceptedJobs } from '../container/accepted-jobs.js';
import { CONFIG, LOGGER, METRICS } from '../container/tokens.js';
import { Store } from '../store.js';
import { localPassParts } from './publishing-parts.js';
import { severalSlots } from './slots.js';
import { createSweeper, WorkerHost } from './worker-host.js';

/** The loops of a process that runs jobs out of PostgreSQL, without a broker. */
@Injectable()
export class LocalWorker {
  private readonly processor: LocalProcessor;
  private readonly sweeper: LeaseSweeper;
  private readonly pass: ReleasePass;

  constructor(
    @Inject(CONFIG) config: RuntimeConfig,
    @Inject(LOGGER) logger: Logger,
    private readonly store: Store,
    private readonly host: WorkerHost,
    @Inject(METRICS) metrics: Metrics,
    /** Jobs that this process accepts run at once. Without it the caller has to nudge. */
    @Optional() accepted?: AcceptedJobs,
  ) {
    this.processor = new LocalProcessor({
      store: host.attempts,
      runner: host.runner,
      clock: systemClock,
      logger,
      workerId: () => host.workerId,
      severalSlots: () => severalSlots(host.handlers, config.concurrency),
      config: {
        concurrency: config.concurrency,
        pollMs: 500,
        // They may change from afar.
        get queues() {
          return host.queues.wanted.length > 0 ? host.queues.wanted : null;
        },
      },
    });
    host.queues.listen(() => {
      host.queues.took(host.queues.wanted);
      this.processor.nudge();
    });
    // There is no broker, so a queued job without an outbox row was lost, e.g. when an installation stopped using RabbitMQ.
    this.sweeper = createSweeper(
      { store, config, logger, metrics },
      () => host.workerId,
      () => Promise.resolve(0),
      () => this.processor.nudge(),
    );
    this.pass = new ReleasePass(localPassParts({ store, logger, metrics }, () => this.processor.nudge()));
    host.slotsFreed = ({ handedOn, roomFreed }) => {
      if (handedOn.length > 0) this.processor.nudge();
      if (roomFreed) this.pass.nudge();
    };
    accepted?.listen({ accepted: () => this.nudge(), waiting: (limited) => this.waiting(limited), joined: () => this.nudge() });
  }

  /** Call it when this process has accepted a job. */
  nudge(): void {
    this.processor.nudge();
  }

  /** Call it when jobs that this process has accepted wait for their turn. */
  waiting(limited: boolean): void {
    if (limited) this.pass.nudge();
    this.processor.nudge();
  }

  async start(): Promise<void> {
    await this.store.room.suspectsOut();
    await this.host.start();
    this.pass.start();
    this.sweeper.start();
    this.processor.start();
  }

  /** Takes no more jobs. Running jobs may end within the drain time and are interrupted after it. */
  async close(): Promise<void> {
    await this.processor.close();
    await this.pass.close();
    await this.host.drain();
    await this.sweeper.close();
    await this.host.close();
  }
}
