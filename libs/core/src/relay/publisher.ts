import type { OutboxMessage } from './outbox.js';

export interface Publisher {
  /** Connected, not blocked by the broker, room in the confirm window: publishing now is worth a try. */
  readonly ready: boolean;
  /**
   * Resolves when the broker has confirmed that a queue holds the message durably. Rejects when it is returned as
   * unroutable, refused, or not confirmed in time; the message may then still have arrived.
   */
  publish(message: OutboxMessage): Promise<void>;
}
