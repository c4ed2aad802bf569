import type { Channel, ConsumeMessage } from 'amqplib';

/**
 * Acks of one channel, sent once a turn of the event loop: where everything up to a delivery has been accepted, one frame
 * (`multiple`) stands for all, which for a quorum queue is one entry of its log instead of one each.
 *
 * Nothing is acked that was not accepted: a delivery that is still open ends the run; one that was rejected or released is off the list.
 * An ack that is still here when the channel is lost is lost with it, as one on the wire would be: the copy comes again.
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
        // The channel closed under us: the broker gives the messages to somebody again.
      }
    });
  }

  /** Rejected or released: settled by a frame of its own. */
  settled(message: ConsumeMessage): void {
    this.tags.delete(message.fields.deliveryTag);
  }

  /** Sends what has been accepted. Throws when the channel is closed. */
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
    // Of a message amqplib reads the tag alone.
    this.channel.ack({ fields: { deliveryTag } } as ConsumeMessage, upTo);
  }
}
