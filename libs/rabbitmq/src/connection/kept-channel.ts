import { OWN_QUEUE_PREFIX } from '@app/contracts';
import { type Logger, Pauses, systemClock, uuidv4 } from '@app/core';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { Attachment } from './connection.js';
import { brokerText, isDenied } from './explained.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * A channel for what Longhaul can do without. It is made anew, with what `prepare` sets up on it, when the broker closes it and the connection
 * lives on. Where the account lacks a right for it, `without` is told once, and it is left out until the next connection.
 */
export class KeptChannel implements Attachment {
  private connected: ChannelModel | undefined;
  private current: Channel | undefined;
  private readonly stop = new AbortController();
  private told: string | undefined;

  constructor(
    private readonly name: string,
    /** What does not work without it, for the log. */
    private readonly without: string,
    private readonly prepare: (channel: Channel, connection: ChannelModel) => Promise<void>,
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
    try {
      await this.open(connection);
    } catch (error) {
      if (!isDenied(error)) throw error;
      this.leaveOut(error);
      return;
    }
    // From here on it may be made anew; before, a failure closes the connection.
    this.connected = connection;
  }

  close(): void {
    this.stop.abort();
  }

  private async open(connection: ChannelModel): Promise<void> {
    const channel = await connection.createChannel();
    let against: Error | undefined;
    channel.on('error', (error: Error) => (against = error));
    channel.on('close', () => this.lose(channel, against));
    await this.prepare(channel, connection);
    this.current = channel;
  }

  private lose(channel: Channel, against: Error | undefined): void {
    if (this.current !== channel) return;
    this.current = undefined;
    if (isDenied(against)) {
      // It would be closed again and again.
      this.connected = undefined;
      this.leaveOut(against);
      return;
    }
    if (against) this.logger.warn({ err: against }, `${this.name} failed`);
    void this.reopen();
  }

  private leaveOut(error: unknown): void {
    const denied = brokerText(error);
    if (this.told === denied) return;
    this.told = denied;
    this.logger.warn({}, `RabbitMQ denies this account a right: ${denied}. ${this.without} docs/operate/rabbitmq.md has the rights`);
  }

  private async reopen(): Promise<void> {
    const pauses = new Pauses(FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    while (!this.current && !this.stop.signal.aborted) {
      await systemClock.sleep(pauses.next(), this.stop.signal);
      const { connected } = this;
      if (!connected) return;
      await this.open(connected).catch((error: unknown) => this.logger.warn({ err: error }, `${this.name} could not be made again`));
    }
  }
}

/**
 * A queue of this process's own, gone with its connection; the oldest make room when it is full. Resolves with its name, not consumed yet.
 * We name it, and not the server: so rights of accounts can be written as one pattern, `^longhaul\\.`.
 */
export async function assertOwnQueue(channel: Channel, maxLength: number): Promise<string> {
  const { queue } = await channel.assertQueue(`${OWN_QUEUE_PREFIX}${uuidv4()}`, {
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
