import type { Untold } from '../run/runner-dependencies.js';
import type { EventMessage, OutboxMessage } from './outbox.js';

export interface Publisher {
  /** Connected, not blocked by the broker, room in the confirm window: publishing now is worth a try. */
  readonly ready: boolean;
  /**
   * Resolves when the broker has confirmed that a queue holds the message durably. Rejects when it is returned as
   * unroutable, refused, or not confirmed in time; the message may then still have arrived.
   */
  publish(message: OutboxMessage): Promise<void>;
  /**
   * Publishes events together, each to the queues that are bound for it. Resolves with the errors of those that were not confirmed, by job; they may have arrived
   * all the same. Never rejects.
   */
  publishEvents(events: readonly EventMessage[]): Promise<Untold>;
}
