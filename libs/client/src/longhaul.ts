import type { AnyKinds, KindOf, PayloadOf, ResultOf } from './catalogue.js';
import { JobFailedError, ProblemError } from './errors.js';
import { actOnJobs, changeJob, countJobs } from './acts.js';
import { memberText } from './exact-json.js';
import { type EventsOptions, followJob } from './follow.js';
import { awaitEnd } from './result.js';
import { JobKinds } from './job-kinds.js';
import { DeadLetters } from './dead-letters.js';
import { Queues } from './queues.js';
import { Tenants } from './tenants.js';
import { Schedules } from './schedules.js';
import { type CallOptions, Transport, type TransportOptions } from './transport.js';
import { queryOf } from './query.js';
import { quoted, randomKey } from './random-key.js';
import {
  type AuditPage,
  type AuditQuery,
  type CancelChoice,
  type MoveChoice,
  type ReprioritiseChoice,
  type CancelRequest,
  type DeadLetterChoice,
  type Doctor,
  type DryRun,
  isTerminal,
  type JobDetail,
  type JobEvent,
  type JobFilter,
  type JobOptions,
  type JobPage,
  type JobView,
  type LimitDeletion,
  type LimitDetail,
  type LimitList,
  type LimitOverride,
  type LimitSettings,
  type MatchingJobs,
  type RedriveChoice,
  type Redriven,
  type Stats,
  type StatsHistory,
  type StatsHistoryQuery,
  type StepList,
  type WhyView,
  type Worker,
  type WorkerList,
} from './model.js';

export interface SubmitOptions extends JobOptions, CallOptions {
  /** Two submissions with one key make one job. Without a key the client makes a random one, so that its own repeats make no second job. */
  idempotencyKey?: string;
  /** Seconds (at most 60) to wait for the job's end. */
  wait?: number;
}

export interface BatchEntry<Kind extends string = string, Payload = unknown> {
  kind: Kind;
  payload: Payload;
  options?: JobOptions;
  idempotencyKey?: string;
}

type EntryOf<Catalogue> = { [Kind in KindOf<Catalogue>]: BatchEntry<Kind, PayloadOf<Catalogue[Kind]>> }[KindOf<Catalogue>];

export interface ResultOptions extends CallOptions {
  /** Called with each event of the job until it ends. */
  onEvent?: (event: JobEvent) => void;
}

/**
 * A client of Longhaul's HTTP API, for Node and browsers. With `new Longhaul<Catalogue>()` kinds, payloads and results
 * have the catalogue's types; without it any are accepted.
 *
 * A request without an answer, or with the answer "not now", is sent again with the same idempotency key. A refusal is thrown as `ProblemError`.
 */
export class Longhaul<Catalogue = AnyKinds> {
  /** Jobs that are made at set times. */
  readonly schedules: Schedules;
  /** Where jobs wait. */
  readonly queues: Queues;
  /** What tenants may have. */
  readonly tenants: Tenants;
  /** What was given up. */
  readonly deadLetters: DeadLetters;
  /** What can be submitted. */
  readonly kinds: JobKinds;
  private readonly transport: Transport;

  constructor(options: TransportOptions = {}) {
    this.transport = new Transport(options);
    this.schedules = new Schedules(this.transport);
    this.queues = new Queues(this.transport);
    this.tenants = new Tenants(this.transport);
    this.deadLetters = new DeadLetters(this.transport);
    this.kinds = new JobKinds(this.transport);
  }

  /** Resolves when the job is durable; with `wait`, when the job has ended or the time has passed. */
  async submit<Kind extends KindOf<Catalogue>>(
    kind: Kind,
    payload: PayloadOf<Catalogue[Kind]>,
    { idempotencyKey = randomKey(), wait = 0, signal, deadlineMs, ...options }: SubmitOptions = {},
  ): Promise<JobView<ResultOf<Catalogue[Kind]>>> {
    const body = { kind, payload, ...(Object.keys(options).length > 0 ? { options } : {}) };
    return this.transport.json(
      { method: 'POST', path: '/jobs', body, headers: { 'idempotency-key': quoted(idempotencyKey), ...preferring(wait) }, waitMs: wait * 1_000 },
      limits(signal, deadlineMs),
    );
  }

