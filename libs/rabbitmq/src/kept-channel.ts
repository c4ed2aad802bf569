import { type Logger, systemClock } from '@app/core';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { Attachment } from './connection.js';

/** A channel that is made anew, with what `prepare` sets up on it, when the broker closes it and the connection lives on. */
export class KeptChannel implements Attachment {
  private connected: ChannelModel | undefined;
  private current: Channel | undefined;
  private readonly stop = new AbortController();

  constructor(
    private readonly name: string,
    private readonly prepare: (channel: Channel) => Promise<void>,
    private readonly logger: Logger,
  ) {}

  /** Undefined while there is none. */
  get channel(): Channel | undefined {
    return this.current;
  }

  async attach(connection: ChannelModel): Promise<void> {
    connection.on('close', () => {
      if (this.connected === connection) this.connected = undefined;
    });
    await this.open(connection);
    // From here on it may be made anew; before, a failure closes the connection.
    this.connected = connection;
  }

  close(): void {
    this.stop.abort();
  }

  private async open(connection: ChannelModel): Promise<void> {
    const channel = await connection.createChannel();
    channel.on('error', (error: Error) => this.logger.warn({ err: error }, `${this.name} failed`));
    channel.on('close', () => this.lose(channel));
    await this.prepare(channel);
    this.current = channel;
  }

  private lose(channel: Channel): void {
    if (this.current !== channel) return;
    this.current = undefined;
    void this.reopen();
  }

  private async reopen(): Promise<void> {
    for (let pause = 100; !this.current && !this.stop.signal.aborted; pause = Math.min(pause * 2, 5_000)) {
      await systemClock.sleep(pause, this.stop.signal);
      const { connected } = this;
      if (!connected) return;
      await this.open(connected).catch((error: unknown) => this.logger.warn({ err: error }, `${this.name} could not be made again`));
    }
  }
}

/** A queue of this process's own, gone with its connection; the oldest make room when it is full. Resolves with its name, not consumed yet. */
export async function assertOwnQueue(channel: Channel, maxLength: number): Promise<string> {
  const { queue } = await channel.assertQueue('', {
    exclusive: true,
    durable: false,
    autoDelete: true,
    arguments: { 'x-max-length': maxLength, 'x-overflow': 'drop-head' },
  });
  return queue;
}

/** When the broker cancels the consumer, its channel is closed, so that all of it is made anew. */
export async function consumeOwnQueue(channel: Channel, queue: string, receive: (message: ConsumeMessage) => void): Promise<void> {
  await channel.consume(queue, (message) => (message ? receive(message) : void channel.close().catch(() => undefined)), { noAck: true });
}
