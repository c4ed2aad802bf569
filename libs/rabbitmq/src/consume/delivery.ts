import type { Channel, ConsumeMessage } from 'amqplib';
import type { Acknowledgements } from './acknowledgements.js';

/**
 * One delivery of a message. It is settled at most once, and only on its own channel: a second settlement, or one after the
 * channel was lost, would close the channel (406, unknown delivery tag), and all its messages would be delivered again.
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
   * Sends the message to the dead-letter exchange, except when it has an `x-death` header that no broker has written: RabbitMQ before 4.0
   * reads that header when it dead-letters, and a malformed one stops dead-lettering in the whole broker (3.10.8, measured). Such a
   * message is accepted instead; its dead letter has been recorded before.
   */
  reject(): void {
    if (hasForgedDeaths(this.message)) this.accept();
    else
      this.settle(() => {
        this.acks.settled(this.message);
        this.channel.reject(this.message, false);
      });
  }

  /** Puts the message back without an attempt. It uses `nack`, which from RabbitMQ 4.3 on does not count towards the delivery limit, as `reject` does. */
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
      // The channel has closed, so the broker delivers the message again.
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
