import type { Job, JobError, JobEvent, JobId, JobState, JsonText, LeaseToken, PublishId, QueueAssignment, WorkerId } from '@app/core';
import { isTerminal, nextState, transition } from '@app/core';
import type { Defect } from '../defects.js';

export interface JobRow {
  job: Job;
  token: LeaseToken | null;
  publishId: PublishId | null;
  workerId: WorkerId | null;
  fence: number;
  crashes: number;
  deferredAt: number | null;
  messagedAt: number;
  /** Until when it must have started; null when it need not, or has. */
  startBefore: number | null;
  /** More than one message was made while it waited. */
  republished: boolean;
  /** Of which limits it needs a slot. */
  limitKeys: readonly string[] | null;
  uniqueKey: string | null;
}

export interface OutboxRow {
  id: string;
  /** `turn`: its job takes its turn in the waiting room when it falls due. */
  type: 'job' | 'turn' | 'event';
  jobIds: JobId[];
  queue: string;
  priority: number;
  suspect: boolean;
  availableAt: number;
  /** Its job has had its turn. */
  released?: boolean;
}

/** A place in the waiting room. */
export interface Place {
  jobId: JobId;
  priority: number;
  /** Of two of one priority the lower one comes first. */
  order: number;
  parkedOn: string | null;
}

export interface WorkerRow {
  id: WorkerId;
  name: string;
  leaseUntil: number;
  /** The queues that somebody has assigned to it. */
  assigned?: QueueAssignment;
}

/** What a row was and became, and under which token it was written, if under one. For whoever watches over the promises. */
export interface Change {
  event: JobEvent | 'submitted' | 'stray' | 'moved';
  before: JobRow | null;
  after: JobRow;
  byToken: LeaseToken | null;
  workerId: WorkerId | null;
}

/** Another transaction holds the row: wait, as PostgreSQL would. Thrown before a statement has changed anything. */
/** A statement that the database refuses for what it carries, whole: nothing of it is written. */
export class DataError extends Error {
  readonly fault = 'data';
}

export class Blocked extends Error {
  constructor(readonly jobId: JobId) {
    super(`job ${jobId} is locked`);
  }
}

/** What is written when a transaction commits. */
export interface OpenRows {
  id: number;
  writes: (() => void)[];
}

/** The database's tables, row locks and advisory locks. Statements are functions over it that run whole, one at a time. */
export class Tables {
  readonly jobs = new Map<JobId, JobRow>();
  readonly keys = new Map<string, { jobId: JobId; fingerprint: Buffer; expiresAt: number }>();
  /** Which job that has not started has a unique key. */
  readonly unique = new Map<string, JobId>();
  readonly outbox = new Map<string, OutboxRow>();
  readonly workers = new Map<WorkerId, WorkerRow>();
  readonly queues = new Map<string, boolean>();
  /** What each limit lets run at once, and the revision that submissions compare. */
  readonly limits = new Map<string, number>();
  limitsRevision = 0;
  /** The keys of which a job has a slot. */
  readonly slots = new Map<JobId, Set<string>>();
  readonly room = new Map<JobId, Place>();
  /** How many places were ever given. */
  places = 0;
  readonly deadLetters = new Map<string, { jobId: JobId; reason: string; redriven: boolean }>();
  readonly steps = new Map<string, JsonText>();
  readonly effects: { jobId: JobId; redrives: number; token: LeaseToken }[] = [];
  readonly rowLocks = new Map<JobId, OpenRows>();
  /** Session advisory locks that are held: the presence of workers. */
  readonly presence = new Set<WorkerId>();
  /** When the server was last started. */
  upSince = -1_000_000;
  /** Leases whose owner a statement has seen dead: its lock free, or its lease over. */
  readonly seenGone = new Set<LeaseToken>();
  watch: (change: Change) => void = () => undefined;
  watchRemoval: (row: OutboxRow) => void = () => undefined;
  private made = 0;
  private readonly freed: string[] = [];

  constructor(
    readonly now: () => number,
    readonly defects: ReadonlySet<Defect> = new Set(),
  ) {}

  id(): string {
    return `00000000-0000-4000-8000-${String(++this.made).padStart(12, '0')}`;
  }

  nextWorkerId(): WorkerId {
    return (this.made += 1) as WorkerId;
  }

  date(at: number): Date {
    return new Date(EPOCH + at);
  }

  /** A date of the core's, by this database's clock. */
  time(date: Date): number {
    return date.getTime() - EPOCH;
  }

