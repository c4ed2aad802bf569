import { EXCHANGES } from '@app/contracts';
import { type ChangeListener as OnChanges, isUuid, type JobId, type Logger } from '@app/core';
import type { Channel, ChannelModel } from 'amqplib';
import type { Attachment, RabbitConnection } from '../connection/connection.js';
import { assertOwnQueue, consumeOwnQueue, KeptChannel } from '../connection/kept-channel.js';
import { CHANGES_PARTS } from '../topology/topology.js';

const MAX_LENGTH = 1_000;

/**
 * Hears of changed jobs, by an exclusive queue that is gone with the connection and is bound only while somebody here wants
 * to know. A hint: while the connection is away nothing is heard; `onGap` says that something may have been missed.
 */
export class ChangeListener implements Attachment {
  private readonly kept: KeptChannel;
  private queue = '';
  private wanted = false;
  private binding: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly connection: RabbitConnection,
    private readonly onChanges: OnChanges,
    private readonly onGap: () => void,
    private readonly logger: Logger,
  ) {
    this.kept = new KeptChannel(
      'the channel that hears of changed jobs',
      'Without it waits (Prefer: wait) and streams here hear of jobs that change in other processes only when they look at the database, some seconds later.',
      (channel, model) => this.prepare(channel, model),
      logger,
    );
    connection.add(this);
  }

  attach(connection: ChannelModel): Promise<void> {
    return this.kept.attach(connection);
  }

  /** Whether somebody here wants to know of changes. */
  listen(wanted: boolean): void {
    if (this.wanted === wanted) return;
    this.wanted = wanted;
    // One after the other: what was wanted last stands in the end.
    this.binding = this.binding.then(() => this.bind());
  }

  close(): void {
    this.kept.close();
  }

  private async bind(): Promise<void> {
    const { channel } = this.kept;
    if (!channel) return;
    try {
      if (this.wanted) await channel.bindQueue(this.queue, EXCHANGES.changes, '');
      else await channel.unbindQueue(this.queue, EXCHANGES.changes, '');
      if (this.wanted) this.onGap();
    } catch (error) {
      // Its channel is gone; the next one binds.
      this.logger.debug({ err: error }, 'changed jobs could not be subscribed to');
    }
  }

  private async prepare(channel: Channel, model: ChannelModel): Promise<void> {
    await this.connection.declare(model, CHANGES_PARTS);
    this.queue = await assertOwnQueue(channel, MAX_LENGTH);
    await consumeOwnQueue(channel, this.queue, ({ content }) => this.receive(content));
    // Bound also when nobody wants it now: whether the account may is known at once, and not with the first who waits.
    await channel.bindQueue(this.queue, EXCHANGES.changes, '');
    if (this.wanted) this.onGap();
    else await channel.unbindQueue(this.queue, EXCHANGES.changes, '');
  }

  /** Others may publish to the exchange: what is no list of ids is no news. */
  private receive(content: Buffer): void {
    try {
      const ids: unknown = JSON.parse(content.toString());
      if (Array.isArray(ids)) this.onChanges(ids.filter((id): id is JobId => typeof id === 'string' && isUuid(id)));
    } catch {
      this.logger.debug({}, 'a message on the exchange of changes could not be read');
    }
  }
}
