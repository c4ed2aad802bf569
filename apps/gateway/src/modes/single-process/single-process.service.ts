import type { Logger } from '@app/core';
import { LocalWorker, LOGGER, PrometheusMetrics, Store, WorkerHost } from '@app/host';
import { PostgresChanges } from '@app/postgres';
import { Inject, Injectable } from '@nestjs/common';
import { QueueRemover } from '../../queues/queue-remover.js';
import { databaseHealth, type GatewayHealth, GatewayService } from '../gateway.service.js';

const DISCARD_MS = 60_000;

/** Single-process mode: no broker; the gateway runs the jobs itself, out of the outbox. */
@Injectable()
export class SingleProcessService extends GatewayService {
  private readonly discarding: NodeJS.Timeout;

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly store: Store,
    private readonly host: WorkerHost,
    private readonly worker: LocalWorker,
    private readonly changes: PostgresChanges,
    private readonly remover: QueueRemover,
    metrics: PrometheusMetrics,
  ) {
    super();
    metrics.gauge('jobs_in_hand', () => [[host.runner.size]]);
    metrics.gauge('heartbeat_age_seconds', () => [[host.heartbeatAgeSeconds]]);
    this.discarding = setInterval(() => void this.discardEvents(), DISCARD_MS).unref();
  }

  async start(): Promise<void> {
    this.changes.start();
    await this.worker.start();
    this.remover.start();
  }

  async stop(): Promise<void> {
    clearInterval(this.discarding);
    await this.remover.close();
    await this.worker.stop();
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
