import type { JobId, PublishId } from '../job/job.js';
import type { NotifyEntry } from '../notify/channels.js';

/** How many jobs one message may wake up. */
export const WAKE_UP_MAX = 64;

/** "There are jobs to run", 1 to {@link WAKE_UP_MAX} of one kind, queue and priority: published to their queue. */
export interface JobMessage {
  type: 'job';
  outboxId: string;
  /** The id that its copy has to have, for the job was claimed under it (see `HandedOn`). Left out, one of its own. */
  publishId?: PublishId;
  jobIds: JobId[];
  kind: string;
  queue: string;
  priority: number;
  traceparent: string | null;
}

/** "A job has ended": published to `longhaul.events`, and to the caller's reply queue where one was given. */
export interface EventMessage {
  type: 'event';
  /** Null when the message is not in the outbox. */
  outboxId: string | null;
  jobId: JobId;
  /** Stable over repeats, so that consumers can tell a duplicate. */
  messageId: string;
  /** `<kind>.<succeeded|failed|cancelled>` */
  routingKey: string;
  /** Of the job. */
  tenant: string;
  /** As JSON text. */
  body: string;
  /** Whom the outcome is sent to. The publisher serves the channels that are of the broker. */
  notify: readonly NotifyEntry[];
}

export type OutboxMessage = JobMessage | EventMessage;

/** How many jobs of each queue may go to the broker. */
export interface Allowance {
  byQueue: ReadonlyMap<string, number>;
  /** Of a queue that is not named. */
  others: number;
}

export interface Outbox {
  /**
   * Takes due messages, highest priority and oldest first, and hides them from others for `hideSeconds`: whoever took
   * them and dies has lost nothing. Scheduled jobs whose time has come turn `queued` in the same statement.
   * Jobs beyond what is allowed of their queue, of kinds that are paused, and those that have to take their turn go to the waiting room, and are not
   * returned; except what was taken or released before. Without `allowance` every job may go. About `limit` messages: the outcomes of one row come together.
   */
  take(limit: number, hideSeconds: number, allowance?: Allowance): Promise<OutboxMessage[]>;
  /** Deletes messages that the broker has confirmed. */
  remove(outboxIds: string[]): Promise<void>;
  /** Single-process mode, where nobody listens: drops outcome events. */
  discardEvents(): Promise<void>;
  /** Milliseconds until the next message is due (0 or less: now), or null when there is none. */
  nextDueMs(): Promise<number | null>;
}
