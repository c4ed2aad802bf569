import { EXCHANGES } from '@app/contracts';
import { type JobId, type Logger, systemClock } from '@app/core';
import type { Channel, ChannelModel } from 'amqplib';
import type { Attachment, RabbitConnection } from './connection.js';

/** How long a binding outlives the last one who needed it, so that a busy gateway does not bind and unbind for each request. */
const LINGER_MS = 30_000;

interface Binding {
  lastUse: number;
  /** Resolves when it is in place, or with the channel gone. */
  made: Promise<unknown>;
}

/**
 * Tells this process of outcomes, as soon as they are published, by an exclusive queue that is gone with the connection.
 * A hint only: it may miss some (reconnects, a full queue), so whoever waits looks at the database as well.
 * Bound only for kinds that somebody waits for: a gateway without waiters costs the broker nothing.
 * When the broker closes its channel or deletes its queue it makes them anew, with the bindings.
 */
export class OutcomeListener implements Attachment {
  private connected: ChannelModel | undefined;
  private channel: Channel | undefined;
  private queue = '';
  private readonly bound = new Map<string, Binding>();
  private readonly expiry: NodeJS.Timeout;
  private readonly stop = new AbortController();

  constructor(
    connection: RabbitConnection,
    private readonly onOutcome: (jobId: JobId) => void,
    private readonly logger: Logger,
  ) {
    connection.add(this);
    this.expiry = setInterval(() => void this.unbindUnused(), LINGER_MS / 3).unref();
  }

  async attach(connection: ChannelModel): Promise<void> {
    this.connected = connection;
    connection.on('close', () => {
      if (this.connected === connection) this.connected = undefined;
    });
    await this.open(connection);
  }

  /** Resolves when outcomes of this kind reach this process, or at once when there is no connection. */
  async listenFor(kind: string): Promise<void> {
    const { channel } = this;
    if (!channel) return;
    const binding = this.bound.get(kind) ?? this.bind(channel, kind);
    binding.lastUse = Date.now();
    await binding.made;
  }

  close(): void {
    clearInterval(this.expiry);
    this.stop.abort();
  }

  private async open(connection: ChannelModel): Promise<void> {
    const channel = await connection.createChannel();
    channel.on('error', (error: Error) => this.logger.warn({ err: error }, 'the outcome listener failed'));
    channel.on('close', () => this.lose(channel));
    const { queue } = await channel.assertQueue('', {
      exclusive: true,
      durable: false,
      autoDelete: true,
      arguments: { 'x-max-length': 10_000, 'x-overflow': 'drop-head' },
    });
    this.queue = queue;
    this.channel = channel;
    await channel.consume(queue, (message) => (message ? this.receive(String(message.properties.messageId)) : void channel.close().catch(() => undefined)), {
      noAck: true,
    });
    await Promise.all([...this.bound.keys()].map((kind) => this.bind(channel, kind).made));
  }

  private bind(channel: Channel, kind: string): Binding {
    const made = channel.bindQueue(this.queue, EXCHANGES.events, `${kind}.*`).catch(() => this.bound.delete(kind));
    const binding = { lastUse: this.bound.get(kind)?.lastUse ?? Date.now(), made };
    this.bound.set(kind, binding);
    return binding;
  }

  private lose(channel: Channel): void {
    if (this.channel !== channel) return;
    this.channel = undefined;
    void this.reopen();
  }

  private async reopen(): Promise<void> {
    for (let pause = 100; !this.channel && !this.stop.signal.aborted; pause = Math.min(pause * 2, 5_000)) {
      await systemClock.sleep(pause, this.stop.signal);
      const { connected } = this;
      if (!connected) return;
      await this.open(connected).catch((error: unknown) => this.logger.warn({ err: error }, 'the outcome listener could not be made again'));
    }
  }

  /** A message id is `<job id>.<outcome>.<redrives>`. */
  private receive(messageId: string): void {
    this.onOutcome(messageId.slice(0, messageId.indexOf('.')) as JobId);
  }

  private async unbindUnused(): Promise<void> {
    const { channel } = this;
    for (const [kind, { lastUse }] of this.bound) {
      if (!channel || Date.now() - lastUse < LINGER_MS) continue;
      this.bound.delete(kind);
      await channel.unbindQueue(this.queue, EXCHANGES.events, `${kind}.*`).catch(() => undefined);
    }
  }
}
