import { DEAD_QUEUE, EXCHANGES, jobQueueName, PROBLEMS, SUBMIT_QUEUE } from '@app/contracts';
import { isUuid, type JobId, type Logger, type Metrics, type NewDeadLetter } from '@app/core';
import { LOGGER, METRICS, Store } from '@app/host';
import { DEAD_PARTS, describeMessage, holdDelivery, RabbitConsumer, type RabbitDelivery } from '@app/rabbitmq';
import { Inject, Injectable } from '@nestjs/common';
import type { ConsumeMessage } from 'amqplib';
import { GatewayBroker } from '../modes/distributed/gateway-broker.js';

const PREFETCH = 50;

/** Under which Longhaul itself records a message before it rejects it. */
const OURS = [...Object.keys(PROBLEMS), 'unreadable'];

interface Death {
  reason?: unknown;
  queue?: unknown;
  exchange?: unknown;
}

/**
 * Records what the broker dead-lettered by itself (delivery limit, length, time to live), and what others sent to the
 * dead-letter exchange. What Longhaul rejected it has recorded before it did so, with the better reason.
 * A job whose message the broker gave up is published again, for the job is not to blame.
 */
@Injectable()
export class RecorderService {
  private readonly consumer: RabbitConsumer;
  private readonly stop = new AbortController();

  constructor(
    { consuming: connection }: GatewayBroker,
    private readonly store: Store,
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

  /** Never rejects: held until the database has it. */
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
    const { correlationId, type } = message.properties as unknown as Record<string, unknown>;
    const jobId = typeof correlationId === 'string' && isUuid(correlationId) && death.exchange === EXCHANGES.jobs ? (correlationId as JobId) : null;
    if (death.reason === 'rejected' && (await this.isRecorded(message, death.queue, jobId))) return;
    const reason = death.reason ?? 'unknown';
    await this.store.deadLetters.record({
      ...letter,
      reason,
      detail: death.reason ? `RabbitMQ gave up the message in queue ${death.queue ?? '(none)'}: ${reason}` : 'published to the dead-letter exchange directly',
      queue: death.queue ?? null,
      kind: typeof type === 'string' && type !== '' ? type : message.fields.routingKey,
      jobId,
    } satisfies NewDeadLetter);
    this.metrics.count('dead_letters_total', { reason });
    if (jobId !== null) await this.store.workers.republish(jobId);
    this.logger.warn({ reason, jobId }, 'a dead letter was recorded');
  }

  /** Anybody can write headers that say `rejected`, and another consumer can reject: only what is found to be recorded is taken as such. */
  private async isRecorded(message: ConsumeMessage, queue: string | undefined, jobId: JobId | null): Promise<boolean> {
    if (jobId !== null) return (await this.store.jobs.find(jobId)) !== null;
    const { messageId, body } = describeMessage(message);
    if (queue === SUBMIT_QUEUE) return this.store.deadLetters.recordedBefore({ messageId, body, queue, kind: message.fields.routingKey }, OURS);
    const prefix = jobQueueName('');
    return (
      queue?.startsWith(prefix) === true && this.store.deadLetters.recordedBefore({ messageId, body, queue: queue.slice(prefix.length), kind: null }, OURS)
    );
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