  /**
   * What a job would meet that is submitted now: its queue, the limits that it would be under, what would keep it, how many are before it and when it would
   * start. Stores nothing. Rejects with the `ProblemError` that a submission would be refused with.
   */
  async dryRun<Kind extends KindOf<Catalogue>>(
    kind: Kind,
    payload: PayloadOf<Catalogue[Kind]>,
    { idempotencyKey, signal, deadlineMs, ...options }: Omit<SubmitOptions, 'wait'> = {},
  ): Promise<DryRun> {
    const body = { kind, payload, ...(Object.keys(options).length > 0 ? { options } : {}) };
    const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': quoted(idempotencyKey) };
    return this.transport.json({ method: 'POST', path: '/jobs/dry-run', body, headers }, limits(signal, deadlineMs));
  }

  /** Submits up to 1000 jobs. If one is invalid, none is accepted. The answers are in the order of the entries. */
  async submitBatch(
    jobs: readonly EntryOf<Catalogue>[],
    { idempotencyKey = randomKey(), ...call }: CallOptions & { idempotencyKey?: string } = {},
  ): Promise<(JobView & { replayed: boolean })[]> {
    const request = { method: 'POST', path: '/jobs/batch', body: { jobs }, headers: { 'idempotency-key': quoted(idempotencyKey) } } as const;
    return (await this.transport.json<{ jobs: (JobView & { replayed: boolean })[] }>(request, call)).jobs;
  }

  /** The job as it is now; with `wait`, as it is when it has ended or after so many seconds. */
  get<Result = unknown>(id: string, { wait = 0, ...call }: CallOptions & { wait?: number } = {}): Promise<JobDetail<Result>> {
    return this.transport.json({ method: 'GET', path: pathOf(id), headers: preferring(wait), waitMs: wait * 1_000 }, call);
  }

  /**
   * A page of the jobs that fit. It may have fewer jobs than `limit`, or none, and yet a `nextCursor`, where a look at many jobs has ended early
   * (`partial`): {@link Longhaul.listAll} goes on by itself.
   */
  list(filter: JobFilter = {}, call?: CallOptions): Promise<JobPage> {
    return this.transport.json({ method: 'GET', path: `/jobs${queryOf(filter)}` }, call);
  }

