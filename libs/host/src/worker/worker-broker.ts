import { BatchedChanges, type Logger, type Metrics, systemClock } from '@app/core';
import {
  BrokerAccount,
  ChangePublisher,
  ConfirmPublisher,
  describeMessage,
  JobTransport,
  QueueDepth,
  RabbitConnection,
  type RabbitDelivery,
  ReplySender,
} from '@app/rabbitmq';
import type { RuntimeConfig } from '../config.js';
import type { Store } from '../store.js';

/** What a worker has on RabbitMQ: one connection to publish on, one to consume on, and one for replies once there are any. */
export interface WorkerBroker {
  publishing: RabbitConnection;
  consuming: RabbitConnection;
  publisher: ConfirmPublisher;
  replies: ReplySender;
  depth: QueueDepth;
  transport: JobTransport;
  /** Tells the gateways of the jobs that change here. */
  changes: BatchedChanges;
}

export const WORKER_BROKER = Symbol('worker broker');

/** `unguarded`: see `TransportConfig`; the runner that knows is made later than the transport. */
export function createWorkerBroker(config: RuntimeConfig, store: Store, logger: Logger, metrics: Metrics, unguarded: (queue: string) => number): WorkerBroker {
  const account = new BrokerAccount();
  const publishing = new RabbitConnection({ url: config.amqpUrl, name: 'longhaul worker: publish', role: 'publish', logger, metrics, account });
  const consuming = new RabbitConnection({ url: config.amqpUrl, name: 'longhaul worker: consume', role: 'consume', logger, metrics, account });
  const replies = new ReplySender({ url: config.amqpUrl, name: 'longhaul worker: reply', logger, metrics, account });
  const changePublisher = new ChangePublisher(publishing, logger);
  const changes = new BatchedChanges((jobIds) => changePublisher.send(jobIds), systemClock);
  store.tell((jobIds) => changes.tell(jobIds));
  return {
    publishing,
    consuming,
    publisher: new ConfirmPublisher(publishing, logger, metrics, undefined, replies),
    replies,
    depth: new QueueDepth(publishing),
    changes,
    transport: new JobTransport({
      connection: consuming,
      logger,
      metrics,
      concurrency: config.concurrency,
      unguarded,
      recordUnreadable: async (delivery, queue, fault) => {
        await recordUnreadable(store, delivery, queue, fault);
        metrics.count('dead_letters_total', { reason: 'unreadable' });
      },
    }),
  };
}

/** First the dead letter, then the rejection: a crash between them brings the message back, to the same end. */
async function recordUnreadable(store: Store, delivery: RabbitDelivery, queue: string, fault: string): Promise<void> {
  await store.deadLetters.record({ ...describeMessage(delivery.message), queue, reason: 'unreadable', detail: fault, jobId: null, kind: null });
  delivery.reject();
}
