import type { DeadLetter } from '../letters/dead-letters.js';
import type { QueueStats } from '../control/job-reader.js';

/** What happened to jobs in a time. A job that is tried three times has three starts, two of `retried` and one end. */
export interface Counts {
  /** Stored by a submission, through whatever door. */
  accepted: number;
  started: number;
  succeeded: number;
  /** Attempts after which the job had failed for good. */
  failed: number;
  cancelled: number;
  /** Attempts that have failed, of jobs that are tried again. */
  retried: number;
}

/** Counts, and how long attempts waited and ran: sums in milliseconds, and histograms, see `bucketOf`. */
export interface Figures extends Counts {
  runMs: number;
  waitMs: number;
  run: number[];
  wait: number[];
}

/** The figures of a queue and a kind in the bucket of `step` seconds that begins at `at`, in milliseconds since 1970. */
export interface FigureRow extends Figures {
  step: number;
  at: number;
  /** With the kind empty: the figures of all. */
  queue: string;
  kind: string;
}

/** The width of a bucket in seconds: the fine ones are for the last minutes, the others for the past. */
export const FINE_STEP = 10;
export const COARSE_STEP = 60;

/** The fine buckets can be asked for so many seconds. */
export const FINE_SECONDS = 15 * 60;

export interface FigureWriter {
  /** Adds rows. The same number of the same process again changes nothing: it was added before, and only its answer was lost. */
  add(process: string, number: number, rows: FigureRow[]): Promise<void>;
}

/** Jobs that were accepted since a time and are kept, by their state at one moment. Each is counted once. */
export interface Ledger {
  since: Date;
  countedAt: Date;
  accepted: number;
  scheduled: number;
  queued: number;
  running: number;
  succeeded: number;
  failed: number;
  cancelled: number;
}

/** Live workers of one set of queues. */
export interface WorkerGroup {
  /** Empty: all queues. */
  queues: string[];
  /** The gateway of a single-process installation: its slots are of all queues together. */
  gateway: boolean;
  workers: number;
  draining: number;
  slots: number;
}

/** Dead letters of one kind and reason within a time. */
export interface FailureGroup {
  source: DeadLetter['source'];
  kind: string | null;
  reason: string;
  count: number;
  /** Of those, the ones that nobody has put back. */
  open: number;
  lastAt: Date;
}

/** The state of an installation at one moment. */
export interface StateNow {
  queues: QueueStats[];
  groups: WorkerGroup[];
  /** Workers whose lease is over. */
  late: number;
}

/** A queue as it was at the beginning of a step, or the fullest of the minutes of a longer one. */
export interface DepthPoint {
  at: Date;
  queued: number;
  scheduled: number;
  running: number;
  oldestAgeSeconds: number | null;
}

export interface DepthQuery {
  /** Of the buckets that are read. */
  step: number;
  from: number;
  to: number;
  /** Of the points. */
  stepSeconds: number;
  /** Null: the deepest ones, `most` of them. */
  queue: string | null;
  most: number;
}

export interface StatsReader {
  state(): Promise<StateNow>;
  /** Of one width, of buckets that begin in this time, in milliseconds; of one queue or kind, where it is given. */
  figures(step: number, from: number, to: number, of?: { queue?: string; kind?: string }): Promise<FigureRow[]>;
  ledger(seconds: number): Promise<Ledger>;
  /** Of dead letters of so many seconds; the newest 10,000 are looked at. */
  failures(seconds: number): Promise<FailureGroup[]>;
  /** How many jobs of each kind have failed for good in so many seconds; kinds of which none has are missing. */
  failedByKind(seconds: number): Promise<Map<string, number>>;
}
