import { jobQueueName } from '@app/contracts';
import { within } from '@app/core';
import type { ChannelModel } from 'amqplib';
import type { Attachment, RabbitConnection } from '../connection/connection.js';
import { onOwnChannel } from '../connection/own-channel.js';
import { jobQueueParts } from './topology.js';

const ANSWER_WITHIN_MS = 3_000;

/**
 * Reads how many messages wait in a queue, by declaring it with its own arguments (a passive declare needs more permissions from 4.3 on, and is
 * used only where the account may not declare). Each call uses a channel of its own: a queue that exists with other arguments must not fail the
 * others.
 */
export class QueueDepth implements Attachment {
  private connected: ChannelModel | undefined;

  constructor(private readonly connection: RabbitConnection) {
    connection.add(this);
  }

  async attach(connection: ChannelModel): Promise<void> {
    this.connected = connection;
    connection.on('close', () => {
      if (this.connected === connection) this.connected = undefined;
    });
  }

  /** The number of messages; null when it cannot be read now. */
  async of(queue: string): Promise<number | null> {
    const { connected } = this;
    // The broker reads nothing from a blocked connection, so the answer would come only after the alarm.
    if (!connected || this.connection.blocked !== undefined) return null;
    let depth: number | null = null;
    const asking = this.connection.declare(connected, jobQueueParts(queue)).then((waiting) => (depth = waiting));
    await within(ANSWER_WITHIN_MS, asking);
    return depth;
  }

  /** Deletes the queue with its messages, whose jobs have all ended. Rejects when the broker refuses or is away. */
  async remove(queue: string): Promise<void> {
    const { connected } = this;
    if (!connected) throw new Error('there is no connection to RabbitMQ');
    await onOwnChannel(connected, (channel) => channel.deleteQueue(jobQueueName(queue)));
  }
}
