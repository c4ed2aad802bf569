import { DEAD_QUEUE, EXCHANGES, jobQueueName, PROBLEMS, SUBMIT_QUEUE, WAKE_UP_TYPE } from '@app/contracts';
import { ALL_TENANTS, type JobId, type Logger, type Metrics, type NewDeadLetter } from '@app/core';
import { CONFIG, LOGGER, METRICS, Store } from '@app/host';
import { DEAD_PARTS, describeMessage, holdDelivery, jobIdsOf, RabbitConsumer, type RabbitDelivery } from '@app/rabbitmq';
import { Inject, Injectable } from '@nestjs/common';
import type { ConsumeMessage } from 'amqplib';
import type { GatewayConfig } from '../gateway.config.js';
import { GatewayBroker } from '../modes/distributed/gateway-broker.js';

const PREFETCH = 50;

/** The reasons under which Longhaul itself records a message before it rejects it. */
const OURS = [...Object.keys(PROBLEMS), 'unreadable'];

interface Death {
  reason?: unknown;
  queue?: unknown;
  exchange?: unknown;
}

/**
 * Records what the broker dead-lettered by itself (delivery limit, length, time to live), and what others sent to the
 * dead-letter exchange. What Longhaul rejected it has recorded before it did so, with the better reason.
 * Jobs whose message the broker gave up are published again, for they are not to blame.
 */
@Injectable()
export class RecorderService {
  private readonly consumer: RabbitConsumer;
  private readonly stop = new AbortController();

  constructor(
    { consuming: connection }: GatewayBroker,
    private readonly store: Store,
    @Inject(CONFIG) private readonly config: GatewayConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(METRICS) private readonly metrics: Metrics,
  ) {
    this.consumer = new RabbitConsumer({
      queue: DEAD_QUEUE,
      slots: () => PREFETCH,
      declare: (model) => connection.declare(model, DEAD_PARTS),
      onDelivery: (delivery) => void this.record(delivery),
      logger,
      metrics,
    });
    connection.add(this.consumer);
  }

  get healthy(): boolean {
    return this.consumer.healthy;
  }

  get reason(): string | undefined {
    return this.consumer.reason;
  }

  get consuming(): boolean {
    return this.consumer.consuming;
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.consumer.close();
  }

  /** Records a message and holds it until the database has it. Never rejects. */
  private record(delivery: RabbitDelivery): Promise<void> {
    const work = async () => {
      await this.keep(delivery);
      delivery.accept();
    };
    const failed = (error: unknown) => this.logger.warn({ err: error }, 'a dead letter could not be recorded yet and is tried again');
    return holdDelivery(delivery, work, failed, this.stop.signal);
  }

  private async keep({ message }: RabbitDelivery): Promise<void> {
    const letter = describeMessage(message);
    const [first] = (Array.isArray(letter.headers['x-death']) ? letter.headers['x-death'] : []) as (Death | null | undefined)[];
    const death = { reason: text(first?.reason), queue: text(first?.queue), exchange: text(first?.exchange) };
    const { type } = message.properties as unknown as Record<string, unknown>;
    const jobIds = death.exchange === EXCHANGES.jobs ? (jobIdsOf(message) ?? []) : [];
    const jobId = (jobIds.length === 1 ? jobIds[0] : undefined) ?? null;
    if (death.reason === 'rejected' && (await this.isRecorded(message, death.queue, jobId))) return;
    if (death.reason === undefined && (await this.hasFailed(message))) return;
    const reason = death.reason ?? 'unknown';
    await this.store.deadLetters.record({
      ...letter,
      reason,
      detail: death.reason ? `RabbitMQ gave up the message in queue ${death.queue ?? '(none)'}: ${reason}` : 'published to the dead-letter exchange directly',
      queue: death.queue ?? null,
      kind: typeof type === 'string' && type !== '' ? type : message.fields.routingKey,
      jobId,
      tenant: this.tenantOf(message, death.queue),
    } satisfies NewDeadLetter);
    this.metrics.count('dead_letters_total', { reason });
    for (const id of jobIds) await this.store.workers.republish(id);
    this.logger.warn({ reason, jobIds }, 'a dead letter was recorded');
  }

  /**
   * A worker publishes the message of a failed job here itself where a reject would have taken other jobs along. The settlement has written its
   * dead letter.
   */
  private async hasFailed(message: ConsumeMessage): Promise<boolean> {
    const [jobId, ...others] = message.properties.contentType === WAKE_UP_TYPE ? (jobIdsOf(message) ?? []) : [];
    if (jobId === undefined || others.length > 0) return false;
    return (await this.store.jobs.find(jobId))?.state === 'failed';
  }

  /** What was sent to be submitted is its producer's; messages between our own processes are nobody's. */
  private tenantOf({ properties }: ConsumeMessage, queue: string | undefined): string {
    return queue === SUBMIT_QUEUE ? this.config.producers.tenantOfLetter(properties) : ALL_TENANTS;
  }

  /** Whether Longhaul has recorded this message. The header `rejected` proves nothing, because any program can write it and any consumer can reject, so the database is asked. */
  private async isRecorded(message: ConsumeMessage, queue: string | undefined, jobId: JobId | null): Promise<boolean> {
    if (jobId !== null) return (await this.store.jobs.find(jobId)) !== null;
    const { messageId, body } = describeMessage(message);
    if (queue === SUBMIT_QUEUE)
      return this.store.deadLetters.recordedBefore({ messageId, body, queue, kind: message.fields.routingKey, tenant: this.tenantOf(message, queue) }, OURS);
    const prefix = jobQueueName('');
    return (
      queue?.startsWith(prefix) === true &&
      this.store.deadLetters.recordedBefore({ messageId, body, queue: queue.slice(prefix.length), kind: null, tenant: ALL_TENANTS }, OURS)
    );
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
