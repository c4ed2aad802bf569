import { type Fault, Refusal } from '../job/errors.js';
import type { Job } from '../job/job.js';
import type { JsonText } from '../job/json-text.js';
import { findJsonFault } from '../job/json-limits.js';
import { isOwnKind, type KindPolicy } from '../job/kind.js';
import type { NewJob, ReplayReader, SubmissionStore, SubmitOutcome } from './submission-store.js';
import type { Kinds } from '../job/kinds.js';
import { addressFaults, type NotifyChannels } from '../notify/channels.js';
import type { StoreTime } from '../kit/store-clock.js';
import type { QueueDeclarations, Queues } from '../control/queues.js';
import type { Overload } from './admission-decision.js';
import { type AdmissionGate, openGate } from './admission-gate.js';
import { accepted, newJob, type SubmitRequest } from './job-request.js';
import { AnswerReplays } from './answer-replays.js';
import { DeclaredQueues } from './declared-queues.js';
import { FLIGHT_TEXT, MicroBatcher } from '../kit/micro-batcher.js';
import type { JobMessage } from '../relay/outbox.js';
import type { Backlogs } from '../room/backlogs.js';
import type { KnownLimits } from '../limits/known-limits.js';
import type { QuotaExceeded } from '../quotas/quota.js';
import type { SubmissionQuotas } from '../quotas/reservations.js';
import type { Taken } from '../quotas/askers.js';
import { LimitedSubmissions } from '../limits/limited-submissions.js';
import { KeysInFlight } from './keys-in-flight.js';
import { atIndex, keyReused, unknownKind } from './refusals.js';
import { sendToRoom } from './to-room.js';
import { preparedOrRefused, type Savepoint, storeInParts } from './store-in-parts.js';
import { type ErrorClass, StoreSubmissions, unavailable } from './store-submissions.js';
import { shareOutboxRows, type WakeUpSize, wakeUpsOf } from './wake-ups.js';
import { storedOf, withinQuota } from './within-quota.js';

export interface Submitted {
  job: Job;
  /** No new job was made: its key had been used before for the same request, or a job with its unique key waits. This is that job. */
  replayed: boolean;
  /** It is one that waits with its unique key. */
  waiting?: true;
}

/** What would become of a request. */
export type Rehearsal =
  /** It would be stored as this job, which is under these limits. */
  | { job: NewJob; limitKeys: readonly string[] }
  /** Its key has made this job already, or this one has its unique key and waits: with it it would be answered. */
  | { replayed: Job };

export interface SubmitDependencies<Transaction> {
  kinds: Kinds;
  /** Without `declared` every queue may be named. */
  queues: Queues & Partial<QueueDeclarations>;
  store: SubmissionStore<Transaction>;
  /** Called with the wake-up of committed jobs that may run now; must not throw and must not wait. */
  committed: (wakeUp: JobMessage) => void;
  /** Tells which jobs wait for their turn. Left out, all are published. */
  backlogs?: Pick<Backlogs, 'waits' | 'joined'>;
  /** Called when jobs that wait for their turn are committed; `limited`: some have limits. Must not throw. */
  waiting?: (limited: boolean) => void;
  /** The limits that jobs are under. Left out, there are none. */
  limits?: KnownLimits;
  /** Left out, each job has a message of its own. */
  wakeUpSize?: WakeUpSize;
  /** Tells a store's refusal of one row's data from a fault of the connection; see `StoreSubmissions`. */
  classify: (error: unknown) => ErrorClass;
  /** The channels that judge the addresses of the options. Left out, no address is judged. */
  channels?: NotifyChannels;
  /** The store's time; left out, this process's own. */
  time?: StoreTime;
  /** Rows of one statement at most. */
  maxBatch: number;
  /** Whether more work may be accepted. Left out, all of it. */
  admission?: AdmissionGate;
  /** Keeps tenants within their quotas. Left out, they have none. */
  quotas?: SubmissionQuotas;
  /** Finds what was accepted before, for repeats that come while no more work is accepted. Left out, those are refused too. */
  replays?: ReplayReader;
  /** How long a submission may wait for the store, in milliseconds; then it is refused as `unavailable`. Left out, without end. */
  patienceMs?: number;
}

