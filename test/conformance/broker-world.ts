import type { WakeUp, Publisher } from '@app/core';

/** A publisher and a consumer of one queue, on a broker that is real or simulated. */
export interface BrokerWorld {
  /** Its own, for a broker may be shared by several of these. */
  queue: string;
  publisher: Publisher;
  /** In the order in which they came. */
  deliveries: WakeUp[];
  /** With so many deliveries open at most as the suite says. */
  consume(): Promise<void>;
  /** The consumer's connection is lost; it comes back by itself. */
  breakLink(): Promise<void>;
  deleteQueue(): Promise<void>;
  /** Waits for something that goes on by itself. */
  until(what: string, holds: () => boolean): Promise<void>;
  /** Lets a promise come to its end. */
  finish<Value>(promise: Promise<Value>): Promise<Value>;
  close(): Promise<void>;
}
