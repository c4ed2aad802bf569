import { type EventMessage, isTerminal, type Job, type JobContext, type JobId, type LeaseToken } from '@app/core';
import { Allowances } from './allowances.js';
import type { SimBroker } from './broker.js';
import type { SimProcess } from './process.js';
import { OTHER_QUEUE, QUEUE } from './queues.js';
import type { Schedule } from './schedule.js';
import type { Change, JobRow, OutboxRow, Tables } from './store/tables.js';

/** A claim that is sent again because its answer was lost may still be one of before. */
const LEAVES_WITHIN_MS = 10_000;

/** What must never be, was. */
export class Violation extends Error {}

interface Book {
  submitted: boolean;
  tokens: Set<LeaseToken>;
  fences: Set<number>;
  starts: Map<number, number>;
  startsOfGeneration: number;
  refunds: number;
  successes: number;
}

/**
 * Watches over the promises (docs: reliability 3.2, I1 to I12), from the outside: from what was answered to clients, from
 * every change of a row, from what the broker took and from which handlers ran. It shares no code with the core.
 */
export class Ledger {
  readonly sightings = new Map<string, number>();
  readonly violations: string[] = [];
  private readonly books = new Map<JobId, Book>();
  private readonly accepted = new Map<JobId, Job>();
  private readonly keys = new Map<string, JobId>();
  /** Jobs that a worker has claimed since they were submitted or redriven. */
  private readonly begun = new Set<JobId>();
  private readonly snoozed = new Set<JobId>();
  private readonly requeues = new Map<JobId, number>();
  /** Slots that are taken, of each process by queue. */
  private readonly atWork = new Map<SimProcess, Map<string, number>>();
  /** Since when each process takes from a queue no more. */
  private readonly left = new Map<SimProcess, Map<string, number>>();
  private waiting: JobId[] = [];
  private readonly capacities = new Map<string, number>();

  constructor(
    private readonly tables: Tables,
    private readonly broker: SimBroker,
    private readonly schedule: Schedule,
  ) {
    tables.watch = (change) => this.changed(change);
    broker.forgot = (id) => this.forgotten(id);
    tables.watchRemoval = (row) => this.removed(row);
  }

  readonly saw = (what: string): void => {
    this.sightings.set(what, (this.sightings.get(what) ?? 0) + 1);
  };

  /** A client has heard that its job is accepted. */
  answered(job: Job, key: string | undefined): void {
    this.expect(this.tables.jobs.has(job.id), job.id, 'was accepted, yet it is not in the database');
    this.accepted.set(job.id, job);
    if (key === undefined) return;
    const former = this.keys.get(key);
    this.expect(former === undefined || former === job.id, job.id, 'was made for a key that had made another job');
    this.keys.set(key, job.id);
  }

  /** A client has heard that a job waits with the unique key of its own, which was not stored. */
  waits(job: Job, key: string): void {
    const started = job.startedAt !== null || (job.state !== 'queued' && job.state !== 'scheduled');
    this.expect(!started, job.id, `was the answer for its unique key, and had started (${job.state})`);
    this.expect(this.tables.jobs.get(job.id)?.uniqueKey === `${job.kind} ${key}`, job.id, 'was the answer for a unique key that is not its own');
    this.saw('a job was answered that waits with its unique key');
  }

  /** What a process may publish between two looks at the waiting room. */
  allowancesOf(process: SimProcess, ready: () => boolean): Allowances {
    return new Allowances(process, this.tables, ready, (holds, id, otherwise) => this.expect(holds, id, otherwise), this.saw);
  }

  /** A handler has begun; the answer is to be called when it has ended, or was told to and need not be waited for. Suspects run beside the slots. */
  running({ id }: JobContext, process: SimProcess, slots: number, takes: number): () => void {
    const row = this.tables.jobs.get(id);
    if (!row || row.crashes > 0) return () => undefined;
    let counts = true;
    const { queue } = row.job;
    const taken = this.atWork.get(process) ?? new Map<string, number>();
    this.atWork.set(process, taken);
    const running = (taken.get(queue) ?? 0) + takes;
    taken.set(queue, running);
    this.expect(running <= slots, id, `runs with the others in ${running} slots of a process that has ${slots}`);
    if (takes > 1) this.saw('a job that takes several slots ran');
    return () => {
      if (counts) taken.set(queue, (taken.get(queue) ?? takes) - takes);
      counts = false;
    };
  }

