import { EXCHANGES } from '@app/contracts';
import type { JobId, Logger } from '@app/core';
import type { Channel, ChannelModel } from 'amqplib';
import type { Attachment, RabbitConnection } from './connection.js';

/** How long a binding outlives the last one who needed it, so that a busy gateway does not bind and unbind for each request. */
const LINGER_MS = 30_000;

/**
 * Tells this process of outcomes, as soon as they are published, by an exclusive queue that is gone with the connection.
 * A hint only: it may miss some (reconnects, a full queue), so whoever waits looks at the database as well.
 * Bound only for kinds that somebody waits for: a gateway without waiters costs the broker nothing.
 */
export class OutcomeListener implements Attachment {
  private channel: Channel | undefined;
  private queue = '';
  private readonly bound = new Map<string, number>();
  private readonly expiry: NodeJS.Timeout;

  constructor(
    connection: RabbitConnection,
    private readonly onOutcome: (jobId: JobId) => void,
    private readonly logger: Logger,
  ) {
    connection.add(this);
    this.expiry = setInterval(() => void this.unbindUnused(), LINGER_MS / 3).unref();
  }

  async attach(connection: ChannelModel): Promise<void> {
    const channel = await connection.createChannel();
    channel.on('error', (error: Error) => this.logger.warn({ err: error }, 'the outcome listener failed'));
    channel.on('close', () => {
      if (this.channel === channel) this.channel = undefined;
    });
    const { queue } = await channel.assertQueue('', {
      exclusive: true,
      durable: false,
      autoDelete: true,
      arguments: { 'x-max-length': 10_000, 'x-overflow': 'drop-head' },
    });
    this.bound.clear();
    await channel.consume(queue, (message) => message && this.receive(String(message.properties.messageId)), { noAck: true });
    this.queue = queue;
    this.channel = channel;
  }

  /** Resolves when outcomes of this kind reach this process, or at once when there is no connection. */
  async listenFor(kind: string): Promise<void> {
    const { channel } = this;
    if (!channel) return;
    const known = this.bound.has(kind);
    this.bound.set(kind, Date.now());
    if (known) return;
    await channel.bindQueue(this.queue, EXCHANGES.events, `${kind}.*`).catch(() => this.bound.delete(kind));
  }

  close(): void {
    clearInterval(this.expiry);
  }

  /** A message id is `<job id>.<outcome>.<redrives>`. */
  private receive(messageId: string): void {
    this.onOutcome(messageId.slice(0, messageId.indexOf('.')) as JobId);
  }

  private async unbindUnused(): Promise<void> {
    const { channel } = this;
    for (const [kind, lastUse] of this.bound) {
      if (!channel || Date.now() - lastUse < LINGER_MS) continue;
      this.bound.delete(kind);
      await channel.unbindQueue(this.queue, EXCHANGES.events, `${kind}.*`).catch(() => undefined);
    }
  }
}
