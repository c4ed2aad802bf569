import { Refusal } from '../job/errors.js';
import type { Job } from '../job/job.js';
import { findJsonFault } from '../job/json-limits.js';
import { KIND_PATTERN, type KindPolicy } from '../job/kind.js';
import { nearest } from '../job/nearest.js';
import type { NewJob, SubmissionStore, SubmitOutcome } from '../ports/job-store.js';
import type { Kinds } from '../ports/kinds.js';
import type { Queues } from '../ports/queues.js';
import { accepted, newJob, type SubmitRequest } from './job-request.js';
import { MicroBatcher } from './micro-batcher.js';

export interface Submitted {
  job: Job;
  /** The key had been used before for the same request: this is the job that it made then. */
  replayed: boolean;
}

export interface SubmitDependencies<Transaction> {
  kinds: Kinds;
  queues: Queues;
  store: SubmissionStore<Transaction>;
  /** Called with each committed job that may run now; must not throw and must not wait. */
  committed: (job: NewJob) => void;
  /** Tells a store's refusal of one row's data from a fault of the connection; see `submitBatch`. */
  classify: (error: unknown) => 'data' | 'busy' | 'connection';
  /** Rows of one statement at most. */
  maxBatch: number;
}

/**
 * Accepts work: both doors, HTTP and AMQP, come through here.
 *
 * Authority: PostgreSQL. A job exists when the statement that stores job, key and outbox row has committed; only then
 * does `submit` resolve. What a crash leads to:
 * - before the commit: nothing is stored; the caller got no answer and repeats, with its key safely;
 * - the answer of the commit is lost: the same rows are sent once more; their ids were made beforehand, so what is
 *   already there is recognised and not stored twice;
 * - after the commit, before the caller hears: the repeat with the same key gets the same job;
 * - after the commit, before the publish: the outbox row is there, any process's relay sweep publishes it.
 *
 * Rejects with `Refusal` for whatever is wrong with the request. One bad row cannot fail its batch: what SQL might
 * refuse is checked before, and a batch that fails on data is split.
 */
export class SubmitJob<Transaction = unknown> {
  private readonly batcher: MicroBatcher<NewJob, SubmitOutcome | Error>;
  private readonly knownQueues = new Set<string>();
  /** Requests with a key that is on its way to the store from this process: a second one waits for the first. */
  private readonly keysInFlight = new Map<string, Promise<unknown>>();

  constructor(private readonly deps: SubmitDependencies<Transaction>) {
    this.batcher = new MicroBatcher((jobs) => this.submitBatch(jobs), { maxItems: deps.maxBatch, maxInFlight: 2 });
  }

  async submit(request: SubmitRequest, transaction?: Transaction): Promise<Submitted> {
    const [submitted] = await this.store([await this.prepare(request)], transaction);
    return submitted as Submitted;
  }

  /** All or nothing as far as validation goes: the first invalid request refuses all, with pointers under `/jobs/<index>`. */
  async submitAll(requests: SubmitRequest[], transaction?: Transaction): Promise<Submitted[]> {
    return this.store(await this.prepareAll(requests), transaction);
  }

  private async store(jobs: NewJob[], transaction: Transaction | undefined): Promise<Submitted[]> {
    await this.ensureQueues(jobs);
    const release = await this.holdKeys(jobs);
    try {
      const outcomes = transaction ? await this.deps.store.submit(jobs, transaction) : await this.batcher.addAll(jobs);
      return jobs.map((job, index) => this.answer(job, outcomes[index] as SubmitOutcome | Error, transaction !== undefined));
    } finally {
      release();
    }
  }

  private async prepareAll(requests: SubmitRequest[]): Promise<NewJob[]> {
    const keys = new Set<string>();
    const jobs: NewJob[] = [];
    for (const [index, request] of requests.entries()) {
      try {
        if (request.idempotencyKey !== undefined && keys.has(request.idempotencyKey)) {
          throw new Refusal('bad_idempotency_key', `expected every idempotency key of a batch once, got twice: ${request.idempotencyKey}`);
        }
        if (request.idempotencyKey !== undefined) keys.add(request.idempotencyKey);
        jobs.push(await this.prepare(request));
      } catch (error) {
        throw error instanceof Refusal ? atIndex(error, index) : error;
      }
    }
    return jobs;
  }

  private async prepare(request: SubmitRequest): Promise<NewJob> {
    const { kind, payload } = request;
    const policy = this.policy(kind);
    const fault = findJsonFault(payload, '/payload');
    if (fault) throw new Refusal('invalid_payload', `the payload cannot be stored: ${fault.pointer} ${fault.detail}`, [fault]);
    const validating = this.deps.kinds.validate(kind, payload);
    const faults = validating instanceof Promise ? await validating : validating;
    if (faults.length > 0) throw new Refusal('invalid_payload', `the payload is not valid for ${kind}`, faults);
    return newJob(request, policy);
  }