/** What is on its way may be stored even if nobody waits for it any more, so longer than a statement and its second try wait for a lock. */
const PATIENCE_IN_FLIGHT = 3;

/**
 * Accepts work: both doors, HTTP and AMQP, come through here.
 *
 * Authority: PostgreSQL. A job exists when the statement that stores job, key and outbox row has committed; only then
 * does `submit` resolve. What a crash leads to:
 * - before the commit: nothing is stored; the caller got no answer and repeats, with its key safely;
 * - the answer of the commit is lost: the same rows are sent once more; their ids were made beforehand, so what is
 *   already there is recognised and not stored twice;
 * - after the commit, before the caller hears: the repeat with the same key gets the same job;
 * - after the commit, before the publish: the outbox row is there, any process's relay sweep publishes it;
 * - a job that takes the place of another with its unique key is stored when that one is cancelled, or neither happens;
 * - a job that waits for its turn has a place in the waiting room in place of that row, and any process releases it.
 *
 * Rejects with `Refusal` for whatever is wrong with the request. One bad row cannot fail its batch: what SQL might
 * refuse is checked before, and a batch that fails on data is split.
 *
 * What waits here is bounded by `admission`, in number and by `patienceMs` in time. Work that joins a caller's
 * transaction is always admitted: it belongs to work that was accepted already.
 */
export class SubmitJob<Transaction = unknown> {
  private readonly batcher: MicroBatcher<NewJob, SubmitOutcome | Error>;
  private readonly storing: StoreSubmissions<Transaction>;
  private readonly submissions: SubmissionStore<Transaction>;
  /** Which queues a submission may name. */
  readonly queues: DeclaredQueues;
  private readonly keys = new KeysInFlight();

  private readonly replays: AnswerReplays;
  private readonly admission: AdmissionGate;

  constructor(private readonly deps: SubmitDependencies<Transaction>) {
    const { store, limits, classify, maxBatch, patienceMs, replays, admission = openGate } = deps;
    const patience =
      patienceMs === undefined ? {} : { patience: { waitMs: patienceMs, flightMs: PATIENCE_IN_FLIGHT * patienceMs, error: () => unavailable(undefined) } };
    this.submissions = limits ? new LimitedSubmissions(store, limits) : store;
    this.storing = new StoreSubmissions(this.submissions, classify);
    const load = { of: ({ payload }: NewJob) => payload.length, most: FLIGHT_TEXT };
    this.batcher = new MicroBatcher((jobs) => this.storeBatch(jobs), { maxItems: maxBatch, load, maxInFlight: 2, ...patience });
    this.replays = new AnswerReplays(replays, { maxItems: maxBatch, ...patience });
    this.admission = admission;
    this.queues = new DeclaredQueues(deps.queues, deps.kinds);
  }

  async submit(request: SubmitRequest, transaction?: Transaction): Promise<Submitted> {
    const queue = this.queueOf(request);
    const queues = queue === undefined ? [] : [queue];
    const overload = transaction ? undefined : this.admission.refusal(queues);
    if (overload) return ((await this.replay([request], async () => [await this.prepare(request)], overload)) as [Submitted])[0];
    const leave = this.admission.enter(queues);
    try {
      const preparing = this.prepare(request);
      const job = preparing instanceof Promise ? await preparing : preparing;
      const quota = transaction || request.internal ? undefined : this.deps.quotas?.submissions(job.tenant, 1);
      if (quota) return ((await this.withinQuota([job], quota)) as [Submitted])[0];
      // The common case, for which one promise is enough.
      if (!job.idempotency && !transaction) return this.answer(job, await this.batcher.add(job));
      return ((await this.store([job], transaction)) as [Submitted])[0];
    } finally {
      leave();
    }
  }

  /** All or nothing as far as validation goes: the first invalid request refuses all, with pointers under `/jobs/<index>`. */
  async submitAll(requests: SubmitRequest[], transaction?: Transaction): Promise<Submitted[]> {
    const queues = this.queuesOf(requests);
    const overload = transaction ? undefined : this.admission.refusal(queues);
    if (overload) return this.replay(requests, () => this.prepareAll(requests), overload);
    const leave = this.admission.enter(queues);
    try {
      const jobs = await this.prepareAll(requests);
      // One caller has sent them all.
      const tenant = jobs[0]?.tenant;
      const quota = transaction || tenant === undefined ? undefined : this.deps.quotas?.submissions(tenant, jobs.length);
      return await (quota ? this.withinQuota(jobs, quota) : this.store(jobs, transaction));
    } finally {
      leave();
    }
  }