  /** A worker has told the broker from which queues it takes. */
  takes(process: SimProcess, queues: readonly string[]): void {
    const left = this.left.get(process) ?? new Map<string, number>();
    this.left.set(process, left);
    for (const queue of [QUEUE, OTHER_QUEUE]) {
      if (queues.includes(queue)) left.delete(queue);
      else if (!left.has(queue)) left.set(queue, this.schedule.now);
    }
  }

  /** A process is about to begin a job. Of a queue that it has left it only ends what it has begun. */
  begins(process: SimProcess, id: JobId, queue: string | undefined): void {
    const since = queue === undefined ? undefined : this.left.get(process)?.get(queue);
    const job = this.tables.jobs.get(id)?.job;
    if (since === undefined || job?.state !== 'queued') return;
    this.saw('a job came to a worker that was just leaving its queue');
    this.expect(this.schedule.now - since < LEAVES_WITHIN_MS, id, `is begun by ${process.name}, which takes from ${queue} no more`);
  }

  started({ id, fence }: JobContext, process: SimProcess): void {
    this.schedule.note(process, `runs ${this.name(id)}, fence ${fence}`);
    const book = this.book(id);
    const row = this.tables.jobs.get(id);
    this.expect(book.fences.has(fence), id, `runs under fence ${fence}, which no claim has committed`);
    const starts = (book.starts.get(fence) ?? 0) + 1;
    book.starts.set(fence, starts);
    this.expect(starts === 1, id, `was started twice under fence ${fence}`);
    book.startsOfGeneration++;
    const allowed = (row?.job.maxAttempts ?? 0) + book.refunds;
    this.expect(book.startsOfGeneration <= allowed, id, `was started ${book.startsOfGeneration} times, and may be ${allowed} times`);
  }

  firstSnooze(id: JobId): boolean {
    const first = !this.snoozed.has(id);
    this.snoozed.add(id);
    return first;
  }

  stepped(id: JobId): string {
    return `step of ${this.name(id)}`;
  }

  /** A delivery was given back as not tried. */
  requeued(id: JobId): void {
    const times = (this.requeues.get(id) ?? 0) + 1;
    this.requeues.set(id, times);
    this.expect(times <= 25, id, 'was given back to the broker over and over');
  }

  /** After each statement: what waits has somebody who will bring it. */
  readonly afterStatement = (): void => {
    for (const id of this.waiting.splice(0)) {
      const state = this.tables.jobs.get(id)?.job.state;
      if (state === 'queued' || state === 'scheduled')
        this.expect(
          this.tables.hasOutbox(id, 'job') || this.tables.room.has(id),
          id,
          `became ${state} without a row in the outbox or a place in the waiting room`,
        );
    }
  };

  private changed(change: Change): void {
    const { event, before, after, byToken } = change;
    const { id, state } = after.job;
    const book = this.book(id);
    this.schedule.note(null, `${this.name(id)}: ${event}, ${before?.job.state ?? 'none'} -> ${state}, attempt ${after.job.attempt}, fence ${after.fence}`);
    if (state === 'queued' || state === 'scheduled') this.waiting.push(id);
    if (!before) {
      this.expect(
        this.tables.limits.size === 0 || [...this.tables.limits.keys()].every((name) => after.limitKeys?.includes(name)),
        id,
        'was stored without the limits that hold',
      );
      this.expect(!book.submitted, id, 'was stored twice');
      book.submitted = true;
      this.alone(after);
      return;
    }
    const leased = event === 'claimed' || event === 'takenOver';
    this.expect(after.fence === before.fence + Number(leased), id, `went from fence ${before.fence} to ${after.fence} by ${event}`);
    if (isTerminal(before.job.state)) this.expect(event === 'redriven', id, `left ${before.job.state} by ${event}`);
    if (byToken !== null)
      this.expect(before.job.state === 'running' && before.token === byToken, id, `was written (${event}) under a token that is not current`);
    if (leased) this.lease(change, book);
    if (event === 'claimed') this.limited(after);
    if (event === 'claimed' && after.publishId !== null) this.there(after, this.broker.queueOf.get(after.publishId));
    if (event === 'succeeded') this.expect(++book.successes === 1, id, 'succeeded twice');
    const recovered = !leased && after.job.errors.length > before.job.errors.length && after.job.errors.at(-1)?.code === 'worker_lost';
    if (recovered && event === 'lost') this.expect(after.job.attempt === before.job.attempt - 1, id, 'was charged for an attempt that its worker has lost');
    if (recovered && before.workerId !== null) {
      const gone = this.tables.leaseOver(before.workerId) || !this.tables.presence.has(before.workerId);
      this.expect(gone, id, 'was swept away from a worker that lives');
      this.saw('a sweep moved a job on');
    }
    // Whatever a handler of the simulation throws by itself has another code: what breaks its transaction is the database.
    const [last] = after.job.errors.slice(-1);
    const charged = byToken !== null && after.job.attempt === before.job.attempt && after.job.errors.length > before.job.errors.length;
    this.expect(!charged || last?.code !== 'transaction_failed', id, 'was charged for a transaction that the database has lost');
    if (byToken !== null && last?.code === 'platform_unavailable') this.saw('an attempt was interrupted by the platform');
    if (after.job.attempt < before.job.attempt && event !== 'redriven') book.refunds++;
    if (event === 'redriven') {
      this.begun.delete(id);
      this.alone(after);
      Object.assign(book, { startsOfGeneration: 0, refunds: 0, successes: 0 });
    }
    this.saw(`event: ${event}`);
  }

