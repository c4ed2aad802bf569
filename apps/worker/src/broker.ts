import type { Logger } from '@app/core';
import { ConfirmPublisher, describeMessage, JobTransport, QueueDepth, RabbitConnection, type RabbitDelivery } from '@app/rabbitmq';
import type { Store } from '@app/runtime';
import type { WorkerConfig } from './worker.config.js';

/** What a worker has on RabbitMQ: one connection to publish on, one to consume on. */
export interface WorkerBroker {
  publishing: RabbitConnection;
  publisher: ConfirmPublisher;
  depth: QueueDepth;
  transport: JobTransport;
}

/** `unguarded`: see `TransportConfig`; the runner that knows is made later than the transport. */
export function createBroker(config: WorkerConfig, store: Store, logger: Logger, unguarded: (queue: string) => number): WorkerBroker {
  const publishing = new RabbitConnection({ url: config.amqpUrl, name: 'longhaul worker: publish', logger });
  const consuming = new RabbitConnection({ url: config.amqpUrl, name: 'longhaul worker: consume', logger });
  return {
    publishing,
    publisher: new ConfirmPublisher(publishing, logger),
    depth: new QueueDepth(publishing),
    transport: new JobTransport({
      connection: consuming,
      logger,
      concurrency: config.concurrency,
      unguarded,
      recordUnreadable: (delivery, queue, fault) => recordUnreadable(store, delivery, queue, fault),
    }),
  };
}

/** First the dead letter, then the rejection: a crash between them brings the message back, to the same end. */
async function recordUnreadable(store: Store, delivery: RabbitDelivery, queue: string, fault: string): Promise<void> {
  await store.deadLetters.record({ ...describeMessage(delivery.message), queue, reason: 'unreadable', detail: fault, jobId: null, kind: null });
  delivery.reject();
}
