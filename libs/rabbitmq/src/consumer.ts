import { type Logger, systemClock } from '@app/core';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { type Attachment, type RabbitConnection, within } from './connection.js';
import { RabbitDelivery } from './delivery.js';

export interface ConsumerConfig {
  connection: RabbitConnection;
  queue: string;
  prefetch: number;
  /** Declares the queue, on each new channel. */
  declare: (channel: Channel) => Promise<unknown>;
  /** Must settle the delivery, now or later, and must not throw. */
  onDelivery: (delivery: RabbitDelivery) => void;
  logger: Logger;
}

/**
 * A consumer with manual ack on a channel of its own, that cannot die quietly.
 *
 * - The broker cancels it (queue deleted, or a consumer timeout from 4.3 on): amqplib says so by a `null` delivery and
 *   nothing else. It declares the queue and subscribes again.
 * - Its channel is closed by an error: likewise, on a new channel. Deliveries of the old one are void.
 * - Its connection is lost: `attach` comes again with the next one.
 * The prefetch may change while it runs; 0 means not to consume.
 */
export class RabbitConsumer implements Attachment {
  private connected: ChannelModel | undefined;
  private channel: Channel | undefined;
  private tag: string | undefined;
  private prefetch: number;
  private paused = false;
  private closed = false;
  /** Changes of the subscription, one after the other. */
  private changes: Promise<void> = Promise.resolve();

  constructor(private readonly config: ConsumerConfig) {
    this.prefetch = config.prefetch;
  }

  /** Subscribed, or deliberately not. */
  get healthy(): boolean {
    return this.tag !== undefined || !this.wanted;
  }

  get consuming(): boolean {
    return this.tag !== undefined;
  }

  async attach(connection: ChannelModel): Promise<void> {
    this.connected = connection;
    this.channel = undefined;
    this.tag = undefined;
    await this.change(() => this.subscribe());
  }

  /** How many deliveries may be open at once; takes effect by subscribing anew, since the protocol sets it for new consumers. */
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
    this.closed = true;
    await this.change(async () => {
      await this.unsubscribe();
      const { channel } = this;
      this.channel = undefined;
      if (channel) await within(3_000, channel.close());
    });
  }

  private get wanted(): boolean {
    return !this.closed && !this.paused && this.prefetch > 0;
  }

  private change(step: () => Promise<void>): Promise<void> {
    const done = this.changes.then(step);
    this.changes = done.catch(() => undefined);
    return done;
  }

  private async subscribe(): Promise<void> {
    if (!this.wanted || !this.connected || this.tag !== undefined) return;
    const channel = this.channel ?? (await this.openChannel(this.connected));
    await this.config.declare(channel);
    await channel.prefetch(this.prefetch, false);
    const { consumerTag } = await channel.consume(this.config.queue, (message) => this.receive(channel, message), { noAck: false });
    if (this.channel === channel) this.tag = consumerTag;
  }

  private async unsubscribe(): Promise<void> {
    const { channel, tag } = this;
    this.tag = undefined;
    if (channel && tag !== undefined) await within(3_000, channel.cancel(tag));
  }

  private async openChannel(connection: ChannelModel): Promise<Channel> {
    const channel = await connection.createChannel();
    channel.on('error', (error: Error) => this.config.logger.warn({ queue: this.config.queue, err: error }, 'a consuming channel failed'));
    channel.on('close', () => this.lose(channel));
    this.channel = channel;
    return channel;
  }

  private receive(channel: Channel, message: ConsumeMessage | null): void {
    if (message) return this.config.onDelivery(new RabbitDelivery(message, channel, () => this.channel === channel));
    this.config.logger.warn({ queue: this.config.queue }, 'the broker cancelled a consumer; it subscribes again');
    this.tag = undefined;
    void this.resubscribe();
  }

  private lose(channel: Channel): void {
    if (this.channel !== channel) return;
    this.channel = undefined;
    this.tag = undefined;
    void this.resubscribe();
  }

  /** Until it is subscribed, or a new connection takes over. */
  private async resubscribe(): Promise<void> {
    const connection = this.connected;
    for (let pause = 100; this.wanted && this.config.connection.up && this.connected === connection; pause = Math.min(pause * 2, 5_000)) {
      await systemClock.sleep(pause);
      try {
        await this.change(() => this.subscribe());
        if (this.tag !== undefined) return;
      } catch (error) {
        this.config.logger.warn({ queue: this.config.queue, err: error }, 'a consumer could not subscribe again');
      }
    }
  }
}
