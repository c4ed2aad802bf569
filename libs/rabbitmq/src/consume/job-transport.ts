import { jobQueueName } from '@app/contracts';
import type { Logger, Metrics, WakeUp } from '@app/core';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { ChannelModel } from 'amqplib';
import type { Attachment, RabbitConnection } from '../connection/connection.js';
import { RabbitConsumer } from './consumer.js';
import type { RabbitDelivery } from './delivery.js';
import { readJobDelivery } from './job-delivery.js';
import { DEAD_PARTS, jobQueueParts } from '../topology/topology.js';

/** The pattern by which the worker's controller receives deliveries. */
export const JOB_DELIVERY = 'longhaul.job';

export interface TransportConfig {
  connection: RabbitConnection;
  logger: Logger;
  /** How many messages of a queue may be open here. */
  credit: (queue: string) => number;
  metrics?: Metrics;
  /** Records a message on a job queue that is no job message. It is then rejected to the dead-letter exchange. */
  recordUnreadable: (delivery: RabbitDelivery, queue: string, fault: string) => Promise<void>;
}

/**
 * A custom Nest transport for job messages. Unlike `ServerRMQ` it acknowledges after the handler's end, by the handler's result;
 * cancels its consumers before it closes; has one consumer for each queue; and subscribes again when the broker cancels one.
 */
export class JobTransport extends Server implements CustomTransportStrategy, Attachment {
  private readonly consumers = new Map<string, RabbitConsumer>();
  private wanted: ReadonlySet<string> = new Set();
  private connected: ChannelModel | undefined;

  constructor(private readonly config: TransportConfig) {
    super();
    config.connection.add(this);
  }

  /** Nest calls this. It does not wait for the broker: a worker that starts while the broker is away begins to work when it is back. */
  override listen(callback: () => void): void {
    this.config.connection.start();
    callback();
  }

  override async close(): Promise<void> {
    await Promise.all([...this.consumers.values()].map((consumer) => consumer.close()));
    await this.config.connection.close();
  }

  async attach(connection: ChannelModel): Promise<void> {
    await this.config.connection.declare(connection, DEAD_PARTS);
    await Promise.all([...this.consumers.values()].map((consumer) => consumer.attach(connection)));
    this.connected = connection;
    connection.on('close', () => {
      if (this.connected === connection) this.connected = undefined;
    });
  }

  /** Consumes exactly these queues, with as many open messages of each as it has credit. */
  async consume(queues: ReadonlySet<string>): Promise<void> {
    this.wanted = queues;
    for (const queue of queues) if (!this.consumers.has(queue)) await this.open(queue);
    await this.adjust();
  }

  /** Reads the credit again. Call it when it has changed. */
  async adjust(): Promise<void> {
    // A consumer that cannot subscribe must not stop the others. It logs the reason and is not `healthy`.
    await Promise.allSettled([...this.consumers.values()].map((consumer) => consumer.adjust()));
  }

  /** Stops new deliveries. Open ones stay open. */
  async stopConsuming(): Promise<void> {
    await this.consume(new Set());
  }

  /** Whether it is connected and consumes every queue that it should. */
  get healthy(): boolean {
    return this.config.connection.up && [...this.consumers.values()].every((consumer) => consumer.healthy);
  }

  /** Why it is not `healthy`: the reason of the connection, or of the first queue that cannot be consumed. */
  get reason(): string | undefined {
    if (!this.config.connection.up) return this.config.connection.reason;
    return [...this.consumers.values()].map((consumer) => consumer.reason).find((reason) => reason !== undefined);
  }

  /** The number of queues that are consumed now. */
  get consuming(): number {
    return [...this.consumers.values()].filter((consumer) => consumer.consuming).length;
  }

  override on(): void {
    // This transport has no events. `healthy` shows its state.
  }

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- Nest's signature
  override unwrap<Transport>(): Transport {
    return this.config.connection as Transport;
  }

  private async open(queue: string): Promise<void> {
    const consumer = new RabbitConsumer({
      queue: jobQueueName(queue),
      slots: () => (this.wanted.has(queue) ? this.config.credit(queue) : 0),
      declare: (connection) => this.config.connection.declare(connection, jobQueueParts(queue)),
      onDelivery: (delivery) => this.receive(delivery, queue),
      logger: this.config.logger,
      ...(this.config.metrics ? { metrics: this.config.metrics } : {}),
    });
    this.consumers.set(queue, consumer);
    if (this.connected) await consumer.attach(this.connected);
  }

  private receive(delivery: RabbitDelivery, queue: string): void {
    const job = readJobDelivery(delivery, queue);
    const handling = 'fault' in job ? this.config.recordUnreadable(delivery, queue, job.fault) : this.dispatch(job);
    handling.catch((error: unknown) => {
      this.config.logger.error({ queue, err: error }, 'a delivery could not be handled and goes back to the queue');
      delivery.release();
    });
  }

  private async dispatch(message: WakeUp): Promise<void> {
    const handler = this.messageHandlers.get(JOB_DELIVERY);
    if (!handler) throw new Error(`expected a controller with @EventPattern('${JOB_DELIVERY}'), got none`);
    await handler(message);
  }
}
