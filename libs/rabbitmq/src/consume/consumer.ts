import { DEAD_QUEUE, SUBMIT_QUEUE } from '@app/contracts';
import { type CounterName, type Logger, type Metrics, noMetrics, systemClock, uuidv4, within } from '@app/core';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { Acknowledgements } from './acknowledgements.js';
import { type Attachment, CLOSE_WITHIN_MS, LASTING_PAUSE_MS, LONGEST_PAUSE_MS } from '../connection/connection.js';
import { RabbitDelivery } from './delivery.js';
import { explained, isLasting } from '../connection/explained.js';
import { ToldReasons } from '../connection/told-reasons.js';

/** Long enough for every consumer of a deleted queue to be told before the first one declares it again: see `REDECLARE_MS`. */
const FIRST_PAUSE_MS = 500;
/**
 * How long anybody waits for a change of the subscriptions. A queue can be without an answer for as long as the broker lives: after
 * a crash a quorum queue of RabbitMQ 3.10 may find no leader (seen). Nobody may wait for that: neither other queues nor the drain.
 */
const ADJUST_WITHIN_MS = 5_000;

export interface ConsumerConfig {
  queue: string;
  /** How many deliveries may be open at once; asked at each `adjust`. 0 is not to consume. */
  slots: () => number;
  /** Declares the queue, before each subscription, on a channel of its own. */
  declare: (connection: ChannelModel) => Promise<unknown>;
  /** Must settle the delivery, now or later, and must not throw. */
  onDelivery: (delivery: RabbitDelivery) => void;
  logger: Logger;
  metrics?: Metrics;
}

/**
 * A consumer with manual ack on a channel of its own, that cannot die quietly, and that never has more deliveries open
 * than it has slots.
 *
 * The protocol fixes a subscription's prefetch when it begins, and a new subscription knows nothing of the deliveries that
 * older ones have open. So the slots are given out as credit: to live subscriptions, and to deliveries that a cancelled one
 * has left open. Fewer slots: all subscriptions are cancelled and one is made with what is left. More (also when a delivery
 * that was left open is settled): one is added with the difference, and nobody is disturbed.
 *
 * - The broker cancels a subscription (queue deleted, or a consumer timeout from 4.3 on): amqplib says so by a `null`
 *   delivery and nothing else. The queue is declared and subscribed to again.
 * - Its channel is closed by an error: likewise, on a new channel. Deliveries of the old one are void.
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
  /** Open deliveries of the current channel, by the tag of their subscription, be it live or cancelled. */
  private readonly open = new Map<string, number>();
  private readonly stop = new AbortController();
  private repairing = false;
  private answers = true;
  private readonly told = new ToldReasons();
  private why: string | undefined;
  /** Changes of the subscriptions, one after the other. */
  private changes: Promise<void> = Promise.resolve();
  private adjusting: Promise<void> | undefined;

  constructor(private readonly config: ConsumerConfig) {}

  /** Subscribed, or deliberately not. */
  get healthy(): boolean {
    return this.consuming || this.wanted <= this.leftOpen;
  }

  /** Why it does not consume though it should: what RabbitMQ, or the queue, has against it. */
  get reason(): string | undefined {
    return this.healthy ? undefined : this.why;
  }

  get consuming(): boolean {
    return this.credit.size > this.asked.size;
  }

  /** Never rejects: what does not work now is tried again, for one bad queue must not keep the others from being consumed. */
  async attach(connection: ChannelModel): Promise<void> {
    this.connected = connection;
    this.forget();
    // What still waits for an answer on the former connection must not keep this one waiting: its end may never come.
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
   * Gives out the slots anew, and subscribes where that is missing. Deliveries that are open stay open. Never rejects: what
   * fails is tried again; what gets no answer is waited for only so long.
   */
  async adjust(): Promise<void> {
    const answered = await within(ADJUST_WITHIN_MS, this.adjustNow());
    if (!answered && this.answers)
      this.config.logger.warn({ queue: this.config.queue }, 'RabbitMQ gives no answer about a queue; until it does it is not consumed');
    this.answers = answered;
  }

  /** Stops consuming and closes the channel; what is open goes back to the queue. */
  async close(): Promise<void> {
    this.stop.abort();
    const closing = this.change(async () => {
      await this.cancelAll();
      const { channel } = this;
      try {
        this.acks?.flush();
      } catch {
        // Closed already: what it had open comes again.
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

  /** Deliveries that cancelled subscriptions have left open. */
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
    // Of a channel that is closed already.
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
    // A slot that no live subscription knows of has become free.
    if (!this.credit.has(tag)) void this.adjust();
  }

  private forget(): void {
    this.channel = undefined;
    this.acks = undefined;
    this.credit.clear();
    this.asked.clear();
    this.open.clear();
  }

  /** Until it is subscribed, or its connection is gone. */
  private async repair(pause = FIRST_PAUSE_MS): Promise<void> {
    if (this.repairing) return;
    this.repairing = true;
    while (this.connected && !this.healthy) {
      await systemClock.sleep(pause, this.stop.signal);
      await this.adjust();
      pause = Math.max(pause, Math.min(pause * 2, LONGEST_PAUSE_MS));
      if (this.consuming) this.count('amqp_resubscriptions_total');
    }
    this.repairing = false;
  }

  /** Once, and again each minute, while it goes on. */
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
