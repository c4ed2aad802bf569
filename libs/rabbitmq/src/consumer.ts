import { type Logger, systemClock } from '@app/core';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { type Attachment, CLOSE_WITHIN_MS, explained, isMismatch, LONGEST_PAUSE_MS, within } from './connection.js';
import { RabbitDelivery } from './delivery.js';

export interface ConsumerConfig {
  queue: string;
  prefetch: number;
  /** Declares the queue, on each new channel. */
  declare: (channel: Channel) => Promise<unknown>;
  /** Must settle the delivery, now or later, and must not throw. */
  onDelivery: (delivery: RabbitDelivery) => void;
  logger: Logger;
}

/** One `basic.consume`, until it is cancelled by either side. */
interface Subscription {
  tag: string;
  cancelled: boolean;
}

const FIRST_PAUSE_MS = 100;

/**
 * A consumer with manual ack on a channel of its own, that cannot die quietly.
 *
 * - The broker cancels it (queue deleted, or a consumer timeout from 4.3 on): amqplib says so by a `null` delivery and
 *   nothing else. It declares the queue and subscribes again.
 * - Its channel is closed by an error: likewise, on a new channel. Deliveries of the old one are void.
 * - Its connection is lost: `attach` comes again with the next one.
 * - Its queue cannot be declared: it tries again and is not `healthy` meanwhile; others on the connection go on.
 * The prefetch may change while it runs; 0 means not to consume. The broker counts it for each subscription anew, so what
 * comes while deliveries of an earlier one are open waits here, until there is room for it.
 */
export class RabbitConsumer implements Attachment {
  private connected: ChannelModel | undefined;
  private channel: Channel | undefined;
  private subscription: Subscription | undefined;
  private prefetch: number;
  private paused = false;
  private readonly stop = new AbortController();
  private resubscribing = false;
  /** Deliveries in the hands of `onDelivery`, and those that have to wait for one of them to be settled. */
  private readonly handedOut = new Set<RabbitDelivery>();
  private readonly waiting: RabbitDelivery[] = [];
  /** Changes of the subscription, one after the other. */
  private changes: Promise<void> = Promise.resolve();

  constructor(private readonly config: ConsumerConfig) {
    this.prefetch = config.prefetch;
  }

  /** Subscribed, or deliberately not. */
  get healthy(): boolean {
    return this.consuming || !this.wanted;
  }

  get consuming(): boolean {
    return this.subscription !== undefined;
  }

  async attach(connection: ChannelModel): Promise<void> {
    this.connected = connection;
    this.forgetChannel();
    connection.on('close', () => {
      if (this.connected === connection) this.connected = undefined;
    });
    await this.change(() => this.subscribe());
  }

  /** How many deliveries may be in hand at once; takes effect by subscribing anew, since the protocol sets it for new consumers. */
  async setPrefetch(prefetch: number): Promise<void> {
    if (prefetch === this.prefetch) return;
    this.prefetch = prefetch;
    await this.change(async () => {
      await this.unsubscribe();
      await this.subscribe();
    });
  }

  /** Stops or resumes taking deliveries. Those that are open stay open. */
  async setPaused(paused: boolean): Promise<void> {
    if (paused === this.paused) return;
    this.paused = paused;
    await this.change(() => (paused ? this.unsubscribe() : this.subscribe()));
  }

  /** Stops consuming and closes the channel; what is open goes back to the queue. */
  async close(): Promise<void> {
    this.stop.abort();
    await this.change(async () => {
      await this.unsubscribe();
      const { channel } = this;
      this.forgetChannel();
      if (channel) await within(CLOSE_WITHIN_MS, channel.close());
    });
  }

  private get wanted(): boolean {
    return !this.stop.signal.aborted && !this.paused && this.prefetch > 0;
  }

  private change(step: () => Promise<void>): Promise<void> {
    const done = this.changes.then(step);
    this.changes = done.catch(() => undefined);
    return done;
  }

  /** Never rejects: what goes wrong is tried again. */
  private async subscribe(): Promise<void> {
    const { connected } = this;
    if (!this.wanted || !connected || this.consuming) return;
    try {
      await this.consume(connected);
    } catch (error) {
      if (this.connected !== connected) return;
      this.config.logger.warn({ queue: this.config.queue, err: explained(error) }, 'a consumer could not subscribe and tries again');
      void this.resubscribe(isMismatch(error) ? LONGEST_PAUSE_MS : FIRST_PAUSE_MS);
    }
  }

  private async consume(connection: ChannelModel): Promise<void> {
    const channel = this.channel ?? (await this.openChannel(connection));
    await this.config.declare(channel);
    await channel.prefetch(this.prefetch, false);
    const subscription: Subscription = { tag: '', cancelled: false };
    const { consumerTag } = await channel.consume(this.config.queue, (message) => this.receive(subscription, channel, message), { noAck: false });
    if (this.channel !== channel || subscription.cancelled) throw new Error('the subscription was over as soon as it was made');
    subscription.tag = consumerTag;
    this.subscription = subscription;
  }

  private async unsubscribe(): Promise<void> {
    const { channel, subscription } = this;
    this.subscription = undefined;
    if (channel && subscription) await within(CLOSE_WITHIN_MS, channel.cancel(subscription.tag));
    for (const delivery of this.waiting.splice(0)) delivery.release();
  }

  private async openChannel(connection: ChannelModel): Promise<Channel> {
    const channel = await connection.createChannel();
    channel.on('error', (error: Error) => this.config.logger.warn({ queue: this.config.queue, err: error }, 'a consuming channel failed'));
    channel.on('close', () => this.lose(channel));
    this.channel = channel;
    return channel;
  }

  private receive(subscription: Subscription, channel: Channel, message: ConsumeMessage | null): void {
    if (!message) return this.cancelled(subscription);
    const delivery: RabbitDelivery = new RabbitDelivery(
      message,
      channel,
      () => this.channel === channel,
      () => {
        this.handedOut.delete(delivery);
        this.handOut();
      },
    );
    this.waiting.push(delivery);
    this.handOut();
  }

  private handOut(): void {
    while (this.handedOut.size < this.prefetch) {
      const delivery = this.waiting.shift();
      if (!delivery) return;
      this.handedOut.add(delivery);
      this.config.onDelivery(delivery);
    }
  }

  private cancelled(subscription: Subscription): void {
    subscription.cancelled = true;
    if (this.subscription !== subscription) return;
    this.config.logger.warn({ queue: this.config.queue }, 'the broker cancelled a consumer; it subscribes again');
    this.subscription = undefined;
    void this.resubscribe();
  }

  private lose(channel: Channel): void {
    if (this.channel !== channel) return;
    this.forgetChannel();
    void this.resubscribe();
  }

  private forgetChannel(): void {
    this.channel = undefined;
    this.subscription = undefined;
    this.handedOut.clear();
    this.waiting.length = 0;
  }

  /** Until it is subscribed, or a new connection takes over. */
  private async resubscribe(pause = FIRST_PAUSE_MS): Promise<void> {
    if (this.resubscribing) return;
    this.resubscribing = true;
    while (this.wanted && this.connected && !this.consuming) {
      await systemClock.sleep(pause, this.stop.signal);
      await this.change(() => this.subscribe());
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
    this.resubscribing = false;
  }
}
