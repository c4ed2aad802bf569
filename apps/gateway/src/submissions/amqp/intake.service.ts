import { setMaxListeners } from 'node:events';
import { SUBMIT_QUEUE } from '@app/contracts';
import { Admission, type Logger, type Metrics, Overload, PollingLoop, Refusal, type RefusalCode, SubmitJob, systemClock } from '@app/core';
import { CONFIG, LOGGER, METRICS, readAmqpSubmission, Store } from '@app/host';
import { describeMessage, holdDelivery, RabbitConsumer, type RabbitDelivery, TOPOLOGY } from '@app/rabbitmq';
import { Inject, Injectable } from '@nestjs/common';
import type { GatewayConfig } from '../../gateway.config.js';
import { GatewayBroker } from '../../modes/distributed/gateway-broker.js';
import { heldMessage, loggedDetail } from './held-message.js';
import { Requester } from './requester.js';

/** Enough to fill the batches of `submitJob`; the broker keeps the rest. */
const PREFETCH = 200;
/** How often it checks whether to consume. */
const LOOK_MS = 500;
/** Messages that are refused for one of these reasons are held and tried again, because the messages themselves are valid. */
const TRY_AGAIN: string[] = ['unavailable', 'submit_in_progress', 'overloaded', 'queue_full'] satisfies RefusalCode[];

/**
 * Consumes messages of `longhaul.submit` and submits them like HTTP requests.
 *
 * Authority: PostgreSQL, then the broker's ack. A message is accepted when its job is durable; a crash in between brings
 * it back, and its `message_id` finds the existing job. A refused message becomes a dead letter with its bytes and the
 * reason; then the requester gets the answer, and the message is rejected (to `longhaul.dlx`, for other consumers). While the database is
 * away the message is held and tried again: it is never lost, and never requeued in a loop. While the gateway is overloaded it stops
 * consuming, so that the broker keeps new messages; the messages that it holds, up to its prefetch, wait here.
 */
@Injectable()
export class IntakeService {
  private readonly consumer: RabbitConsumer;
  private readonly stop = new AbortController();
  private readonly pausing: PollingLoop;

  constructor(
    { consuming: connection }: GatewayBroker,
    private readonly submitJob: SubmitJob,
    admission: Admission,
    private readonly requester: Requester,
    private readonly store: Store,
    @Inject(CONFIG) private readonly config: GatewayConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(METRICS) private readonly metrics: Metrics,
  ) {
    // Each held message waits for this signal, so many listeners are no leak.
    setMaxListeners(0, this.stop.signal);
    this.consumer = new RabbitConsumer({
      queue: SUBMIT_QUEUE,
      slots: () => (admission.refusal([]) === undefined ? PREFETCH : 0),
      declare: (model) => connection.declare(model, TOPOLOGY),
      onDelivery: (delivery) => void this.take(delivery),
      logger,
      metrics,
    });
    connection.add(this.consumer);
    // A single full queue does not stop the consumer: its messages are held until the prefetch is used up.
    this.pausing = new PollingLoop({
      clock: systemClock,
      look: async () => {
        await this.consumer.adjust();
        return LOOK_MS;
      },
      everyMs: LOOK_MS,
      failed: (error) => logger.warn({ err: error }, 'the intake could not be adjusted yet'),
    });
  }

  get healthy(): boolean {
    return this.consumer.healthy;
  }

  get reason(): string | undefined {
    return this.consumer.reason;
  }

  start(): void {
    this.pausing.start();
  }

  get consuming(): boolean {
    return this.consumer.consuming;
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.pausing.close();
    await this.consumer.close();
  }

  /** Never rejects. */
  private take(delivery: RabbitDelivery): Promise<void> {
    const failed = (error: unknown) => {
      if (!(error instanceof Overload)) this.logger.warn({ err: error }, 'a message could not be taken in yet and is tried again');
    };
    const release = heldMessage(delivery.message, this.config.redaction);
    return holdDelivery(delivery, () => this.submit(delivery), failed, this.stop.signal).finally(release);
  }

  private async submit(delivery: RabbitDelivery): Promise<void> {
    try {
      const tenant = this.config.producers.tenantOf(delivery.message.properties);
      const request = readAmqpSubmission(delivery.message, this.config.maxBodyBytes, this.config.maxJsonMembers, this.config.mayReply);
      request.tenant = tenant;
      const { job, replayed } = await this.submitJob.submit(request);
      if (replayed) await this.requester.repeated(job.id, request.notify);
      this.metrics.count('submissions_total', { door: 'amqp', outcome: replayed ? 'replayed' : 'accepted', kind: job.kind });
      delivery.accept();
    } catch (error) {
      this.metrics.count('submissions_refused_total', { door: 'amqp', reason: error instanceof Refusal ? error.code : 'unavailable' });
      if (!(error instanceof Refusal) || TRY_AGAIN.includes(error.code)) throw error;
      await this.giveUp(delivery, error);
    }
  }

  private async giveUp(delivery: RabbitDelivery, refusal: Refusal): Promise<void> {
    const { message } = delivery;
    const faults = refusal.faults.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ');
    // That there is no such kind is all that its one fault says, too.
    const detail = faults === '' || refusal.code === 'unknown_kind' ? refusal.message : `${refusal.message}: ${faults}`;
    const letter = await this.store.deadLetters.record({
      ...describeMessage(message),
      queue: SUBMIT_QUEUE,
      kind: message.fields.routingKey,
      reason: refusal.code,
      detail,
      jobId: null,
      tenant: this.config.producers.tenantOfLetter(message.properties),
    });
    this.metrics.count('dead_letters_total', { reason: refusal.code });
    const logged = loggedDetail(detail, message, this.config.redaction);
    this.logger.warn({ reason: refusal.code, detail: logged, kind: message.fields.routingKey }, 'a message was refused and is a dead letter now');
    // Nobody knows whose the address would be.
    if (refusal.code !== 'unauthenticated') this.requester.refused(message, refusal, letter);
    delivery.reject();
  }
}
