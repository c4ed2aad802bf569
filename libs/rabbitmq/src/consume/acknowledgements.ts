import type { Channel, ConsumeMessage } from 'amqplib';

/**
 * Sends the acks of one channel once in each turn of the event loop. When all deliveries up to one have been accepted, a single frame
 * (`multiple`) acks them, which is one log entry of a quorum queue instead of one for each.
 *
 * Only accepted deliveries are acked: an open delivery ends the run; a rejected or released one is removed from the list.
 * When the channel is lost, acks that were not sent are lost with it, like acks on the wire: the message is delivered again.
 */
export class Acknowledgements {
  /** Tags of open deliveries, lowest first, and whether they have been accepted. */
  private readonly tags = new Map<number, boolean>();
  private scheduled = false;

  constructor(private readonly channel: Pick<Channel, 'ack'>) {}

  opened(message: ConsumeMessage): void {
    this.tags.set(message.fields.deliveryTag, false);
  }

  accept(message: ConsumeMessage): void {
    this.tags.set(message.fields.deliveryTag, true);
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      try {
        this.flush();
      } catch {
        // The channel has closed, so the broker delivers the messages again.
      }
    });
  }

  /** Call it for a rejected or released delivery, which has a frame of its own. */
  settled(message: ConsumeMessage): void {
    this.tags.delete(message.fields.deliveryTag);
  }

  /** Sends the acks of accepted deliveries. Throws when the channel is closed. */
  flush(): void {
    let last: number | undefined;
    for (const [tag, accepted] of this.tags) {
      if (!accepted) break;
      last = tag;
      this.tags.delete(tag);
    }
    if (last !== undefined) this.ack(last, true);
    for (const [tag, accepted] of this.tags) {
      if (!accepted) continue;
      this.tags.delete(tag);
      this.ack(tag, false);
    }
  }

  private ack(deliveryTag: number, upTo: boolean): void {
    // amqplib reads only the tag of the message.
    this.channel.ack({ fields: { deliveryTag } } as ConsumeMessage, upTo);
  }
}
