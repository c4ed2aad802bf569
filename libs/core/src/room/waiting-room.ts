import type { JobMessage } from '../relay/outbox.js';

/** What keeps jobs where they are, as the store sees it at one moment. */
export interface RoomView {
  /** Queues of which jobs wait that only their turn keeps; those that a limit has parked do not count. */
  waiting: ReadonlySet<string>;
  /** Of these, and of the queues that were asked for: how many live workers take from it. */
  workers: ReadonlyMap<string, number>;
  fairQueues: ReadonlySet<string>;
  pausedQueues: ReadonlySet<string>;
  pausedKinds: ReadonlySet<string>;
  /** A rate gives its next start to a job that waits for it in so many milliseconds; null when none waits for one. */
  nextTurnMs: number | null;
}

/** So many jobs of a queue may leave the room. */
export interface Wanted {
  queue: string;
  jobs: number;
}

/**
 * Jobs that wait for their turn, so that RabbitMQ's queues stay short. A job has at most one place. Whatever ends a job that waits, or puts it
 * elsewhere, takes its place away in the same statement.
 */
export interface WaitingRoom {
  /** One statement. Rejects when the store does not answer. */
  look(queues: readonly string[]): Promise<RoomView>;
  /**
   * Releases jobs in the order of their queue: priority, virtual time, id; one in {@link RESERVE} is the oldest of its queue, whatever its priority. Their
   * places become rows of the outbox, hidden for `hideSeconds`, in one transaction; the caller publishes them. Nothing of a paused queue or kind.
   * Null when another process releases at this moment. `only`: jobs with limits, where those without are claimed out of the room.
   */
  release(wanted: readonly Wanted[], hideSeconds: number, only?: 'limited'): Promise<JobMessage[] | null>;
}

/** What a process without a broker does besides. */
export interface LocalRoom extends WaitingRoom {
  /** Rows of the outbox whose jobs have to take their turn become places when they are due. The relay does it where there is one. */
  enterDue(): Promise<void>;
  /** Jobs that have crashed a worker and wait since a time with a broker: rows of the outbox, where this mode looks for them. */
  suspectsOut(): Promise<void>;
  /** Jobs of a queue that were released and nobody has claimed, up to `most`. */
  released(queue: string, most: number): Promise<number>;
}

/** One release of so many goes to the oldest job of the queue that no limit has parked. So none waits for ever behind higher priorities. */
export const RESERVE = 16;
