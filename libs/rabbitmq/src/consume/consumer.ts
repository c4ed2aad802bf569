import { DEAD_QUEUE, SUBMIT_QUEUE } from '@app/contracts';
import { type CounterName, type Logger, type Metrics, noMetrics, Pauses, systemClock, uuidv4, within } from '@app/core';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { Acknowledgements } from './acknowledgements.js';
import { type Attachment, CLOSE_WITHIN_MS, LASTING_PAUSE_MS, LONGEST_PAUSE_MS } from '../connection/connection.js';
import { RabbitDelivery } from './delivery.js';
import { explained, isLasting } from '../connection/explained.js';
import { ToldReasons } from '../connection/told-reasons.js';

/** Long enough that all consumers of a deleted queue are notified before the first of them declares it again: see `REDECLARE_MS`. */
const FIRST_PAUSE_MS = 500;
/**
 * The longest wait for a change of the subscriptions. A queue may not answer for as long as the broker runs: after a crash a quorum
 * queue of RabbitMQ 3.10 may find no leader (seen). Neither other queues nor the drain may wait for that.
 */
const ADJUST_WITHIN_MS = 5_000;

export interface ConsumerConfig {
  queue: string;
  /** How many deliveries may be open at once; called at each `adjust`. 0 means not to consume. */
  slots: () => number;
  /** Declares the queue, before each subscription, on a channel of its own. */
  declare: (connection: ChannelModel) => Promise<unknown>;
  /** Must settle the delivery, now or later, and must not throw. */
  onDelivery: (delivery: RabbitDelivery) => void;
  logger: Logger;
  metrics?: Metrics;
}

/**
 * A consumer with manual ack on a channel of its own. It cannot end unnoticed, and never has more open deliveries than it has
 * slots.
 *
 * AMQP fixes the prefetch of a subscription when it begins, and a new subscription does not count the open deliveries of older
 * ones. So the slots are distributed as credit: to live subscriptions, and to open deliveries of cancelled ones. When there are
 * fewer slots, all subscriptions are cancelled and one is made with the rest. When there are more (also when an open delivery of a
 * cancelled subscription is settled), a subscription with the difference is added and the others stay.
 *
 * - The broker cancels a subscription (queue deleted, or a consumer timeout from 4.3 on): amqplib reports this only by a `null`
 *   delivery. The queue is declared and subscribed to again.
 * - An error closes its channel: the same happens on a new channel. Deliveries of the old one are void.
 * - Its connection is lost: `attach` comes again with the next one.
 */
export class RabbitConsumer implements Attachment {
  private connected: ChannelModel | undefined;
  private channel: Channel | undefined;
  private acks: Acknowledgements | undefined;
  /** Live subscriptions, with the number of deliveries that each may have open. */
  private readonly credit = new Map<string, number>();
  /** Subscriptions that the broker has not confirmed; deliveries may come before it does. */
  private readonly asked = new Set<string>();
  /** The number of open deliveries of the current channel, by the tag of their (live or cancelled) subscription. */
  private readonly open = new Map<string, number>();
  private readonly stop = new AbortController();
  private repairing = false;
  private answers = true;
  private readonly told = new ToldReasons();
  private why: string | undefined;
  /** The running and waiting changes of the subscriptions, one after the other. */
  private changes: Promise<void> = Promise.resolve();
  private adjusting: Promise<void> | undefined;

  constructor(private readonly config: ConsumerConfig) {}

  /** Whether it is subscribed, or is not meant to be. */
  get healthy(): boolean {
    return this.consuming || this.wanted <= this.leftOpen;
  }

  /** Why it does not consume although it should: the error of RabbitMQ or of the queue. */
  get reason(): string | undefined {
    return this.healthy ? undefined : this.why;
  }

  get consuming(): boolean {
    return this.credit.size > this.asked.size;
  }

  /** Subscribes. Never rejects, because one bad queue must not stop the consumers of the others: a failure is tried again. */
  async attach(connection: ChannelModel): Promise<void> {
    this.connected = connection;
    this.forget();
    // A change that waits for an answer on the former connection may wait for ever, so this one does not wait for it.
    this.changes = Promise.resolve();
    this.adjusting = undefined;
    connection.on('close', () => {
      if (this.connected !== connection) return;
      this.connected = undefined;
      this.forget();
    });
    await this.adjust();
  }

  /**
   * Distributes the slots again, and subscribes where a subscription is missing. Open deliveries stay open. Never rejects: a failure is
   * tried again, and the wait for an answer is limited.
   */
  async adjust(): Promise<void> {
    const answered = await within(ADJUST_WITHIN_MS, this.adjustNow());
    if (!answered && this.answers)
      this.config.logger.warn({ queue: this.config.queue }, 'RabbitMQ gives no answer about a queue; until it does it is not consumed');
    this.answers = answered;
  }

  /** Stops consuming and closes the channel. Open deliveries go back to the queue. */
  async close(): Promise<void> {
    this.stop.abort();
    const closing = this.change(async () => {
      await this.cancelAll();
      const { channel } = this;
      try {
        this.acks?.flush();
      } catch {
        // The channel is closed, so its open deliveries are delivered again.
      }
      this.forget();
      if (channel) await within(CLOSE_WITHIN_MS, channel.close());
    });
    await within(2 * CLOSE_WITHIN_MS, closing);
  }

