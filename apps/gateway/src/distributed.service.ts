import { type Admission, type LeaseSweeper, type Logger, type OutboxRelay, type SubmitJob } from '@app/core';
import { createSweeper, type PrometheusMetrics, showBroker, type Store, whenFirst } from '@app/host';
import { IntakeService } from './submissions/amqp/intake.service.js';
import { RecorderService } from './dead-letters/recorder.service.js';
import { Requester } from './submissions/amqp/requester.js';
import type { GatewayBroker } from './broker.js';
import { QueueRemover } from './queues/queue-remover.js';
import type { GatewayConfig } from './gateway.config.js';
import { databaseHealth, type GatewayHealth, GatewayService } from './gateway.service.js';

/** Distributed mode: relay, sweep, AMQP intake and dead-letter recorder. */
export class DistributedService extends GatewayService {
  private readonly intake: IntakeService;
  private readonly recorder: RecorderService;
  private readonly sweeper: LeaseSweeper;
  private readonly remover: QueueRemover;
  private readonly stopping = new AbortController();
  private hadBroker = false;

  constructor(
    config: GatewayConfig,
    logger: Logger,
    private readonly store: Store,
    private readonly broker: GatewayBroker,
    private readonly relay: OutboxRelay,
    submitJob: SubmitJob,
    admission: Admission,
    metrics: PrometheusMetrics,
  ) {
    super();
    this.intake = new IntakeService(broker.consuming, {
      submitJob,
      admission,
      deadLetters: store.deadLetters,
      requester: new Requester(broker.replies, store.jobs, config.mayReply),
      mayReply: config.mayReply,
      maxBytes: config.maxBodyBytes,
      maxMembers: config.maxJsonMembers,
      logger,
      metrics,
    });
    this.recorder = new RecorderService(broker.consuming, store.deadLetters, store.workers, store.jobs, logger, metrics);
    this.sweeper = createSweeper(
      { store, config, logger, metrics },
      () => null,
      (queue) => broker.depth.of(queue),
      () => relay.nudge(),
    );
    this.remover = new QueueRemover(store.queues, (queue) => broker.depth.remove(queue), logger);
    showBroker(metrics, [broker.publishing, broker.consuming], broker.publisher);
    metrics.gauge('consumers', 'Queues that are consumed here', {}, () => [[Number(this.intake.consuming) + Number(this.recorder.consuming)]]);
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
