import { OWN_QUEUE_PREFIX } from '@app/contracts';
import { type Logger, Pauses, systemClock, uuidv4 } from '@app/core';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { BrokerAccount } from './broker-account.js';
import type { Attachment } from './connection.js';
import { brokerText, isDenied } from './explained.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * A channel for a feature that Longhaul can work without. When the broker closes the channel and the connection stays open, the channel is made
 * again and `prepare` sets it up. When the account lacks a permission, `without` is logged once, and there is no channel until the next connection.
 */
export class KeptChannel implements Attachment {
  private connected: ChannelModel | undefined;
  private current: Channel | undefined;
  private readonly stop = new AbortController();
  private told: string | undefined;

  constructor(
    private readonly name: string,
    /** Says for the log what does not work without this channel. */
    private readonly without: string,
    private readonly prepare: (channel: Channel, connection: ChannelModel) => Promise<void>,
    private readonly account: BrokerAccount,
    private readonly logger: Logger,
  ) {}

  /** The channel; undefined while there is none. */
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
    // From here on the channel is made again after a failure. A failure before this point closes the connection.
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
    this.account.note(this, undefined);
  }

  private lose(channel: Channel, against: Error | undefined): void {
    if (this.current !== channel) return;
    this.current = undefined;
    if (isDenied(against)) {
      // Without the permission the channel would be closed again and again.
      this.connected = undefined;
      this.leaveOut(against);
      return;
    }
    if (against) this.logger.warn({ err: against }, `${this.name} failed`);
    void this.reopen();
  }

  private leaveOut(error: unknown): void {
    const denied = brokerText(error);
    const inWords = `RabbitMQ denies this account a right: ${denied}. ${this.without}`;
    this.account.note(this, inWords);
    if (this.told === denied) return;
    this.told = denied;
    this.logger.warn({}, `${inWords} docs/operate/rabbitmq.md has the rights`);
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
 * Declares a queue of this process, which ends with its connection. When it is full it drops its oldest messages. Resolves with its name; it has no
 * consumer yet.
 * Longhaul chooses the name, and not the server, so that permissions of accounts can be written as one pattern, `^longhaul\\.`.
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

/** Consumes the queue. When the broker cancels the consumer, the channel is closed, so that everything on it is set up again. */
export async function consumeOwnQueue(channel: Channel, queue: string, receive: (message: ConsumeMessage) => void): Promise<void> {
  await channel.consume(queue, (message) => (message ? receive(message) : void channel.close().catch(() => undefined)), { noAck: true });
}
