import type { Channel, ConsumeMessage } from 'amqplib';
import type { Acknowledgements } from './acknowledgements.js';

/**
 * One hand-over of a message, settled at most once and only on the channel it came by: a second settlement, or one after
 * the channel was lost, would close the channel (406, unknown delivery tag) and bring everything on it back.
 */
export class RabbitDelivery {
  private settled = false;

  constructor(
    readonly message: ConsumeMessage,
    private readonly channel: Channel,
    private readonly acks: Acknowledgements,
    private readonly isOpen: () => boolean,
    private readonly onSettled: () => void = () => undefined,
  ) {}

  get open(): boolean {
    return !this.settled && this.isOpen();
  }

  accept(): void {
    this.settle(() => this.acks.accept(this.message));
  }

  /**
   * To the dead-letter exchange. Not with an `x-death` that no broker has written: RabbitMQ before 4.0 reads it when it
   * dead-letters, and one that is malformed ends the broker's own dead-lettering, and with it every queue that relies on it
   * (3.10.8, measured). Such a message is accepted; its dead letter has been recorded before.
   */
  reject(): void {
    if (hasForgedDeaths(this.message)) this.accept();
    else
      this.settle(() => {
        this.acks.settled(this.message);
        this.channel.reject(this.message, false);
      });
  }

  /** Not tried. `nack` rather than `reject`: from RabbitMQ 4.3 it does not count towards the delivery limit. */
  release(): void {
    this.settle(() => {
      this.acks.settled(this.message);
      this.channel.nack(this.message, false, true);
    });
  }

  private settle(how: () => void): void {
    if (!this.open) return;
    this.settled = true;
    try {
      how();
    } catch {
      // The channel closed under us: the broker gives the message to somebody again.
    }
    this.onSettled();
  }
}

function hasForgedDeaths({ properties }: ConsumeMessage): boolean {
  const deaths = (properties.headers as Record<string, unknown> | undefined)?.['x-death'];
  if (deaths === undefined) return false;
  return (
    !Array.isArray(deaths) ||
    deaths.some((death) => typeof (death as { queue?: unknown } | null)?.queue !== 'string' || typeof (death as { reason?: unknown }).reason !== 'string')
  );
}
