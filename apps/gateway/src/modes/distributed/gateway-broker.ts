import { BatchedChanges, type JobId, type Logger, type Metrics, systemClock } from '@app/core';
import { CONFIG, LOGGER, METRICS, Store } from '@app/host';
import {
  BrokerAccount,
  CHANGES,
  ConfirmPublisher,
  CONTROL,
  HintListener,
  HintPublisher,
  QueueDepth,
  RabbitConnection,
  ReadyCounts,
  ReplySender,
} from '@app/rabbitmq';
import { Inject, Injectable } from '@nestjs/common';
import { Interest } from '../../events/interest.js';
import { Wakes } from '../../events/wakes.js';
import type { GatewayConfig } from '../../gateway.config.js';

/** The connections of a gateway to RabbitMQ: one to publish, one to consume, and one for replies, made for the first reply. */
@Injectable()
export class GatewayBroker {
  readonly account = new BrokerAccount();
  readonly publishing: RabbitConnection;
  readonly consuming: RabbitConnection;
  readonly publisher: ConfirmPublisher;
  readonly replies: ReplySender;
  readonly depth: QueueDepth;
  readonly ready: ReadyCounts;
  /** Notifies all gateways of jobs that change here … */
  readonly changes: BatchedChanges;
  /** … and receives the ids of jobs that change anywhere, while a caller here reads events or waits for an end. */
  readonly changed: HintListener;

  constructor(
    store: Store,
    wakes: Wakes,
    interest: Interest,
    @Inject(CONFIG) { amqpUrl: url, amqpTls: tls, outcomeEvents }: GatewayConfig,
    @Inject(LOGGER) logger: Logger,
    @Inject(METRICS) metrics: Metrics,
  ) {
    const { account } = this;
    this.publishing = new RabbitConnection({ url, tls, name: 'longhaul gateway: publish', role: 'publish', logger, metrics, account });
    this.consuming = new RabbitConnection({ url, tls, name: 'longhaul gateway: consume', role: 'consume', logger, metrics, account });
    this.replies = new ReplySender({ url, tls, name: 'longhaul gateway: reply', logger, metrics, account });
    this.publisher = new ConfirmPublisher(this.publishing, logger, { metrics, replies: this.replies, publicEvents: outcomeEvents });
    this.depth = new QueueDepth(this.publishing);
    this.ready = new ReadyCounts(this.publishing, this.depth, logger);
    const changePublisher = new HintPublisher(this.publishing, CHANGES, logger);
    const control = new HintPublisher(this.publishing, CONTROL, logger);
    this.changes = new BatchedChanges((jobIds) => changePublisher.send(jobIds), systemClock);
    const [changed, missed] = [(jobIds: readonly JobId[]) => wakes.changed(jobIds), () => wakes.missed()];
    this.changed = new HintListener(this.consuming, CHANGES, changed, missed, logger);
    store.tell((jobIds) => this.changes.tell(jobIds));
    store.tellAsked((jobIds) => control.send(jobIds));
    interest.listen((wanted) => this.changed.listen(wanted));
  }
}
