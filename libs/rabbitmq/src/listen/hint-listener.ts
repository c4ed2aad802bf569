import { type ChangeListener, isUuid, type JobId, type Logger } from '@app/core';
import type { Channel, ChannelModel } from 'amqplib';
import type { Attachment, RabbitConnection } from '../connection/connection.js';
import { assertOwnQueue, consumeOwnQueue, KeptChannel } from '../connection/kept-channel.js';
import type { Hints } from '../topology/hints.js';

const MAX_LENGTH = 1_000;

/**
 * Receives hints, which are ids of jobs, through an exclusive queue that ends with the connection and is bound only while this process needs
 * it. Without a connection none arrive, and `onGap` reports that some may be missing.
 */
export class HintListener implements Attachment {
  private readonly kept: KeptChannel;
  private queue = '';
  private wanted = false;
  private binding: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly connection: RabbitConnection,
    private readonly hints: Hints,
    private readonly onHints: ChangeListener,
    private readonly onGap: () => void,
    private readonly logger: Logger,
  ) {
    this.kept = new KeptChannel(
      `the channel that hears of ${hints.of}`,
      hints.unheard,
      (channel, model) => this.prepare(channel, model),
      connection.account,
      logger,
    );
    connection.add(this);
  }

  attach(connection: ChannelModel): Promise<void> {
    return this.kept.attach(connection);
  }

  /** Switches listening on or off. */
  listen(wanted: boolean): void {
    if (this.wanted === wanted) return;
    this.wanted = wanted;
    // The calls run one after the other, so that the last one decides.
    this.binding = this.binding.then(() => this.bind());
  }

  close(): void {
    this.kept.close();
  }

  private async bind(): Promise<void> {
    const { channel } = this.kept;
    if (!channel) return;
    try {
      if (this.wanted) await channel.bindQueue(this.queue, this.hints.exchange, '');
      else await channel.unbindQueue(this.queue, this.hints.exchange, '');
      if (this.wanted) this.onGap();
    } catch (error) {
      // The channel is gone. The next channel binds the queue.
      this.logger.debug({ err: error }, `${this.hints.of} could not be subscribed to`);
    }
  }

  private async prepare(channel: Channel, model: ChannelModel): Promise<void> {
    await this.connection.declare(model, this.hints.parts);
    this.queue = await assertOwnQueue(channel, MAX_LENGTH);
    await consumeOwnQueue(channel, this.queue, ({ content }) => this.receive(content));
    // The queue is bound even when nothing listens yet, so that a missing permission shows at once and not at the first wait.
    await channel.bindQueue(this.queue, this.hints.exchange, '');
    if (this.wanted) this.onGap();
    else await channel.unbindQueue(this.queue, this.hints.exchange, '');
  }

  /** Reads a message. Other programs may publish to the exchange, so anything but a list of ids is ignored. */
  private receive(content: Buffer): void {
    try {
      const ids: unknown = JSON.parse(content.toString());
      const known = Array.isArray(ids) ? ids.filter((id): id is JobId => typeof id === 'string' && isUuid(id)) : [];
      if (known.length > 0 || (Array.isArray(ids) && ids.length === 0)) this.onHints(known);
    } catch {
      this.logger.debug({}, `a message on ${this.hints.exchange} could not be read`);
    }
  }
}
