import { ALL_TENANTS, BatchedChanges, type Logger, type Metrics, systemClock } from '@app/core';
import {
  BrokerAccount,
  CHANGES,
  HintPublisher,
  ConfirmPublisher,
  describeMessage,
  JobTransport,
  QueueDepth,
  RabbitConnection,
  ReadyCounts,
  type RabbitDelivery,
  ReplySender,
} from '@app/rabbitmq';
import type { RuntimeConfig } from '../config.js';
import type { Store } from '../store.js';

/** The connections of a worker to RabbitMQ: one to publish, one to consume, and one for replies, made for the first reply. */
export interface WorkerBroker {
  publishing: RabbitConnection;
  consuming: RabbitConnection;
  publisher: ConfirmPublisher;
  replies: ReplySender;
  depth: QueueDepth;
  ready: ReadyCounts;
  transport: JobTransport;
  /** Notifies the gateways of jobs that change here. */
  changes: BatchedChanges;
}

export const WORKER_BROKER = Symbol('worker broker');

/** `credit`: see `TransportConfig`. It is a function because the inbox is made after the transport. */
export function createWorkerBroker(config: RuntimeConfig, store: Store, logger: Logger, metrics: Metrics, credit: (queue: string) => number): WorkerBroker {
  const account = new BrokerAccount();
  const { amqpUrl: url, amqpTls: tls } = config;
  const publishing = new RabbitConnection({ url, tls, name: 'longhaul worker: publish', role: 'publish', logger, metrics, account });
  const consuming = new RabbitConnection({ url, tls, name: 'longhaul worker: consume', role: 'consume', logger, metrics, account });
  const replies = new ReplySender({ url, tls, name: 'longhaul worker: reply', logger, metrics, account });
  const changePublisher = new HintPublisher(publishing, CHANGES, logger);
  const changes = new BatchedChanges((jobIds) => changePublisher.send(jobIds), systemClock);
  store.tell((jobIds) => changes.tell(jobIds));
  const depth = new QueueDepth(publishing);
  return {
    publishing,
    consuming,
    publisher: new ConfirmPublisher(publishing, logger, { metrics, replies, publicEvents: config.outcomeEvents }),
    replies,
    depth,
    ready: new ReadyCounts(publishing, depth, logger),
    changes,
    transport: new JobTransport({
      connection: consuming,
      logger,
      metrics,
      credit,
      recordUnreadable: async (delivery, queue, fault) => {
        await recordUnreadable(store, delivery, queue, fault);
        metrics.count('dead_letters_total', { reason: 'unreadable' });
      },
    }),
  };
}

/** Records the dead letter before the message is rejected. After a crash in between the message is delivered again, with the same result. */
async function recordUnreadable(store: Store, delivery: RabbitDelivery, queue: string, fault: string): Promise<void> {
  await store.deadLetters.record({
    ...describeMessage(delivery.message),
    queue,
    reason: 'unreadable',
    detail: fault,
    jobId: null,
    kind: null,
    tenant: ALL_TENANTS,
  });
  delivery.reject();
}
