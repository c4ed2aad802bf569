import { EXCHANGES } from '@app/contracts';
import type { JobId, Logger } from '@app/core';
import type { Channel, ChannelModel } from 'amqplib';
import type { Attachment, RabbitConnection } from '../connection/connection.js';
import { KeptChannel } from '../connection/kept-channel.js';
import { CHANGES_PARTS } from '../topology/topology.js';

/** When the socket has more unsent bytes than this, messages are dropped. Listeners read the database soon anyway. */
const MAX_BUFFERED = 1024 * 1024;

/**
 * Publishes ids of changed jobs to all gateways through a fanout exchange, neither persistent nor confirmed. When no gateway listens, the
 * broker drops the messages.
 */
export class ChangePublisher implements Attachment {
  private readonly kept: KeptChannel;

  constructor(
    private readonly connection: RabbitConnection,
    logger: Logger,
  ) {
    this.kept = new KeptChannel(
      'the channel that tells of changed jobs',
      'Without it waits (Prefer: wait) and streams of other gateways hear of jobs that change here only when they look at the database, some seconds later.',
      async (_, model) => {
        await connection.declare(model, CHANGES_PARTS);
      },
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
    channel.publish(EXCHANGES.changes, '', Buffer.from(JSON.stringify(jobIds)), { persistent: false, contentType: 'application/json' });
  }
}

function buffered(channel: Channel): number {
  return (channel.connection as unknown as { stream?: { writableLength?: number } }).stream?.writableLength ?? 0;
}
