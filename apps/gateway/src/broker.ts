import type { JobId, Logger, Metrics } from '@app/core';
import { ConfirmPublisher, OutcomeListener, QueueDepth, RabbitConnection, ReplySender } from '@app/rabbitmq';
import type { GatewayConfig } from './gateway.config.js';

/** What a gateway has on RabbitMQ in step 2: one connection to publish on, one to consume on, and one for replies once there are any. */
export interface GatewayBroker {
  publishing: RabbitConnection;
  consuming: RabbitConnection;
  publisher: ConfirmPublisher;
  replies: ReplySender;
  depth: QueueDepth;
  outcomes: OutcomeListener;
}

export function createBroker(config: GatewayConfig, onOutcome: (jobId: JobId) => void, logger: Logger, metrics: Metrics): GatewayBroker {
  const publishing = new RabbitConnection({ url: config.amqpUrl, name: 'longhaul gateway: publish', role: 'publish', logger, metrics });
  const consuming = new RabbitConnection({ url: config.amqpUrl, name: 'longhaul gateway: consume', role: 'consume', logger, metrics });
  const replies = new ReplySender({ url: config.amqpUrl, name: 'longhaul gateway: reply', logger, metrics });
  return {
    publishing,
    consuming,
    publisher: new ConfirmPublisher(publishing, logger, metrics, undefined, replies),
    replies,
    depth: new QueueDepth(publishing),
    outcomes: new OutcomeListener(consuming, onOutcome, logger),
  };
}
