import { EXCHANGES } from '@app/contracts';
import type { JobId, Logger } from '@app/core';
import type { Channel, ChannelModel } from 'amqplib';
import type { Attachment, RabbitConnection } from './connection.js';
import { assertOwnQueue, consumeOwnQueue, KeptChannel } from './kept-channel.js';

/** How long a binding outlives the last one who needed it, so that a busy gateway does not bind and unbind for each request. */
const LINGER_MS = 30_000;
const MAX_LENGTH = 10_000;

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
  private readonly kept: KeptChannel;
  private queue = '';
  private readonly bound = new Map<string, Binding>();
  private readonly expiry: NodeJS.Timeout;

  constructor(
    connection: RabbitConnection,
    private readonly onOutcome: (jobId: JobId) => void,
    logger: Logger,
  ) {
    this.kept = new KeptChannel('the outcome listener', (channel) => this.prepare(channel), logger);
    connection.add(this);
    this.expiry = setInterval(() => void this.unbindUnused(), LINGER_MS / 3).unref();
  }

  attach(connection: ChannelModel): Promise<void> {
    return this.kept.attach(connection);
  }

  /** Resolves when outcomes of this kind reach this process, or at once when there is no connection. */
  async listenFor(kind: string): Promise<void> {
    const { channel } = this.kept;
    if (!channel) return;
    const binding = this.bound.get(kind) ?? this.bind(channel, kind);
    binding.lastUse = Date.now();
    await binding.made;
  }

  close(): void {
    clearInterval(this.expiry);
    this.kept.close();
  }

  private async prepare(channel: Channel): Promise<void> {
    this.queue = await assertOwnQueue(channel, MAX_LENGTH);
    await consumeOwnQueue(channel, this.queue, ({ properties }) => this.receive(String(properties.messageId)));
    await Promise.all([...this.bound.keys()].map((kind) => this.bind(channel, kind).made));
  }

  private bind(channel: Channel, kind: string): Binding {
    const made = channel.bindQueue(this.queue, EXCHANGES.events, `${kind}.*`).catch(() => this.bound.delete(kind));
    const binding = { lastUse: this.bound.get(kind)?.lastUse ?? Date.now(), made };
    this.bound.set(kind, binding);
    return binding;
  }

  /** A message id is `<job id>.<outcome>.<redrives>`. */
  private receive(messageId: string): void {
    this.onOutcome(messageId.slice(0, messageId.indexOf('.')) as JobId);
  }

  private async unbindUnused(): Promise<void> {
    const { channel } = this.kept;
    for (const [kind, { lastUse }] of this.bound) {
      if (!channel || Date.now() - lastUse < LINGER_MS) continue;
      this.bound.delete(kind);
      await channel.unbindQueue(this.queue, EXCHANGES.events, `${kind}.*`).catch(() => undefined);
    }
  }
}
