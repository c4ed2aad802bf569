import { DEAD_QUEUE, EXCHANGES, jobQueueName, PROBLEMS, SUBMIT_QUEUE } from '@app/contracts';
import { type DeadLetters, isUuid, type JobId, type JobReader, type Logger, type Metrics, type NewDeadLetter, type SweepStore } from '@app/core';
import { DEAD_PARTS, describeMessage, holdDelivery, type RabbitConnection, RabbitConsumer, type RabbitDelivery } from '@app/rabbitmq';
import type { ConsumeMessage } from 'amqplib';

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
export class RecorderService {
  private readonly consumer: RabbitConsumer;
  private readonly stop = new AbortController();

  constructor(
    connection: RabbitConnection,
    private readonly deadLetters: DeadLetters,
    private readonly sweep: Pick<SweepStore, 'republish'>,
    private readonly jobs: Pick<JobReader, 'find'>,
    private readonly logger: Logger,
    private readonly metrics: Metrics,
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
      await this.store(delivery);
      delivery.accept();
    };
    const failed = (error: unknown) => this.logger.warn({ err: error }, 'a dead letter could not be recorded yet and is tried again');
    return holdDelivery(delivery, work, failed, this.stop.signal);
  }

  private async store({ message }: RabbitDelivery): Promise<void> {
    const letter = describeMessage(message);
    const [first] = (Array.isArray(letter.headers['x-death']) ? letter.headers['x-death'] : []) as (Death | null | undefined)[];
    const death = { reason: text(first?.reason), queue: text(first?.queue), exchange: text(first?.exchange) };
    const { correlationId, type } = message.properties as unknown as Record<string, unknown>;
    const jobId = typeof correlationId === 'string' && isUuid(correlationId) && death.exchange === EXCHANGES.jobs ? (correlationId as JobId) : null;
    if (death.reason === 'rejected' && (await this.isRecorded(message, death.queue, jobId))) return;
    const reason = death.reason ?? 'unknown';
    await this.deadLetters.record({
      ...letter,
      reason,
      detail: death.reason ? `RabbitMQ gave up the message in queue ${death.queue ?? '(none)'}: ${reason}` : 'published to the dead-letter exchange directly',
      queue: death.queue ?? null,
      kind: typeof type === 'string' && type !== '' ? type : message.fields.routingKey,
      jobId,
    } satisfies NewDeadLetter);
    this.metrics.count('dead_letters_total', { reason });
    if (jobId !== null) await this.sweep.republish(jobId);
    this.logger.warn({ reason, jobId }, 'a dead letter was recorded');
  }

  /** Anybody can write headers that say `rejected`, and another consumer can reject: only what is found to be recorded is taken as such. */
  private async isRecorded(message: ConsumeMessage, queue: string | undefined, jobId: JobId | null): Promise<boolean> {
    if (jobId !== null) return (await this.jobs.find(jobId)) !== null;
    const { messageId, body } = describeMessage(message);
    if (queue === SUBMIT_QUEUE) return this.deadLetters.recordedBefore({ messageId, body, queue, kind: message.fields.routingKey }, OURS);
    const prefix = jobQueueName('');
    return queue?.startsWith(prefix) === true && this.deadLetters.recordedBefore({ messageId, body, queue: queue.slice(prefix.length), kind: null }, OURS);
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
