import type { Channel, ChannelModel } from 'amqplib';
import type { Attachment, RabbitConnection } from './connection.js';
import { declareJobQueue } from './topology.js';

/** How many messages wait in a queue of the broker, asked by declaring it as it is (a passive declare needs more rights from 4.3 on). */
export class QueueDepth implements Attachment {
  private connected: ChannelModel | undefined;
  private channel: Channel | undefined;

  constructor(connection: RabbitConnection) {
    connection.add(this);
  }

  async attach(connection: ChannelModel): Promise<void> {
    this.connected = connection;
    connection.on('close', () => {
      if (this.connected === connection) this.connected = undefined;
    });
    await this.openChannel(connection);
  }

  /** Null when it cannot be told now. */
  async of(queue: string): Promise<number | null> {
    try {
      if (!this.connected) return null;
      // An error, such as a queue with other arguments, has closed the last one.
      const channel = this.channel ?? (await this.openChannel(this.connected));
      return await declareJobQueue(channel, queue);
    } catch {
      return null;
    }
  }

  private async openChannel(connection: ChannelModel): Promise<Channel> {
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    channel.on('close', () => {
      if (this.channel === channel) this.channel = undefined;
    });
    this.channel = channel;
    return channel;
  }
}
