import { SUBMIT_QUEUE } from '@app/contracts';
import { type DeadLetters, type Logger, Refusal, type SubmitJob, systemClock } from '@app/core';
import {
  declareDeadQueue,
  declareExchanges,
  declareIntakeQueue,
  describeMessage,
  type RabbitConnection,
  RabbitConsumer,
  type RabbitDelivery,
} from '@app/rabbitmq';
import { readAmqpSubmission } from './read-submission.js';

/** Enough to fill the batches of `submitJob`; the broker keeps the rest. */
const PREFETCH = 200;
const RETRY_MS = 1_000;

/**
 * The AMQP door: takes messages off `longhaul.submit` and submits them like requests.
 *
 * Authority: PostgreSQL, then the broker's ack. A message is accepted when its job is durable; a crash in between brings
 * it back, and its `message_id` finds the job that is there. What is refused becomes a dead letter with its bytes and its
 * reason, and only then is it rejected (to `longhaul.dlx`, for whoever listens there). While the database is away the
 * message is held and tried again: never lost, never given back in a loop.
 */
export class IntakeService {
  private readonly consumer: RabbitConsumer;
  private readonly stop = new AbortController();

  constructor(
    connection: RabbitConnection,
    private readonly submitJob: SubmitJob,
    private readonly deadLetters: DeadLetters,
    private readonly maxBytes: number,
    private readonly logger: Logger,
  ) {
    this.consumer = new RabbitConsumer({
      queue: SUBMIT_QUEUE,
      prefetch: PREFETCH,
      declare: async (channel) => {
        await declareExchanges(channel);
        await declareDeadQueue(channel);
        await declareIntakeQueue(channel);
      },
      onDelivery: (delivery) => void this.take(delivery),
      logger,
    });
    connection.add(this.consumer);
  }

  get healthy(): boolean {
    return this.consumer.healthy;
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.consumer.close();
  }

  /** Never rejects. */
  private async take(delivery: RabbitDelivery): Promise<void> {
    while (delivery.open) {
      try {
        await this.submit(delivery);
        return;
      } catch (error) {
        this.logger.warn({ err: error }, 'a message could not be taken in yet and is tried again');
        await systemClock.sleep(RETRY_MS, this.stop.signal);
        if (this.stop.signal.aborted) {
          delivery.release();
          return;
        }
      }
    }
  }

  private async submit(delivery: RabbitDelivery): Promise<void> {
    try {
      await this.submitJob.submit(readAmqpSubmission(delivery.message, this.maxBytes));
      delivery.accept();
    } catch (error) {
      if (!(error instanceof Refusal) || error.code === 'unavailable' || error.code === 'submit_in_progress') throw error;
      await this.giveUp(delivery, error);
    }
  }

  private async giveUp(delivery: RabbitDelivery, refusal: Refusal): Promise<void> {
    const { message } = delivery;
    const faults = refusal.faults.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ');
    const detail = faults === '' ? refusal.message : `${refusal.message}: ${faults}`;
    await this.deadLetters.record({
      ...describeMessage(message),
      queue: SUBMIT_QUEUE,
      kind: message.fields.routingKey,
      reason: refusal.code,
      detail,
      jobId: null,
    });
    this.logger.warn({ reason: refusal.code, detail, kind: message.fields.routingKey }, 'a message was refused and is a dead letter now');
    delivery.reject();
  }
}
