import { DEAD_QUEUE } from '@app/contracts';
import { type DeadLetters, isUuid, type JobId, type Logger, type Metrics, type NewDeadLetter, type SweepStore, systemClock } from '@app/core';
import { declareDeadQueue, declareExchanges, describeMessage, type RabbitConnection, RabbitConsumer, type RabbitDelivery } from '@app/rabbitmq';

const PREFETCH = 50;
const RETRY_MS = 1_000;

interface Death {
  reason?: unknown;
  queue?: unknown;
  exchange?: unknown;
  'routing-keys'?: unknown;
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
    private readonly logger: Logger,
    private readonly metrics: Metrics,
  ) {
    this.consumer = new RabbitConsumer({
      queue: DEAD_QUEUE,
      slots: () => PREFETCH,
      declare: async (channel) => {
        await declareExchanges(channel);
        await declareDeadQueue(channel);
      },
      onDelivery: (delivery) => void this.record(delivery),
      logger,
      metrics,
    });
    connection.add(this.consumer);
  }

  get healthy(): boolean {
    return this.consumer.healthy;
  }

  get consuming(): boolean {
    return this.consumer.consuming;
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.consumer.close();
  }

  /** Never rejects: held until the database has it. */
  private async record(delivery: RabbitDelivery): Promise<void> {
    while (delivery.open) {
      try {
        await this.store(delivery);
        delivery.accept();
        return;
      } catch (error) {
        this.logger.warn({ err: error }, 'a dead letter could not be recorded yet and is tried again');
        await systemClock.sleep(RETRY_MS, this.stop.signal);
        if (this.stop.signal.aborted) {
          delivery.release();
          return;
        }
      }
    }
  }

  private async store({ message }: RabbitDelivery): Promise<void> {
    const letter = describeMessage(message);
    const [death] = (Array.isArray(letter.headers['x-death']) ? letter.headers['x-death'] : []) as Death[];
    const reason = typeof death?.reason === 'string' ? death.reason : 'unknown';
    if (reason === 'rejected') return;
    const { correlationId, type } = message.properties as unknown as Record<string, unknown>;
    const jobId = typeof correlationId === 'string' && isUuid(correlationId) && String(death?.exchange) === 'longhaul.jobs' ? (correlationId as JobId) : null;
    await this.deadLetters.record({
      ...letter,
      reason,
      detail: death ? `RabbitMQ gave up the message in queue ${String(death.queue)}: ${reason}` : 'published to the dead-letter exchange directly',
      queue: typeof death?.queue === 'string' ? death.queue : null,
      kind: typeof type === 'string' && type !== '' ? type : message.fields.routingKey,
      jobId,
    } satisfies NewDeadLetter);
    this.metrics.count('dead_letters_total', { reason });
    if (jobId !== null) await this.sweep.republish(jobId);
    this.logger.warn({ reason, jobId }, 'a dead letter was recorded');
  }
}
