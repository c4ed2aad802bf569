import type { Logger } from '@app/core';
import { LocalWorker, LOGGER, OwnHandlers, type Part, Parts, PrometheusMetrics, Store, WorkerHost } from '@app/host';
import { PostgresChanges } from '@app/postgres';
import { Inject, Injectable } from '@nestjs/common';
import { QueueRemover } from '../../queues/queue-remover.js';
import { databaseHealth, type GatewayHealth, GatewayService } from '../gateway.service.js';

const DISCARD_MS = 60_000;

/** Single-process mode: no broker; the gateway runs the jobs itself, out of the outbox. */
@Injectable()
export class SingleProcessService extends GatewayService {
  private readonly parts: Parts;

  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly store: Store,
    private readonly host: WorkerHost,
    handlers: OwnHandlers,
    changes: PostgresChanges,
    worker: LocalWorker,
    remover: QueueRemover,
    metrics: PrometheusMetrics,
  ) {
    super();
    metrics.gauge('jobs_in_hand', () => [[host.runner.size]]);
    metrics.gauge('heartbeat_age_seconds', () => [[host.heartbeatAgeSeconds]]);
    this.parts = new Parts([handlers, changes, worker, remover, this.discarding()]);
  }

  start(): Promise<void> {
    return this.parts.start();
  }

  close(): Promise<void> {
    return this.parts.close();
  }

  async health(): Promise<GatewayHealth> {
    const database = await databaseHealth(() => this.store.ping());
    return { status: database === 'up' && this.host.reachable ? 'ok' : 'unavailable', database, broker: 'none' };
  }

  get brokerState(): GatewayHealth['broker'] {
    return 'none';
  }

  get brokerReason(): undefined {
    return undefined;
  }

  get brokerDenies(): readonly string[] {
    return [];
  }

  whenUp(): Promise<void> {
    return Promise.resolve();
  }

  /** Drops outcome events, which have no listener without a broker. */
  private discarding(): Part {
    const discard = () =>
      this.store.outbox.discardEvents().catch((error: unknown) => this.logger.warn({ err: error }, 'outcome events could not be discarded'));
    let timer: NodeJS.Timeout | undefined;
    return { start: () => void (timer = setInterval(() => void discard(), DISCARD_MS).unref()), close: () => clearInterval(timer) };
  }
}
