import type { JobId } from '../job/job.js';
import type { Sees } from '../job/tenant.js';
import type { JobState } from '../job/lifecycle.js';
import type { JobCount } from '../control/job-reader.js';
import type { ScheduledBy } from './why.js';

/** A place in the order in which jobs of a queue are released: by priority, the highest first, then by virtual time, then by id. */
export interface RoomPlace {
  priority: number;
  /** Infinity: behind all of its priority. */
  virtualTime: number;
  jobId: string;
}

export interface PausedFact {
  since: Date;
  by: string | null;
  reason: string | null;
}

/** Jobs of a queue, or under a limit, that began in the last minute. */
export interface StartRate {
  starts: number;
  /** The seconds in which they began. */
  seconds: number;
}

/** What is known of a queue. */
export interface QueueFacts {
  paused: PausedFact | null;
  /** Live workers that take from it, and the slots of the largest. */
  workers: number;
  largestWorker: number | null;
  /** Null while no job of it has begun in the last minute. */
  starts: StartRate | null;
}

/** What one statement knows of a job. Times are of the store's clock. */
export interface WaitingFacts {
  id: JobId;
  now: Date;
  state: JobState;
  kind: string;
  queue: string;
  priority: number;
  /** Attempts begun. */
  attempt: number;
  scheduledBy: ScheduledBy;
  runAt: Date | null;
  /** When its newest message was made, or it was put where it is. */
  messagedAt: Date | null;
  startedAt: Date | null;
  worker: string | null;
  kindPaused: PausedFact | null;
  ofQueue: QueueFacts;
  /** Where it waits for its turn; null of a job that does not. */
  place: RoomPlace | null;
  /** The keys of the limits that it is under. */
  limitKeys: string[];
  /** The kinds that are paused: their jobs are not before others. */
  pausedKinds: string[];
}

/** How one key of a limit is used. */
export interface LimitFacts {
  key: string;
  /** How many may run at once; null without such a limit. */
  capacity: number | null;
  held: number;
  holders: JobId[];
  /** The earliest time of the next start, which may have passed; null without a rate. */
  nextAt: Date | null;
  /** Milliseconds between two starts of the rate; null without one. */
  everyMs: number | null;
  /** Of those that wait for this limit. */
  ahead: JobCount;
  starts: StartRate | null;
}

/** A row of the outbox that is to wake a job up. */
export interface OutboxPlace {
  /** Due rows that are taken before it. */
  ahead: JobCount;
}

export interface RoomBound {
  virtualTime: number;
  jobId: string;
}

/** What the answers to "why is my job waiting" are made of. Every statement is bounded, however many jobs wait. */
export interface WhyStore {
  /** Null when there is no such job. */
  facts(id: JobId, sees?: Sees): Promise<WaitingFacts | null>;
  /** What is known of a queue, for a job that is not submitted yet. `now` is the store's time. */
  queue(queue: string, kind: string): Promise<Pick<WaitingFacts, 'now' | 'kindPaused' | 'ofQueue' | 'pausedKinds'>>;
  /** How many of a queue are released before this place; one more than `most` where there are more. */
  ahead(queue: string, place: RoomPlace, pausedKinds: string[], most: number): Promise<number>;
  /** The jobs of one queue and priority in the room from one place to before another, `most` at most. Null: from the first, to the last. */
  between(queue: string, priority: number, from: RoomBound | null, to: RoomBound | null, most: number): Promise<number>;
  /** By priority, the first of the room. */
  heads(queue: string): Promise<Map<number, RoomBound>>;
  /** By priority, each `step`th of the room, in order. */
  rungs(queue: string, step: number): Promise<Map<number, RoomBound[]>>;
  /** Of keys whose limit exists. `place` decides who is before the job; null for a job that is not there yet. */
  limits(keys: string[], place: RoomPlace | null, sees?: Sees): Promise<LimitFacts[]>;
  /** The outbox row of a queued job that is in no room; null where its message has left the outbox. `most` rows of each look at most. */
  outboxPlace(facts: Pick<WaitingFacts, 'id' | 'queue' | 'priority' | 'messagedAt'>, most: number): Promise<OutboxPlace | null>;
}

/** Starts are counted by each process, and kept for a few minutes. */
export interface StartsStore {
  /** By subject: `queue:<name>` or `limit:<key>`. */
  addStarts(counts: ReadonlyMap<string, number>): Promise<void>;
}