  /** Of the jobs with one unique key at most one waits to be started. */
  private alone({ job: { id }, uniqueKey }: JobRow): void {
    if (uniqueKey === null) return;
    const others = [...this.tables.jobs.values()].filter((row) => row.uniqueKey === uniqueKey && row.job.id !== id);
    const waits = others.find(({ job }) => (job.state === 'queued' || job.state === 'scheduled') && !this.begun.has(job.id));
    this.expect(waits === undefined, id, `waits beside ${waits ? this.name(waits.job.id) : ''}, which has the same unique key`);
    if (others.some(({ job }) => job.state === 'cancelled' && !this.begun.has(job.id))) this.saw('a job took the place of another with its unique key');
  }

  /** A limit is set or changed. What runs may be as many as it has ever let run. */
  limitSet(name: string, capacity: number): void {
    this.capacities.set(name, Math.max(capacity, this.capacities.get(name) ?? 0));
  }

  private limited({ job: { id }, limitKeys }: JobRow): void {
    for (const key of limitKeys ?? []) {
      if (!this.tables.limits.has(key)) continue;
      const running = [...this.tables.jobs.values()].filter((row) => row.job.state === 'running' && row.limitKeys?.includes(key)).length;
      const most = this.capacities.get(key) ?? 0;
      this.expect(running <= most, id, `runs as number ${running} under a limit of ${most}`);
      this.saw('a job started under a limit');
    }
  }

  /** No worker of a queue that a job has left starts it. */
  private there({ job }: JobRow, from: string | undefined): void {
    this.expect(from === undefined || from === job.queue, job.id, `is of queue ${job.queue}, and was started by a message of ${from}`);
    if (job.queue === OTHER_QUEUE) this.saw('a job that was moved was started there');
  }

  private lease({ event, before, after }: Change, book: Book): void {
    const { id } = after.job;
    const token = after.token as LeaseToken;
    this.expect(!book.tokens.has(token), id, 'was leased twice under one token');
    book.tokens.add(token);
    book.fences.add(after.fence);
    this.begun.add(id);
    if (event !== 'takenOver' || !before) return;
    book.refunds++;
    this.expect(after.job.attempt === before.job.attempt, id, 'was charged for an attempt that its worker has lost');
    if (after.crashes > before.crashes) this.expect(this.tables.seenGone.has(before.token as LeaseToken), id, 'was taken over from a worker that lives');
  }

  private forgotten(id: JobId): void {
    const queued = this.tables.jobs.get(id)?.job.state === 'queued';
    const woken = this.tables.hasOutbox(id, 'job') || this.tables.room.has(id) || this.broker.hasCopy(id) || this.broker.bereft.has(id);
    this.expect(!queued || woken, id, 'is queued, and its last copy was accepted: nothing wakes anybody for it');
  }

