import { LeaseSweeper, OutboxRelay } from '@app/core';
import { PrometheusMetrics, showBroker, Store, whenFirst } from '@app/host';
import { Injectable } from '@nestjs/common';
import { RecorderService } from '../../dead-letters/recorder.service.js';
import { QueueRemover } from '../../queues/queue-remover.js';
import { IntakeService } from '../../submissions/amqp/intake.service.js';
import { databaseHealth, type GatewayHealth, GatewayService } from '../gateway.service.js';
import { GatewayBroker } from './gateway-broker.js';

/** Distributed mode: relay, sweep, AMQP intake and dead-letter recorder. */
@Injectable()
export class DistributedService extends GatewayService {
  private readonly stopping = new AbortController();
  private hadBroker = false;

  constructor(
    private readonly store: Store,
    private readonly broker: GatewayBroker,
    private readonly relay: OutboxRelay,
    private readonly sweeper: LeaseSweeper,
    private readonly remover: QueueRemover,
    private readonly intake: IntakeService,
    private readonly recorder: RecorderService,
    metrics: PrometheusMetrics,
  ) {
    super();
    showBroker(metrics, [broker.publishing, broker.consuming], broker.publisher);
    metrics.gauge('consumers', () => [[Number(this.intake.consuming) + Number(this.recorder.consuming)]]);
  }

  /** Does not wait for the broker: submissions are accepted without it. */
  start(): Promise<void> {
    this.broker.publishing.start();
    this.broker.consuming.start();
    this.intake.start();
    this.relay.start();
    this.sweeper.start();
    this.remover.start();
    return Promise.resolve();
  }

  async whenUp(): Promise<void> {
    await whenFirst(() => this.brokerUp, this.stopping.signal);
    this.hadBroker = true;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.remover.close();
    await this.intake.close();
    await this.recorder.close();
    this.broker.changed.close();
    await this.relay.close(5_000);
    await this.sweeper.close();
    this.broker.changes.flush();
    await this.broker.publisher.close();
    await this.broker.replies.close();
    await this.broker.publishing.close();
    await this.broker.consuming.close();
  }

  /**
   * A gateway that has had its broker is ready without it, for it accepts all the same. One that never had it is not: mostly its address, its
   * account or its virtual host is wrong, and nothing that it accepts would ever run.
   */
  async health(): Promise<GatewayHealth> {
    const database = await databaseHealth(() => this.store.ping());
    const up = this.brokerUp;
    this.hadBroker ||= up;
    const { publishing, consuming } = this.broker;
    const reason = publishing.blocked ?? publishing.reason ?? consuming.reason ?? this.intake.reason ?? this.recorder.reason;
    return {
      status: database === 'up' && this.hadBroker ? 'ok' : 'unavailable',
      database,
      broker: publishing.blocked ? 'blocked' : up ? 'up' : 'down',
      ...(up && publishing.blocked === undefined ? {} : { reason: reason ?? 'the connection to RabbitMQ is being made' }),
    };
  }

  private get brokerUp(): boolean {
    const { publishing, consuming } = this.broker;
    return publishing.up && consuming.up && this.intake.healthy && this.recorder.healthy;
  }
}