  /** All jobs that fit, page after page. */
  async *listAll(filter: Omit<JobFilter, 'cursor' | 'count'> = {}, call?: CallOptions): AsyncGenerator<JobView, void, undefined> {
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page: JobPage = await this.list({ limit: 200, ...filter, ...(cursor === undefined ? {} : { cursor }) }, call);
      yield* page.items;
      cursor = page.nextCursor;
    }
  }

  /** Why the job has not started, how many are before it, and when it will start. A job that has ended has no reasons. */
  why(id: string, call?: CallOptions): Promise<WhyView> {
    return this.transport.json({ method: 'GET', path: `${pathOf(id)}/why` }, call);
  }

  /** Waits for the job to end and resolves with its handler's result. Rejects with `JobFailedError` when the job fails or is cancelled. */
  async result<Result = unknown>(job: JobView<Result> | string, options: ResultOptions = {}): Promise<Result> {
    const ended = await this.ended(job, options);
    if (ended.state === 'succeeded') return ended.result as Result;
    throw new JobFailedError(ended);
  }

  /**
   * The handler's result as the stored JSON text, with all its digits: `{"id":1234567890123456789,"rate":1.50}`. Rejects as
   * {@link Longhaul.result} does.
   */
  async resultText(job: JobView | string, options: ResultOptions = {}): Promise<string> {
    const ended = await this.ended(job, options);
    if (ended.state !== 'succeeded') throw new JobFailedError(ended);
    const answer = await this.transport.send({ method: 'GET', path: pathOf(ended.id) }, limits(options.signal, options.deadlineMs));
    return memberText(await answer.text(), 'result') ?? 'null';
  }

  /** Waits for the job to end, with or without a result. */
  async ended<Result = unknown>(job: JobView<Result> | string, options: ResultOptions = {}): Promise<JobView<Result>> {
    if (typeof job !== 'string' && isTerminal(job.state)) return job;
    const id = typeof job === 'string' ? job : job.id;
    return awaitEnd({ transport: this.transport, id, get: (call) => this.get<Result>(id, call), ...options });
  }

  /** The events of the job up to the one that ends it, each once and in order. Lost connections are opened again. */
  events(id: string, options: EventsOptions = {}): AsyncGenerator<JobEvent, void, undefined> {
    return followJob(this.transport, id, options);
  }

  /**
   * Cancels the job. A running job is asked to stop, and is cancelled when its handler obeys, or `graceMs` later without it. The first request stands.
   * `cancellation` of `get(id)` tells what became of it.
   */
  cancel(id: string, { reason, by, graceMs, ...call }: CallOptions & CancelRequest = {}): Promise<JobView> {
    return changeJob(this.transport, id, 'cancel', (job) => job.cancelRequested || job.state === 'cancelled', call, { reason, by, graceMs });
  }

  /** Puts a failed job back, with all its attempts. */
  redrive(id: string, call?: CallOptions): Promise<JobView> {
    return changeJob(this.transport, id, 'redrive', (job) => job.state !== 'failed', call);
  }

  /**
   * Cancels all jobs that match. Resolves with the job that does it: its progress is how many it has cancelled, and to cancel it ends the act. A
   * choice without a condition is refused (`ProblemError`, 422). One `idempotencyKey` makes one act, also after a lost answer; a random one when left out.
   */
  cancelAll(which: CancelChoice, call?: CallOptions & { idempotencyKey?: string }): Promise<JobView> {
    return actOnJobs(this.transport, 'cancel', which, call);
  }

  /** Puts back all failed jobs that match, with all their attempts. Otherwise as {@link Longhaul.cancelAll}. */
  redriveAll(which: RedriveChoice, call?: CallOptions & { idempotencyKey?: string }): Promise<JobView> {
    return actOnJobs(this.transport, 'redrive', which, call);
  }

  /** Gives all jobs that match and wait another priority. Otherwise as {@link Longhaul.cancelAll}. */
  reprioritiseAll(which: ReprioritiseChoice, call?: CallOptions & { idempotencyKey?: string }): Promise<JobView> {
    return actOnJobs(this.transport, 'reprioritise', which, call);
  }

  /** Gives all jobs that match and wait to another queue, which has to be declared. Otherwise as {@link Longhaul.cancelAll}. */
  moveAll(which: MoveChoice, call?: CallOptions & { idempotencyKey?: string }): Promise<JobView> {
    return actOnJobs(this.transport, 'move', which, call);
  }

  /** How many jobs `cancelAll` would find now, and some of them; changes none. */
  countToCancel(which: CancelChoice, call?: CallOptions): Promise<MatchingJobs> {
    return countJobs(this.transport, 'cancel', which, call);
  }

  /** The same for `redriveAll`. */
  countToRedrive(which: RedriveChoice, call?: CallOptions): Promise<MatchingJobs> {
    return countJobs(this.transport, 'redrive', which, call);
  }

  /** The same for `reprioritiseAll`. */
  countToReprioritise(which: ReprioritiseChoice, call?: CallOptions): Promise<MatchingJobs> {
    return countJobs(this.transport, 'reprioritise', which, call);
  }

  /** The same for `moveAll`. */
  countToMove(which: MoveChoice, call?: CallOptions): Promise<MatchingJobs> {
    return countJobs(this.transport, 'move', which, call);
  }

  /**
   * Puts back the dead letters that match, the newest 1,000 at most: call it again for more. A filter without any criterion is refused
   * (`ProblemError`, 422). After a lost answer it is repeated, which is safe; the answer then counts what the repeat has put back.
   */
  redriveDeadLetters(which: DeadLetterChoice, call?: CallOptions): Promise<Redriven> {
    return this.transport.json({ method: 'POST', path: '/dead-letters/redrive', body: which }, call);
  }

  /** How many dead letters `redriveDeadLetters` would find; puts back none. */
  async countDeadLetters(which: DeadLetterChoice, call?: CallOptions): Promise<number> {
    const body = { ...which, dryRun: true };
    return (await this.transport.json<{ matching: number }>({ method: 'POST', path: '/dead-letters/redrive', body }, call)).matching;
  }

  /** The processes that run jobs, and what each runs. */
  listWorkers(call?: CallOptions): Promise<WorkerList> {
    return this.transport.json({ method: 'GET', path: '/workers' }, call);
  }

  /** Lets a worker end: it takes nothing new, lets its jobs end or interrupts them at no cost of an attempt, and exits. */
  drainWorker(id: number | string, { reason, by, ...call }: CallOptions & { reason?: string; by?: string } = {}): Promise<Worker> {
    return this.transport.json({ method: 'POST', path: `/workers/${encodeURIComponent(id)}/drain`, body: { reason, by } }, call);
  }

  /** The steps that a job has done, with their results. */
  steps(id: string, call?: CallOptions): Promise<StepList> {
    return this.transport.json({ method: 'GET', path: `${pathOf(id)}/steps` }, call);
  }

  /** How the installation stands: a verdict, the ledger, rates, latencies, queues, kinds, workers, failures. */
  stats(call?: CallOptions): Promise<Stats> {
    return this.transport.json({ method: 'GET', path: '/stats' }, call);
  }

  /** What is not well, how one sees it, and what to do: every rule, and what each has found. */
  doctor(call?: CallOptions): Promise<Doctor> {
    return this.transport.json({ method: 'GET', path: '/doctor' }, call);
  }

  /** Who has changed what, the newest first. */
  audit(query: AuditQuery = {}, call?: CallOptions): Promise<AuditPage> {
    return this.transport.json({ method: 'GET', path: `/audit${queryOf(query)}` }, call);
  }

  /** What happened in the course of time; without a query in the last 15 minutes, by 10 seconds. */
  statsHistory(query: StatsHistoryQuery = {}, call?: CallOptions): Promise<StatsHistory> {
    return this.transport.json({ method: 'GET', path: `/stats/history${queryOf(query)}` }, call);
  }

  /** All limits, by name, and how they are used. */
  listLimits(call?: CallOptions): Promise<LimitList> {
    return this.transport.json({ method: 'GET', path: '/limits' }, call);
  }

  /** One limit, with its busiest keys. */
  getLimit(name: string, call?: CallOptions): Promise<LimitDetail> {
    return this.transport.json({ method: 'GET', path: limitPath(name) }, call);
  }

  /** Sets a limit. `links.rekey` of the answer is the job that gives it to jobs that wait already. */
  putLimit(name: string, settings: LimitSettings, call?: CallOptions): Promise<LimitDetail> {
    return this.transport.json({ method: 'PUT', path: limitPath(name), body: settings }, call);
  }

  /** Takes away a limit that was put. Jobs that wait for it stop waiting for it at once. */
  async deleteLimit(name: string, call?: CallOptions): Promise<LimitDeletion> {
    let attempts = 0;
    try {
      return await this.transport.json({ method: 'DELETE', path: limitPath(name), onAttempt: () => attempts++ }, call);
    } catch (error) {
      if (error instanceof ProblemError && error.status === 404 && attempts > 1) return { name, links: {} };
      throw error;
    }
  }

  /** Gives a limit another concurrency until a time. */
  overrideLimit(name: string, override: LimitOverride, call?: CallOptions): Promise<LimitDetail> {
    return this.transport.json({ method: 'POST', path: `${limitPath(name)}/override`, body: override }, call);
  }

  endLimitOverride(name: string, call?: CallOptions): Promise<LimitDetail> {
    return this.transport.json({ method: 'DELETE', path: `${limitPath(name)}/override` }, call);
  }
}

function limitPath(name: string): string {
  return `/limits/${encodeURIComponent(name)}`;
}

function pathOf(id: string): string {
  return `/jobs/${encodeURIComponent(id)}`;
}

function preferring(wait: number): Record<string, string> {
  return wait > 0 ? { prefer: `wait=${Math.ceil(wait)}` } : {};
}

function limits(signal: AbortSignal | undefined, deadlineMs: number | undefined): CallOptions {
  return { ...(signal ? { signal } : {}), ...(deadlineMs === undefined ? {} : { deadlineMs }) };
}
