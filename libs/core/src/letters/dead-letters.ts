import type { JobId, JsonValue } from '../job/job.js';
import type { Sees } from '../job/tenant.js';

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
  /** What else the message had, by the names of AMQP: `reply_to`, `correlation_id`, `priority`, `user_id` …; null of a job, and of a message that came before these were kept. */
  properties: { [name: string]: JsonValue } | null;
  /** The account that has sent the message, which the broker has checked, or else the program that it names. */
  producer: string | null;
  /** The class of the job's error. */
  error: string | null;
  /** Where the project's own code has thrown it: function, file and line. */
  frame: string | null;
  /** Letters of one cause have one; null of a letter that was stored by an older version, until it is looked at. */
  group: string | null;
  /** Whose it is: its job's, or its producer's. */
  tenant: string;
  /** The original bytes of a message; null for a job, whose payload is in its row. */
  body: Buffer | null;
  /** How often the very same message came. */
  occurrences: number;
  createdAt: Date;
  lastSeenAt: Date;
  redrivenAt: Date | null;
  redrivenJobId: JobId | null;
  /** When somebody has put it away: it is kept, and is nobody's work any more. */
  discardedAt: Date | null;
  discard: LetterNote | null;
}

/** What an act on many has to know of a letter. */
export type WaitingLetter = Pick<DeadLetter, 'id' | 'source' | 'jobId'>;

/** Who has done something to a letter, and why. */
export interface LetterNote {
  by?: string;
  reason?: string;
}

type Described = 'jobId' | 'kind' | 'queue' | 'messageId' | 'contentType' | 'headers';

export type NewDeadLetter = Pick<DeadLetter, 'reason' | 'detail' | Described> &
  Partial<Pick<DeadLetter, 'properties' | 'producer' | 'tenant'>> & { body: Buffer };

export interface DeadLetterFilter {
  /** Of this tenant; left out, of all. */
  tenant?: string;
  reason?: string;
  kind?: string;
  queue?: string;
  source?: 'job' | 'message';
  /** Of one cause. */
  group?: string;
  /** Stored at this time or later, and before that one. */
  from?: Date;
  to?: Date;
  /** Stored before this time. */
  before?: Date;
  /** Only those not redriven yet (default), or also those. */
  redriven?: boolean;
  /** Only those not discarded (default), or also those. */
  discarded?: boolean;
  /** Behind which letter the list goes on: the microseconds of its time since 1970, `-`, and its id. It may be gone. */
  cursor?: string;
  limit: number;
}

/** Letters that wait for somebody, that fit all that is given, and that were stored before the act was asked for. */
export type LettersFilter = Pick<DeadLetterFilter, 'tenant' | 'reason' | 'kind' | 'queue' | 'source' | 'group' | 'from' | 'to'> & { before: Date };

/** Letters of one cause. */
export interface LetterGroup {
  group: string;
  source: 'job' | 'message';
  reason: string;
  kinds: string[];
  producer: string | null;
  error: string | null;
  frame: string | null;
  /** Of the newest of its letters, whose id `sampleId` is. */
  detail: string;
  sampleId: string;
  letters: number;
  /** How often their messages came: a letter of a job counts once. */
  occurrences: number;
  firstSeenAt: Date;
  lastSeenAt: Date;
  /** How many letters were stored in each of the hours that were asked for, the oldest first. */
  hours: number[];
  /** Of an acknowledged group. */
  acknowledged: { at: Date; reason: string | null; by: string | null; since: number } | null;
}

export const GROUP_SORTS = ['most', 'newest'] as const;

export interface GroupFilter extends Pick<DeadLetterFilter, 'tenant' | 'reason' | 'kind' | 'queue' | 'source' | 'group'> {
  acknowledged?: boolean;
  sort: (typeof GROUP_SORTS)[number];
  /** How many hours back the counts go. */
  hours: number;
  limit: number;
}

export interface LetterGroups {
  items: LetterGroup[];
  /** Of all groups and letters that fit, of which `items` has the first. */
  groups: number;
  letters: number;
  /** Letters of older versions that have no group yet: they get theirs within minutes. */
  ungrouped: number;
  /** Where the first of the hours begins. */
  hoursFrom: Date;
}

export interface DeadLetters {
  /** Stores a message that was given up; the same message again only counts up `occurrences`. Its id. */
  record(letter: NewDeadLetter): Promise<string>;
  /** Whether this very message was recorded under one of these reasons. */
  recordedBefore(letter: Pick<NewDeadLetter, 'kind' | 'queue' | 'messageId' | 'body' | 'tenant'>, reasons: string[]): Promise<boolean>;
  /** Here and below a letter of another tenant than `sees` names is none; left out, all are seen. */
  find(id: string, sees?: Sees): Promise<DeadLetter | null>;
  list(filter: DeadLetterFilter): Promise<{ items: DeadLetter[]; nextCursor: string | null }>;
  /** How many there are. */
  count(filter: Omit<DeadLetterFilter, 'cursor' | 'limit'>): Promise<number>;
  /** Puts a letter away; a job's letter with its job, which stays as it is. What is put away already stays so. Null where there is none; `accepted` false: it was put back. */
  discard(id: string, note: LetterNote, sees?: Sees): Promise<{ accepted: boolean; letter: DeadLetter } | null>;
  /** Puts away all that fit and were stored before this call. How many it were. */
  discardAll(filter: Omit<DeadLetterFilter, 'cursor' | 'limit'>, note: LetterNote): Promise<number>;
  /** The next letters that wait and fit, from behind `after`, the newest first; `next` is where to go on, null at the end. A page may be short, or empty, before that. */
  page(filter: LettersFilter, after: string | null, size: number): Promise<{ letters: WaitingLetter[]; next: string | null }>;
  /** Puts these away. How many it were. */
  discardMany(ids: string[], note: LetterNote): Promise<number>;
  markRedriven(id: string, jobId: JobId): Promise<void>;
  /** The causes of what waits for somebody. */
  groups(filter: GroupFilter): Promise<LetterGroups>;
  /** Somebody knows of this group, within a tenant; where all are seen, within the default one. False: it has no letters. */
  acknowledge(group: string, note: LetterNote, sees?: Sees): Promise<boolean>;
  /** Nobody knows of it any more. */
  reopen(group: string, sees?: Sees): Promise<void>;
}
