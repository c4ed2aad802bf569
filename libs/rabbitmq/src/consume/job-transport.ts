import { jobQueueName } from '@app/contracts';
import type { Delivery, Logger, Metrics } from '@app/core';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import type { ChannelModel } from 'amqplib';
import type { Attachment, RabbitConnection } from '../connection/connection.js';
import { RabbitConsumer } from './consumer.js';
import type { RabbitDelivery } from './delivery.js';
import { readJobDelivery } from './job-delivery.js';
import { DEAD_PARTS, jobQueueParts } from '../topology/topology.js';

/** The pattern under which the worker's controller gets deliveries. */
export const JOB_DELIVERY = 'longhaul.job';

export interface TransportConfig {
  connection: RabbitConnection;
  logger: Logger;
  /** Jobs of one queue that run here at once. */
  concurrency: number;
  /** How many jobs of a queue are at work here without an open delivery: they hold slots that the broker does not know of. */
  unguarded: (queue: string) => number;
  metrics?: Metrics;
  /** Stores a message on a job queue that is no job message; it is then rejected to the dead-letter exchange. */
  recordUnreadable: (delivery: RabbitDelivery, queue: string, fault: string) => Promise<void>;
}

/**
 * Nest's transport for job messages, by its official seam. Unlike `ServerRMQ` it acknowledges by disposition, after the
 * handler's end; cancels its consumers before it closes; has one consumer a queue; and repairs those that the broker cancels.
 */
export class JobTransport extends Server implements CustomTransportStrategy, Attachment {
  private readonly consumers = new Map<string, RabbitConsumer>();
  private wanted: ReadonlySet<string> = new Set();
  private connected: ChannelModel | undefined;

  constructor(private readonly config: TransportConfig) {
    super();
    config.connection.add(this);
  }

  /** Called by Nest. Does not wait for the broker: a worker that starts while it is away takes up work when it is back. */
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

  /** Consumes exactly these queues, with as many deliveries open in each as there are free slots. */
  async consume(queues: ReadonlySet<string>): Promise<void> {
    this.wanted = queues;
    for (const queue of queues) if (!this.consumers.has(queue)) await this.open(queue);
    await this.adjust();
  }

  /** Gives out the slots anew: jobs are at work here without a delivery, or no longer are. */
  async adjust(): Promise<void> {
    // One that cannot subscribe must not keep the others; it says so itself, and in `healthy`.
    await Promise.allSettled([...this.consumers.values()].map((consumer) => consumer.adjust()));
  }

  /** Takes no more deliveries; those that are open stay open. */
  async stopConsuming(): Promise<void> {
    await this.consume(new Set());
  }

  /** Connected, and every queue that should be consumed is. */
  get healthy(): boolean {
    return this.config.connection.up && [...this.consumers.values()].every((consumer) => consumer.healthy);
  }

  /** Why it is not `healthy`: of the connection, or of the first queue that cannot be consumed. */
  get reason(): string | undefined {
    if (!this.config.connection.up) return this.config.connection.reason;
    return [...this.consumers.values()].map((consumer) => consumer.reason).find((reason) => reason !== undefined);
  }

  /** Queues that are consumed now. */
  get consuming(): number {
    return [...this.consumers.values()].filter((consumer) => consumer.consuming).length;
  }

  override on(): void {
    // Nothing to listen to: the state of the transport shows in `healthy`.
  }

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- Nest's signature
  override unwrap<Transport>(): Transport {
    return this.config.connection as Transport;
  }

  private async open(queue: string): Promise<void> {
    const consumer = new RabbitConsumer({
      queue: jobQueueName(queue),
      slots: () => (this.wanted.has(queue) ? this.config.concurrency - this.config.unguarded(queue) : 0),
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

  private async dispatch(delivery: Delivery): Promise<void> {
    const handler = this.messageHandlers.get(JOB_DELIVERY);
    if (!handler) throw new Error(`expected a controller with @EventPattern('${JOB_DELIVERY}'), got none`);
    await handler(delivery);
  }
}
