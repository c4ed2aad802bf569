import type { JobId } from '../job/job.js';
import type { PauseNote } from '../control/paused.js';
import type { DueSchedule } from './decide-ticks.js';
import type { Schedule, ScheduleSettings, TickOutcome } from './schedule.js';

/** Why a job of a schedule was made. */
export type TickSource = 'tick' | 'backfill' | 'trigger';

/** What is written down of a tick. */
export interface TickRecord {
  scheduleId: string;
  tick: Date;
  previousTick: Date | null;
  outcome: TickOutcome;
  jobId: JobId | null;
  /** Why it was refused. */
  detail: string | null;
  source: TickSource;
}

export interface StoredTick extends Omit<TickRecord, 'scheduleId'> {
  at: Date;
}

/** What a look at a schedule has changed. */
export interface ScheduleAdvance extends Pick<Schedule, 'id' | 'nextTick' | 'dueAt' | 'lastTick' | 'lastJobId' | 'buffered' | 'failures'> {
  /** Pauses it, and says why. */
  pause: string | null;
}

export interface ScheduleFilter {
  /** Whose; left out, those of the default tenant. */
  tenant?: string;
  kind?: string;
  paused?: boolean;
  /** Ids after this one. */
  after?: string;
  limit: number;
}

/** When a schedule that is set ticks next, and when it is looked at. */
export interface ScheduleStart {
  nextTick: Date | null;
  dueAt: Date | null;
}

/** The schedules as people set them. */
export interface ScheduleReader {
  /** By id, without their payloads. */
  list(filter: ScheduleFilter): Promise<Schedule[]>;
  /** Also one whose payload cannot be read, with `unreadable`. */
  find(id: string): Promise<Schedule | null>;
  /** Those that nobody has looked at though they are due for so long, the latest first; of all tenants. */
  late(seconds: number, limit: number): Promise<Schedule[]>;
  /** Those that Longhaul has paused because their jobs have failed, the newest first; of all tenants, without their payloads. */
  failing(limit: number): Promise<Schedule[]>;
  /** Of each of these schedules the newest `limit`, the newest first. */
  ticks(ids: readonly string[], limit: number): Promise<Map<string, StoredTick[]>>;
}

export interface ScheduleStore<Transaction = unknown> extends ScheduleReader {
  /** The whole is kept or nothing. When it rejects after `work`, it is not known which. */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  /** Of what rejects within it nothing is kept, and the transaction goes on. */
  savepoint<Result>(transaction: Transaction, work: (within: Transaction) => Promise<Result>): Promise<Result>;

  /** How many milliseconds it is until a schedule is due, at most 0 when one is; null while none will be. */
  untilDue(kinds: readonly string[]): Promise<number | null>;
  /**
   * Schedules that are due, by when, with the store's time: of these kinds, and of any kind where nobody has taken them for a minute. Each is locked until
   * the transaction ends; those that another process has locked are left out, and those of `except`. One whose payload cannot be read is `unreadable`, and keeps
   * none of the others from being taken.
   */
  takeDue(kinds: readonly string[], limit: number, except: readonly string[], transaction: Transaction): Promise<{ now: Date; schedules: DueSchedule[] }>;
  /** Locks one schedule, due or not. Null where there is none. */
  lock(id: string, transaction: Transaction): Promise<{ now: Date; schedule: DueSchedule } | null>;
  /** Those of the ticks that have a job already. Only who has locked the schedules may rely on it. */
  withJob(ticks: readonly Pick<TickRecord, 'scheduleId' | 'tick'>[], transaction: Transaction): Promise<Pick<TickRecord, 'scheduleId' | 'tick'>[]>;
  /** Writes ticks down, gives their jobs their origin, and moves schedules on, in one statement. Rejects where a tick has a job already. */
  record(ticks: readonly TickRecord[], advances: readonly ScheduleAdvance[], transaction: Transaction): Promise<void>;
  /** The job counts as the last one of its schedule, unless the last one has not ended. */
  triggered(id: string, jobId: JobId, transaction: Transaction): Promise<void>;

  /**
   * Creates a schedule, or replaces one that the transaction has locked. False where there is one that it has not locked. Refuses one more than
   * MAX_SCHEDULES.
   */
  write(id: string, settings: ScheduleSettings, origin: string, before: Schedule | null, start: ScheduleStart, transaction: Transaction): Promise<boolean>;
  /** False where there is none. */
  remove(id: string, transaction: Transaction): Promise<boolean>;
  /** Paused again it keeps its time. */
  pause(id: string, note: PauseNote, transaction: Transaction): Promise<void>;
  resume(id: string, dueAt: Date | null, transaction: Transaction): Promise<void>;
  /** Ids of schedules of this origin that are not among `ids`. */
  othersOf(origin: string, ids: readonly string[]): Promise<string[]>;
  /** Schedules by cron whose next tick was worked out with other zone data. */
  ofOtherZoneData(limit: number): Promise<string[]>;
}