  private removed(row: OutboxRow): void {
    for (const id of row.jobIds) {
      const job = this.tables.jobs.get(id)?.job;
      // What runs needs no turn: whoever ends its attempt without an end writes it a row.
      const pointless =
        !job ||
        // It was moved, and has another row or a place: what waits without one is seen where it is moved.
        (row.type === 'job' && job.queue !== row.queue) ||
        isTerminal(job.state) === (row.type !== 'event') ||
        (row.type === 'turn' && job.state !== 'queued') ||
        (row.type === 'job' && job.state === 'running') ||
        // It was moved there and back, has run, and waits for its time: the row of that brings it back.
        (row.type === 'job' && job.state === 'scheduled' && this.tables.wakingRows(id) > 1);
      this.expect(pointless || this.tables.room.has(id) || this.broker.took.has(row.id), id, 'lost its row in the outbox before the broker had its message');
    }
  }

  /** At the end, when everything has come to rest. `events`: outcomes are published. */
  settleUp(events: boolean): void {
    if (this.violations.length > 0) return;
    for (const id of this.accepted.keys()) this.expect(this.tables.jobs.has(id), id, 'was accepted and is gone');
    for (const row of this.tables.jobs.values()) this.settleJob(row.job, events);
    for (const [name, { ready }] of this.broker.queues) if (ready.length > 0) this.violations.push(`${ready.length} messages were left in queue ${name}`);
    for (const link of this.broker.links) if (link.unacked.size > 0) this.violations.push(`${link.process.name} still holds ${link.unacked.size} deliveries`);
    for (const id of this.tables.slots.keys()) this.expect(false, id, 'keeps a slot of a limit for ever');
    for (const id of this.tables.room.keys()) this.expect(false, id, 'keeps its place in the waiting room for ever');
    for (const row of this.tables.outbox.values()) {
      if (events || row.type !== 'event') for (const id of row.jobIds) this.expect(false, id, `still has a row in the outbox: ${row.type}`);
    }
  }

  private settleJob(job: Job, events: boolean): void {
    const { id, state, redrives } = job;
    this.expect(isTerminal(state), id, `is ${state} for ever`);
    const effects = this.tables.effects.filter((effect) => effect.jobId === id && effect.redrives === redrives).length;
    const script = JSON.parse(job.payload) as { effect?: boolean; unstorable?: boolean };
    const refused = job.errors.some(({ code }) => code === 'result_not_storable');
    this.expect(!refused || script.unstorable === true, id, 'was refused by the store for the result of another job');
    this.expect(script.unstorable !== true || state !== 'succeeded', id, 'succeeded with a result that no store keeps');
    if (refused) this.saw('a result that the store refuses ended its job alone');
    this.expect(effects === Number(state === 'succeeded' && script.effect === true), id, `${state}, and has ${effects} effects`);
    const letter = this.tables.deadLetters.has(`job:${id}:${redrives}`);
    this.expect(letter === (state === 'failed'), id, `${state}, and has ${letter ? 'a' : 'no'} dead letter`);
    const outcomes = this.broker.events.filter((event) => event.jobId === id);
    // Who deletes a queue by hand while a settlement is on its way, and then loses that worker, loses that event.
    if (events && !this.broker.bereft.has(id)) this.expect(outcomes.some(({ messageId }) => messageId === `${id}.${state}.${redrives}`), id, `${state}, which was never published`); // prettier-ignore
    for (const outcome of outcomes) this.expect(isOwn(outcome, job), id, `has another outcome than was published: ${outcome.routingKey}`);
  }

  private expect(holds: boolean, id: JobId, otherwise: string): void {
    if (holds) return;
    this.violations.push(`${this.name(id)} ${otherwise}`);
    this.schedule.note(null, `!!! ${this.name(id)} ${otherwise}`);
  }

  private name(id: JobId): string {
    return this.schedule.name('job', id);
  }

  private book(id: JobId): Book {
    let book = this.books.get(id);
    if (!book) {
      book = { submitted: false, tokens: new Set(), fences: new Set(), starts: new Map(), startsOfGeneration: 0, refunds: 0, successes: 0 };
      this.books.set(id, book);
    }
    return book;
  }
}

/** Of this generation only one outcome may ever be told; of an earlier one, that it failed. */
function isOwn({ messageId }: EventMessage, { id, state, redrives }: Job): boolean {
  const [, outcome, generation] = messageId.slice(id.length - 1).split('.');
  return Number(generation) === redrives ? outcome === state : outcome === 'failed';
}
