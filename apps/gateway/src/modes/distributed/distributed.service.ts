import { LeaseSweeper, OutboxRelay, ReleasePass } from '@app/core';
import { Parts, PrometheusMetrics, showBroker, Store, whenFirst } from '@app/host';
import { Injectable } from '@nestjs/common';
import { RecorderService } from '../../dead-letters/recorder.service.js';
import { QueueRemover } from '../../queues/queue-remover.js';
import { IntakeService } from '../../submissions/amqp/intake.service.js';
import { databaseHealth, type GatewayHealth, GatewayService } from '../gateway.service.js';
import { GatewayBroker } from './gateway-broker.js';

/** How long running publishes may wait for their confirms. */
const RELAY_MS = 5_000;

/** Distributed mode: relay, sweep, AMQP intake and dead-letter recorder. */
@Injectable()
export class DistributedService extends GatewayService {
  private readonly stopping = new AbortController();
  private readonly parts: Parts;
  private hadBroker = false;

  constructor(
    private readonly store: Store,
    private readonly broker: GatewayBroker,
    relay: OutboxRelay,
    pass: ReleasePass,
    sweeper: LeaseSweeper,
    remover: QueueRemover,
    private readonly intake: IntakeService,
    private readonly recorder: RecorderService,
    metrics: PrometheusMetrics,
  ) {
    super();
    showBroker(metrics, [broker.publishing, broker.consuming], broker.publisher);
    metrics.gauge('consumers', () => [[Number(this.intake.consuming) + Number(this.recorder.consuming)]]);
    const { publishing, consuming, publisher, ready, replies, changes, changed } = broker;
    this.parts = new Parts([
      consuming,
      publishing,
      { close: () => replies.close() },
      { close: () => publisher.close() },
      { close: () => changes.flush() },
      { close: () => ready.close() },
      sweeper,
      { start: () => relay.start(), close: () => relay.close(RELAY_MS) },
      pass,
      { close: () => changed.close() },
      recorder,
      intake,
      remover,
    ]);
  }

  /** Starts. It does not wait for the broker, because submissions are accepted without it. */
  start(): Promise<void> {
    return this.parts.start();
  }

  async whenUp(): Promise<void> {
    await whenFirst(() => this.brokerUp, this.stopping.signal);
    this.hadBroker = true;
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.parts.close();
  }

  /**
   * A gateway that has lost its broker stays ready, because it still accepts jobs. One that never had a connection is not ready: mostly the
   * address, the account or the virtual host is wrong, and no accepted job would ever run.
   */
  async health(): Promise<GatewayHealth> {
    const database = await databaseHealth(() => this.store.ping());
    const up = this.brokerUp;
    this.hadBroker ||= up;
    const { publishing } = this.broker;
    return {
      status: database === 'up' && this.hadBroker ? 'ok' : 'unavailable',
      database,
      broker: publishing.blocked ? 'blocked' : up ? 'up' : 'down',
      ...(up && publishing.blocked === undefined ? {} : { reason: this.brokerReason ?? 'the connection to RabbitMQ is being made' }),
    };
  }

  get brokerState(): GatewayHealth['broker'] {
    const { publishing } = this.broker;
    return publishing.blocked ? 'blocked' : publishing.up ? 'up' : 'down';
  }

  get brokerReason(): string | undefined {
    const { publishing, consuming } = this.broker;
    return publishing.blocked ?? publishing.reason ?? consuming.reason ?? this.intake.reason ?? this.recorder.reason;
  }

  get brokerDenies(): readonly string[] {
    return this.broker.account.denied;
  }

  private get brokerUp(): boolean {
    const { publishing, consuming } = this.broker;
    return publishing.up && consuming.up && this.intake.healthy && this.recorder.healthy;
  }
}