  /**
   * Each for itself, in the caller's transaction: a request that is refused keeps no other from being stored. `savepoint` runs work of which nothing stays
   * when it rejects. Rejects, and leaves the transaction to be rolled back, for what says nothing of a request: the store does not answer.
   */
  async submitEach(requests: SubmitRequest[], transaction: Transaction, savepoint: Savepoint<Transaction>): Promise<(Submitted | Refusal)[]> {
    const prepared: (NewJob | Refusal)[] = [];
    for (const request of requests) prepared.push(await preparedOrRefused(() => this.prepare(request)));
    const jobs = prepared.filter((each): each is NewJob => !(each instanceof Refusal));
    const stored = await storeInParts(jobs, (part) => savepoint(transaction, (within) => this.join(part, within)), this.deps.classify);
    const answers = new Map(jobs.map((job, index) => [job, stored[index] as SubmitOutcome | Refusal]));
    return prepared.map((each) => {
      const outcome = each instanceof Refusal ? each : (answers.get(each) as SubmitOutcome | Refusal);
      return outcome instanceof Refusal ? outcome : this.answer(each as NewJob, outcome);
    });
  }

  /** Whether a request like this one would be accepted now: rejects with what it would be refused for. Stores nothing. */
  async check(request: SubmitRequest): Promise<void> {
    await this.prepare(request);
  }

  /** What a submission of this request would lead to; rejects with what it would be refused for. Stores nothing, and declares no queue. */
  async rehearse(request: SubmitRequest): Promise<Rehearsal> {
    const queue = this.queueOf(request);
    const overload = this.admission.refusal(queue === undefined ? [] : [queue]);
    if (overload && !overload.storeAnswers) throw overload;
    const job = await this.validated(request);
    const outcome = job.idempotency && this.deps.replays ? await this.replays.find(job) : null;
    if (outcome) return { replayed: this.answer(job, outcome).job };
    if (overload) throw overload;
    await this.queues.check(job.queue);
    (await this.deps.quotas?.submissions(job.tenant, 1))?.end();
    const waiting = job.unique?.keep === 'oldest' ? await this.deps.replays?.findWaiting(job.unique.key) : undefined;
    if (waiting) return { replayed: waiting };
    // Those that this process knows may be old: nothing compares their revision here.
    const limits = await this.deps.limits?.refresh();
    return { job, limitKeys: limits?.keysOfNew(job) ?? [] };
  }

  private replay(requests: SubmitRequest[], prepare: () => Promise<NewJob[]>, overload: Overload): Promise<Submitted[]> {
    const keys = requests.map(({ idempotencyKey: key }) => ({ key }));
    return this.replays.instead(overload, keys, prepare, (job, outcome) => this.answer(job, outcome));
  }

  private withinQuota(jobs: NewJob[], quota: Promise<Taken>): Promise<Submitted[]> {
    const keys = jobs.map(({ idempotency: key }) => ({ key }));
    const instead = (refusal: QuotaExceeded) => this.replays.instead(refusal, keys, () => jobs, (job, outcome) => this.answer(job, outcome)); // prettier-ignore
    return withinQuota(quota, (taken) => this.store(jobs, undefined, taken), instead);
  }

  private async store(jobs: NewJob[], transaction: Transaction | undefined, taken?: Taken): Promise<Submitted[]> {
    const release = await this.keys.hold(jobs);
    try {
      const outcomes = transaction ? await this.join(jobs, transaction) : await this.batcher.addAll(jobs);
      taken?.end(storedOf(outcomes));
      return jobs.map((job, index) => this.answer(job, outcomes[index] as SubmitOutcome | Error));
    } finally {
      // Where nothing is known of them, they are taken for stored.
      taken?.end(jobs.length);
      release();
    }
  }

  private async storeBatch(jobs: NewJob[]): Promise<(SubmitOutcome | Error)[]> {
    const waits = sendToRoom(jobs, this.deps.backlogs, this.wakeUpSize);
    shareOutboxRows(jobs, this.wakeUpSize);
    const outcomes = await this.storing.store(jobs);
    for (const wakeUp of wakeUpsOf(jobs, outcomes)) this.deps.committed(wakeUp);
    // What it was stored with: limits may have come meanwhile.
    const limited = jobs.some(({ limitKeys }) => limitKeys !== undefined);
    if (waits || limited) this.deps.waiting?.(limited);
    return outcomes;
  }

