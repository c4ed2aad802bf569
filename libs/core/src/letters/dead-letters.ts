import type { JobId, JsonValue } from '../job/job.js';

/** A message or job that was given up, kept with its reason until somebody redrives it. */
export interface DeadLetter {
  id: string;
  source: 'job' | 'message';
  /** Stable and machine-readable: a `JobError` code, a `Refusal` code, or the broker's (`delivery_limit`, `expired`, `maxlen`). */
  reason: string;
  detail: string;
  jobId: JobId | null;
  kind: string | null;
  queue: string | null;
  messageId: string | null;
  contentType: string | null;
  headers: { [name: string]: JsonValue };
  /** The original bytes of a message; null for a job, whose payload is in its row. */
  body: Buffer | null;
  /** How often the very same message came. */
  occurrences: number;
  createdAt: Date;
  lastSeenAt: Date;
  redrivenAt: Date | null;
  redrivenJobId: JobId | null;
}

export type NewDeadLetter = Pick<DeadLetter, 'reason' | 'detail' | 'jobId' | 'kind' | 'queue' | 'messageId' | 'contentType' | 'headers'> & { body: Buffer };

export interface DeadLetterFilter {
  reason?: string;
  kind?: string;
  queue?: string;
  source?: 'job' | 'message';
  /** Only those not redriven yet (default), or all. */
  redriven?: boolean;
  cursor?: string;
  limit: number;
}

export interface DeadLetters {
  /** Stores a message that was given up; the same message again only counts up `occurrences`. Its id. */
  record(letter: NewDeadLetter): Promise<string>;
  /** Whether this very message was recorded under one of these reasons. */
  recordedBefore(letter: Omit<NewDeadLetter, 'reason' | 'detail' | 'jobId' | 'contentType' | 'headers'>, reasons: string[]): Promise<boolean>;
  find(id: string): Promise<DeadLetter | null>;
  list(filter: DeadLetterFilter): Promise<{ items: DeadLetter[]; nextCursor: string | null }>;
  /** How many there are. */
  count(filter: Omit<DeadLetterFilter, 'cursor' | 'limit'>): Promise<number>;
  markRedriven(id: string, jobId: JobId): Promise<void>;
}
