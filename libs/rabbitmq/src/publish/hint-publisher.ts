import type { JobId, Logger } from '@app/core';
import type { Channel, ChannelModel } from 'amqplib';
import type { Attachment, RabbitConnection } from '../connection/connection.js';
import { KeptChannel } from '../connection/kept-channel.js';
import type { Hints } from '../topology/hints.js';

/** When the socket has more unsent bytes than this, messages are dropped. Listeners read the database soon anyway. */
const MAX_BUFFERED = 1024 * 1024;

/**
 * Publishes hints, which are ids of jobs, to all who listen, through a fanout exchange, neither persistent nor confirmed. When nobody listens, the broker drops
 * the messages.
 */
export class HintPublisher implements Attachment {
  private readonly kept: KeptChannel;

  constructor(
    private readonly connection: RabbitConnection,
    private readonly hints: Hints,
    logger: Logger,
  ) {
    this.kept = new KeptChannel(
      `the channel that tells of ${hints.of}`,
      hints.untold,
      async (_, model) => {
        await connection.declare(model, hints.parts);
      },
      connection.account,
      logger,
    );
    connection.add(this);
  }

  attach(connection: ChannelModel): Promise<void> {
    return this.kept.attach(connection);
  }

  send(jobIds: readonly JobId[]): void {
    const { channel } = this.kept;
    if (!channel || this.connection.blocked !== undefined || buffered(channel) > MAX_BUFFERED) return;
    channel.publish(this.hints.exchange, '', Buffer.from(JSON.stringify(jobIds)), { persistent: false, contentType: 'application/json' });
  }
}

function buffered(channel: Channel): number {
  return (channel.connection as unknown as { stream?: { writableLength?: number } }).stream?.writableLength ?? 0;
}