  /** A caller's open transaction may still roll back: its rows are left to the sweep. */
  private join(jobs: NewJob[], transaction: Transaction): Promise<SubmitOutcome[]> {
    sendToRoom(jobs, this.deps.backlogs, this.wakeUpSize);
    shareOutboxRows(jobs, this.wakeUpSize);
    return this.submissions.submit(jobs, transaction);
  }

  private get wakeUpSize(): WakeUpSize {
    return this.deps.wakeUpSize ?? (() => 1);
  }

  /** One for each request. A kind that is not known has none: it is refused for that, later. */
  private queuesOf(requests: SubmitRequest[]): string[] {
    return requests.flatMap((request) => this.queueOf(request) ?? []);
  }

  private queueOf({ kind, options }: SubmitRequest): string | undefined {
    return options?.queue ?? this.deps.kinds.policy(kind)?.queue;
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

  /** A promise only where something has to be waited for: a schema that validates asynchronously, or a look at the declared queues. */
  private prepare(request: SubmitRequest): NewJob | Promise<NewJob> {
    const job = this.validated(request);
    return job instanceof Promise ? job.then((valid) => this.inQueue(valid)) : this.inQueue(job);
  }

  private inQueue(job: NewJob): NewJob | Promise<NewJob> {
    return this.queues.known(job.queue) ? job : this.requireQueue(job);
  }

  /** All but whether its queue is declared. */
  private validated(request: SubmitRequest): NewJob | Promise<NewJob> {
    const { kind, payload } = request;
    const text = request.payloadText ?? (JSON.stringify(payload) as JsonText);
    const policy = this.policy(kind, request.internal === true);
    const fault = request.payloadSound ? undefined : findJsonFault(payload, '/payload');
    if (fault) throw new Refusal('invalid_payload', `the payload cannot be stored: ${fault.pointer} ${fault.detail}`, [fault]);
    const faults = this.deps.kinds.validate(kind, payload, text);
    return faults instanceof Promise ? faults.then((found) => this.made(request, text, policy, found)) : this.made(request, text, policy, faults);
  }

  private made(request: SubmitRequest, text: JsonText, policy: KindPolicy, faults: Fault[]): NewJob {
    if (faults.length > 0) throw new Refusal('invalid_payload', `the payload is not valid for ${request.kind}`, faults);
    const untellable = this.deps.channels && request.options ? addressFaults(request.options, this.deps.channels) : [];
    if (untellable.length > 0) throw new Refusal('invalid_payload', `the options are not valid: ${untellable[0]?.detail}`, untellable);
    const job = newJob(request, text, policy, this.deps.time?.now());
    if (request.payloadText !== undefined) request.payload = null;
    if (request.payloadBytes !== undefined) delete request.payloadText;
    return job;
  }

  /** A repeat of what was accepted finds its job even after the queue was deleted. */
  private async requireQueue(job: NewJob): Promise<NewJob> {
    try {
      await this.queues.require(job.queue);
    } catch (error) {
      const deleted = error instanceof Refusal && error.code === 'unknown_queue';
      if (!deleted || !job.idempotency || !this.deps.replays || !(await this.replays.find(job))) throw error;
    }
    return job;
  }

  private policy(kind: string, internal: boolean): KindPolicy {
    const policy = internal || !isOwnKind(kind) ? this.deps.kinds.policy(kind) : undefined;
    if (policy) return policy;
    const names = this.deps.kinds.names().filter((name) => !isOwnKind(name));
    throw unknownKind(kind, names);
  }

  private answer(job: NewJob, outcome: SubmitOutcome | Error): Submitted {
    if (outcome instanceof Error) throw outcome;
    if ('job' in outcome) return { job: outcome.job, replayed: true, ...(outcome.status === 'waiting' ? { waiting: true } : {}) };
    if (outcome.status === 'conflict') throw keyReused(outcome.jobId);
    this.admission.accepted(job.queue);
    return { job: accepted(job, outcome), replayed: false };
  }
}
