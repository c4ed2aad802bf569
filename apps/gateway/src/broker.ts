import { BatchedChanges, type JobId, type Logger, type Metrics, systemClock } from '@app/core';
import { BrokerAccount, ChangeListener, ChangePublisher, ConfirmPublisher, QueueDepth, RabbitConnection, ReplySender } from '@app/rabbitmq';
import type { GatewayConfig } from './gateway.config.js';

/** What a gateway has on RabbitMQ in distributed mode: one connection to publish on, one to consume on, and one for replies once there are any. */
export interface GatewayBroker {
  publishing: RabbitConnection;
  consuming: RabbitConnection;
  publisher: ConfirmPublisher;
  replies: ReplySender;
  depth: QueueDepth;
  /** Tells all gateways of the jobs that change here … */
  changes: BatchedChanges;
  /** … and hears of all that change anywhere, while somebody here reads events or waits for an end. */
  changed: ChangeListener;
}

/** What a gateway hears. */
export interface Hearing {
  changes: (jobIds: readonly JobId[]) => void;
  /** Changes may have been missed. */
  gap: () => void;
}

export function createBroker(config: GatewayConfig, hearing: Hearing, logger: Logger, metrics: Metrics): GatewayBroker {
  const account = new BrokerAccount();
  const publishing = new RabbitConnection({ url: config.amqpUrl, name: 'longhaul gateway: publish', role: 'publish', logger, metrics, account });
  const consuming = new RabbitConnection({ url: config.amqpUrl, name: 'longhaul gateway: consume', role: 'consume', logger, metrics, account });
  const replies = new ReplySender({ url: config.amqpUrl, name: 'longhaul gateway: reply', logger, metrics, account });
  const changePublisher = new ChangePublisher(publishing, logger);
  return {
    publishing,
    consuming,
    publisher: new ConfirmPublisher(publishing, logger, metrics, undefined, replies),
    replies,
    depth: new QueueDepth(publishing),
    changes: new BatchedChanges((jobIds) => changePublisher.send(jobIds), systemClock),
    changed: new ChangeListener(consuming, hearing.changes, hearing.gap, logger),
  };
}