  /** Waits for whoever has locked the row. */
  waitFor(jobId: JobId, transaction?: OpenRows): void {
    const holder = this.rowLocks.get(jobId);
    if (holder && holder !== transaction) throw new Blocked(jobId);
  }

  /** A change of state, by the lifecycle's table; what it does not allow is a bug of a statement or of a defect, and is watched. */
  move(row: JobRow, event: JobEvent, changes: Partial<JobRow>, job: Partial<Job>, by: { token?: LeaseToken; workerId?: WorkerId } = {}): void {
    const before = { ...row };
    const state: JobState = this.defects.has('a settlement does not check its token') ? lenient(row.job.state, event) : transition(row.job.state, event);
    Object.assign(row, changes);
    row.job = { ...row.job, events: row.job.events + 1, ...job, state, finishedAt: isTerminal(state) ? this.date(this.now()) : null };
    if (state === 'queued') row.messagedAt = this.now();
    else this.room.delete(row.job.id);
    if (state !== 'running') this.freeSlots(row);
    if (state !== 'queued' && state !== 'scheduled') this.freeUnique(row);
    this.watch({ event, before, after: { ...row }, byToken: by.token ?? null, workerId: by.workerId ?? null });
  }

  /** UNIQUE_FREED_BY: in the statement that starts a job or ends it. */
  private freeUnique({ uniqueKey, job: { id, state } }: JobRow): void {
    if (state === 'running' && this.defects.has('a job that has started keeps its unique key')) return;
    if (uniqueKey !== null && this.unique.get(uniqueKey) === id) this.unique.delete(uniqueKey);
  }

  /** SLOTS_FREED_BY: in the statement that takes a job out of `queued` or `running`, or that puts it back. There is no net behind it here, as there is in production. */
  freeSlots({ job: { id, state } }: JobRow): void {
    if (state === 'failed' && this.defects.has('a job that fails keeps its slots')) return;
    const freed = this.slots.get(id);
    if (freed) this.freed.push(...freed);
    this.slots.delete(id);
  }

  /** The keys whose slots were freed since the last call, once for each slot. */
  takeFreed(): string[] {
    return this.freed.splice(0);
  }

  addOutbox(row: JobRow, what: 'job' | 'event', availableAt = this.now(), suspect = row.crashes > 0): void {
    const type = what === 'job' && row.limitKeys ? 'turn' : what;
    if (what === 'job') this.freeSlots(row);
    const { id: jobId, queue, priority } = row.job;
    const id = this.id();
    this.outbox.set(id, { id, type, jobIds: [jobId], queue, priority, suspect: type !== 'event' && suspect, availableAt });
  }

  removeOutbox(id: string): void {
    const row = this.outbox.get(id);
    if (row) this.watchRemoval(row);
    this.outbox.delete(id);
  }

  addDeadLetter({ job }: JobRow): void {
    const identity = `job:${job.id}:${job.redrives}`;
    if (!this.deadLetters.has(identity)) this.deadLetters.set(identity, { jobId: job.id, reason: job.errors.at(-1)?.code ?? 'unknown', redriven: false });
  }

  hasOutbox(jobId: JobId, type: 'job' | 'event'): boolean {
    for (const row of this.outbox.values()) if (row.jobIds.includes(jobId) && (row.type === 'event') === (type === 'event')) return true;
    return false;
  }

  /** How many rows of the outbox bring a job back. */
  wakingRows(jobId: JobId): number {
    return [...this.outbox.values()].filter(({ type, jobIds }) => type !== 'event' && jobIds.includes(jobId)).length;
  }

  runningOf(workerId: WorkerId): JobRow[] {
    return [...this.jobs.values()].filter((row) => row.job.state === 'running' && row.workerId === workerId);
  }

  leaseOver(workerId: WorkerId): boolean {
    const worker = this.workers.get(workerId);
    return worker === undefined || worker.leaseUntil <= this.now();
  }

  workerLost(attempt: number): JobError {
    return { code: 'worker_lost', name: 'WorkerLost', message: 'the worker that ran it was lost', attempt, at: this.date(this.now()).toISOString() };
  }
}

const EPOCH = Date.UTC(2026, 0, 1);

/** Errors with one more; the last 20 are kept. */
export function appended(errors: JobError[], error: JobError): JobError[] {
  return [...errors.slice(-19), error];
}

/** Without the token's guard a settlement would write whatever state it finds. */
function lenient(state: JobState, event: JobEvent): JobState {
  return nextState(state, event) ?? transition('running', event);
}
