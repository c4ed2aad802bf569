import { type LeaseSweeper, LocalProcessor, type Logger, systemClock } from '@app/core';
import type { PostgresChanges } from '@app/postgres';
import { createSweeper, type PrometheusMetrics, type Store, type WorkerHost } from '@app/host';
import type { GatewayConfig } from './gateway.config.js';
import { QueueRemover } from './queues/queue-remover.js';
import { databaseHealth, type GatewayHealth, GatewayService } from './gateway.service.js';

const DISCARD_MS = 60_000;

/** Step 1: no broker; the gateway runs the jobs itself, out of the outbox. */
export class StepOneService extends GatewayService {
  readonly processor: LocalProcessor;
  private readonly sweeper: LeaseSweeper;
  private readonly remover: QueueRemover;
  private readonly discarding: NodeJS.Timeout;

  constructor(
    config: GatewayConfig,
    private readonly logger: Logger,
    private readonly store: Store,
    private readonly host: WorkerHost,
    private readonly changes: PostgresChanges,
    metrics: PrometheusMetrics,
  ) {
    super();
    this.processor = new LocalProcessor({
      store: store.attempts,
      runner: host.runner,
      clock: systemClock,
      logger,
      workerId: () => host.workerId,
      config: { concurrency: config.concurrency, pollMs: 500, queues: config.queues.length > 0 ? config.queues : null },
    });
    // Nothing waits in a broker: a job that is queued without an outbox row was lost, e.g. when step 2 was left.
    this.sweeper = createSweeper(
      { store, config, logger, metrics },
      () => host.workerId,
      () => Promise.resolve(0),
      () => this.processor.nudge(),
    );
    this.remover = new QueueRemover(store.queues, () => Promise.resolve(), logger);
    metrics.gauge('jobs_in_hand', 'Jobs that run or wait here', {}, () => [[host.runner.size]]);
    metrics.gauge('heartbeat_age_seconds', 'Since the database answered the heartbeat', {}, () => [[host.heartbeatAgeSeconds]]);
    this.discarding = setInterval(() => void this.discardEvents(), DISCARD_MS).unref();
  }

  async start(): Promise<void> {
    this.changes.start();
    await this.host.start();
    this.sweeper.start();
    this.remover.start();
    this.processor.start();
  }

  async stop(): Promise<void> {
    clearInterval(this.discarding);
    await this.remover.close();
    await this.processor.close();
    await this.host.drain();
    await this.sweeper.close();
    await this.host.close();
    await this.changes.close();
  }

  async health(): Promise<GatewayHealth> {
    const database = await databaseHealth(() => this.store.ping());
    return { status: database === 'up' && this.host.reachable ? 'ok' : 'unavailable', database, broker: 'none' };
  }

  whenUp(): Promise<void> {
    return Promise.resolve();
  }

  /** Outcome events have no listener here. */
  private async discardEvents(): Promise<void> {
    await this.store.outbox.discardEvents().catch((error: unknown) => this.logger.warn({ err: error }, 'outcome events could not be discarded'));
  }
}
