import type { KeySource } from '../job/key-source.js';
import type { Pause, PauseNote } from './paused.js';

export interface QueueSetting {
  name: string;
  paused: boolean;
}

export interface Queues {
  /** All that may hold work, so those too that were deleted a moment ago. */
  all(): Promise<QueueSetting[]>;
  /** Makes known the queues that are not yet. Rejects with a `Refusal` beyond the limit of queues. */
  ensure(names: string[]): Promise<void>;
}

export interface QueueControl {
  /** Null when there is no such queue. Paused again it keeps its time; what the note says replaces what was said. Resumed, who and why are forgotten. */
  setPaused(name: string, paused: boolean, note?: PauseNote): Promise<Pause | null>;
}

/** How a queue shares its workers between keys. */
export interface QueueFairness {
  /** What a job's key is, where it names none itself: the value of its tag `<name>:<value>`, or its kind. */
  by: KeySource;
  /** A key gets its share of jobs started, or of worker seconds. */
  cost: 'count' | 'time';
  /** More than 0. A key that is not there has the weight 1. */
  weights: Readonly<Record<string, number>>;
}

/** A queue as it was set. */
export interface QueueSettings extends Pause {
  fair: QueueFairness | null;
}

export interface QueueSharing {
  /** Null when there is no such queue. */
  settings(name: string): Promise<QueueSettings | null>;
  /** Null: first in, first out. The jobs that wait are put into the new order in the same transaction. False when there is no such queue. */
  setFair(name: string, fair: QueueFairness | null): Promise<boolean>;
}

export interface QueueDeclarations {
  /** The queues that submissions may name: those that are known, and those that a live worker has in its `WORKER_QUEUES`. */
  declared(): Promise<string[]>;
}

/** Takes queues away. */
export interface QueueRemoval {
  /** `busy`: it has jobs that have not ended; nothing was changed. */
  remove(name: string): Promise<'removed' | 'busy' | 'unknown'>;
  /** Queues that nobody submits to or takes from any more: the broker's may go. */
  removable(): Promise<string[]>;
  /** The broker's queue is gone. */
  forget(name: string): Promise<void>;
}