  private adjustNow(): Promise<void> {
    this.adjusting ??= this.change(async () => {
      this.adjusting = undefined;
      try {
        await this.balance();
      } catch (error) {
        if (!this.connected) return;
        this.tell(error);
        void this.repair(isLasting(error) ? LASTING_PAUSE_MS : FIRST_PAUSE_MS);
      }
    });
    return this.adjusting;
  }

  private get wanted(): number {
    return this.stop.signal.aborted ? 0 : Math.max(0, this.config.slots());
  }

  private get given(): number {
    return sum(this.credit.values());
  }

  /** The number of open deliveries of cancelled subscriptions. */
  private get leftOpen(): number {
    let count = 0;
    for (const [tag, open] of this.open) if (!this.credit.has(tag)) count += open;
    return count;
  }

  private change(step: () => Promise<void>): Promise<void> {
    const done = this.changes.then(step);
    this.changes = done.catch(() => undefined);
    return done;
  }

  private async balance(): Promise<void> {
    if (!this.connected) return;
    const scattered = this.credit.size > 1 && sum(this.open.values()) === 0;
    if (scattered || this.given > this.wanted - this.leftOpen) await this.cancelAll();
    const missing = this.wanted - this.leftOpen - this.given;
    if (missing > 0) await this.subscribe(this.connected, missing);
  }

  private async subscribe(connection: ChannelModel, credit: number): Promise<void> {
    await this.config.declare(connection);
    const channel = this.channel ?? (await this.openChannel(connection));
    await channel.prefetch(credit, false);
    if (this.channel !== channel) throw new Error('the channel was lost before it consumed');
    const tag = uuidv4();
    this.credit.set(tag, credit);
    this.asked.add(tag);
    try {
      await channel.consume(this.config.queue, (message) => this.receive(channel, tag, message), { noAck: false, consumerTag: tag });
    } catch (error) {
      this.credit.delete(tag);
      throw error;
    } finally {
      this.asked.delete(tag);
    }
  }

  private async cancelAll(): Promise<void> {
    const { channel } = this;
    const tags = [...this.credit.keys()];
    if (channel) await Promise.all(tags.map((tag) => within(CLOSE_WITHIN_MS, channel.cancel(tag))));
    for (const tag of tags) this.credit.delete(tag);
  }

  private async openChannel(connection: ChannelModel): Promise<Channel> {
    const channel = await connection.createChannel();
    if (this.connected !== connection) throw new Error('the connection was lost while its channel was opened');
    channel.on('error', (error: Error) => this.tell(error));
    channel.on('close', () => {
      if (this.channel !== channel) return;
      this.count('amqp_channels_closed_total');
      this.forget();
      void this.repair();
    });
    this.channel = channel;
    this.acks = new Acknowledgements(channel);
    return channel;
  }

  private receive(channel: Channel, tag: string, message: ConsumeMessage | null): void {
    const { acks } = this;
    if (!message) {
      this.count('amqp_consumer_cancels_total');
      this.config.logger.warn({ queue: this.config.queue }, 'the broker cancelled a consumer; it subscribes again');
      this.credit.delete(tag);
      void this.repair();
      return;
    }
    // The delivery came on a channel that is closed by now.
    if (!acks || this.channel !== channel) return;
    this.count('deliveries_received_total');
    acks.opened(message);
    this.open.set(tag, (this.open.get(tag) ?? 0) + 1);
    this.config.onDelivery(
      new RabbitDelivery(
        message,
        channel,
        acks,
        () => this.channel === channel,
        () => this.settled(tag),
      ),
    );
  }

  private settled(tag: string): void {
    const left = (this.open.get(tag) ?? 1) - 1;
    if (left > 0) this.open.set(tag, left);
    else this.open.delete(tag);
    // The subscription of this delivery was cancelled, so its slot is free for another subscription.
    if (!this.credit.has(tag)) void this.adjust();
  }

  private forget(): void {
    this.channel = undefined;
    this.acks = undefined;
    this.credit.clear();
    this.asked.clear();
    this.open.clear();
  }

  /** Tries again until it is subscribed or its connection is gone. */
  private async repair(first = FIRST_PAUSE_MS): Promise<void> {
    if (this.repairing) return;
    this.repairing = true;
    const pauses = new Pauses(first, Math.max(first, LONGEST_PAUSE_MS));
    while (this.connected && !this.healthy) {
      await systemClock.sleep(pauses.next(), this.stop.signal);
      await this.adjust();
      if (this.consuming) this.count('amqp_resubscriptions_total');
    }
    this.repairing = false;
  }

  /** Logs a reason once, and again each minute while it lasts. */
  private tell(error: unknown): void {
    const { message } = explained(error) as Error;
    this.why = `queue ${this.config.queue} cannot be consumed: ${message}`;
    if (this.told.isNew(message)) this.config.logger.warn({ queue: this.config.queue, err: explained(error) }, `${this.why}; it is tried again`);
  }

  private count(name: CounterName): void {
    const { queue, metrics = noMetrics } = this.config;
    metrics.count(name, { consumer: queue === SUBMIT_QUEUE ? 'submit' : queue === DEAD_QUEUE ? 'dead' : 'jobs' });
  }
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