  private policy(kind: string): KindPolicy {
    const policy = this.deps.kinds.policy(kind);
    if (policy) return policy;
    const near = KIND_PATTERN.test(kind) ? nearest(kind, this.deps.kinds.names()) : undefined;
    const hint = near ? `; did you mean "${near}"?` : '; GET /kinds lists the known ones';
    throw new Refusal('unknown_kind', `no kind ${JSON.stringify(kind.slice(0, 100))}${hint}`, [{ pointer: '/kind', detail: `is not a known kind${hint}` }]);
  }

  private async ensureQueues(jobs: NewJob[]): Promise<void> {
    const unknown = [...new Set(jobs.map((job) => job.queue))].filter((queue) => !this.knownQueues.has(queue));
    if (unknown.length === 0) return;
    await this.deps.queues.ensure(unknown);
    for (const queue of unknown) this.knownQueues.add(queue);
  }

  /** Waits for requests of this process that carry the same key, for one statement must not hold a key twice. */
  private async holdKeys(jobs: NewJob[]): Promise<() => void> {
    const keys = jobs.flatMap((job) => (job.idempotency ? [job.idempotency.key] : []));
    if (keys.length === 0) return () => undefined;
    for (let busy = this.busyKeys(keys); busy.length > 0; busy = this.busyKeys(keys)) await Promise.all(busy);
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    for (const key of keys) this.keysInFlight.set(key, held);
    return () => {
      for (const key of keys) this.keysInFlight.delete(key);
      release();
    };
  }

  private busyKeys(keys: string[]): Promise<unknown>[] {
    return keys.flatMap((key) => this.keysInFlight.get(key) ?? []);
  }

  private async submitBatch(jobs: NewJob[], retries = 1): Promise<(SubmitOutcome | Error)[]> {
    // Rows in the order of their keys: two batches that wait for each other's keys would be a deadlock.
    const sorted = jobs.map((job, index) => ({ job, index })).sort(byKey);
    try {
      const outcomes = await this.deps.store.submit(sorted.map(({ job }) => job));
      const answers: SubmitOutcome[] = [];
      sorted.forEach(({ index }, position) => (answers[index] = outcomes[position] as SubmitOutcome));
      return answers;
    } catch (error) {
      const fault = this.deps.classify(error);
      if (fault === 'connection' && retries > 0) return this.submitBatch(jobs, retries - 1);
      if (fault === 'connection') return jobs.map(() => unavailable(error));
      if (jobs.length === 1) return [fault === 'busy' ? inProgress() : (error as Error)];
      const half = jobs.length >> 1;
      return [...(await this.submitBatch(jobs.slice(0, half))), ...(await this.submitBatch(jobs.slice(half)))];
    }
  }

  private answer(job: NewJob, outcome: SubmitOutcome | Error, joined: boolean): Submitted {
    if (outcome instanceof Error) throw outcome;
    if (outcome.status === 'replayed') return { job: outcome.job, replayed: true };
    if (outcome.status === 'conflict') {
      throw new Refusal(
        'idempotency_key_reused',
        `expected the request that made job ${outcome.jobId}, got another one with the same idempotency key; use a new key for a new request`,
      );
    }
    // A caller's open transaction may still roll back: its rows are left to the sweep.
    if (outcome.state === 'queued' && !joined) this.deps.committed(job);
    return { job: accepted(job, outcome), replayed: false };
  }
}

function byKey(a: { job: NewJob }, b: { job: NewJob }): number {
  const [left, right] = [a.job.idempotency?.key ?? '', b.job.idempotency?.key ?? ''];
  return left < right ? -1 : left > right ? 1 : 0;
}

function unavailable(cause: unknown): Refusal {
  const refusal = new Refusal('unavailable', 'the job could not be stored for now; repeat the request with the same Idempotency-Key');
  refusal.cause = cause;
  return refusal;
}

function inProgress(): Refusal {
  return new Refusal('submit_in_progress', 'a request with the same idempotency key is being stored; repeat this one in a second');
}

function atIndex(refusal: Refusal, index: number): Refusal {
  const faults = refusal.faults.map((fault) => ({ ...fault, pointer: `/jobs/${index}${fault.pointer}` }));
  return new Refusal(refusal.code, `jobs[${index}]: ${refusal.message}`, faults.length > 0 ? faults : [{ pointer: `/jobs/${index}`, detail: refusal.message }]);
}
