import type { Channel, ChannelModel } from 'amqplib';
import type { Attachment, RabbitConnection } from './connection.js';
import { declareJobQueue } from './topology.js';

/** How many messages wait in a queue of the broker, asked by declaring it as it is (a passive declare needs more rights from 4.3 on). */
export class QueueDepth implements Attachment {
  private channel: Channel | undefined;

  constructor(connection: RabbitConnection) {
    connection.add(this);
  }

  async attach(connection: ChannelModel): Promise<void> {
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    channel.on('close', () => {
      if (this.channel === channel) this.channel = undefined;
    });
    this.channel = channel;
  }

  /** Null when it cannot be told now. */
  async of(queue: string): Promise<number | null> {
    const { channel } = this;
    if (!channel) return null;
    return declareJobQueue(channel, queue).catch(() => null);
  }
}
