import type { Job, JobError, JobId, LeaseToken, PublishId, WorkerId } from '../job/job.js';
import type { JsonText } from '../job/json-text.js';
import { type JobEvent, transition } from '../job/lifecycle.js';
import type { AttemptStore, ClaimAnswer, ClaimedJob, ClaimRequest, FreeSlots, SettleAnswer, Settlement } from '../run/attempt-store.js';
import { Faults } from './faults.js';
import { sampleJob } from './sample-job.js';

interface Row {
  job: Job;
  token: LeaseToken | null;
  publishId: PublishId | null;
  workerId: WorkerId | null;
  fence: number;
  crashes: number;
  /** It should have started by now. */
  late?: boolean;
}

/** An {@link AttemptStore} in memory: every change of state goes by the lifecycle's table, every write by the lease token. */
export class MemoryAttempts implements AttemptStore<string> {
  readonly faults = new Faults();
  /** Settlements in the order in which they were written. */
  readonly settled: Settlement[] = [];
  /** Jobs whose outcome event was left to the outbox. */
  readonly announcedLater: JobId[] = [];
  /** Jobs that got a place in the waiting room. */
  readonly turns: JobId[] = [];
  /** Queued jobs that have limits and no slots. */
  readonly slotless = new Set<JobId>();
  readonly alive = new Set<WorkerId>();
  private readonly rows = new Map<JobId, Row>();
  private readonly steps = new Map<string, JsonText>();

  /** Puts a job in, `queued` unless told otherwise; `lease` as somebody else's claim left it. */
  put(job: Partial<Job> = {}, lease: Partial<Omit<Row, 'job'>> = {}): Job {
    const stored = sampleJob(job);
    this.rows.set(stored.id, { job: stored, token: null, publishId: null, workerId: null, fence: 0, crashes: 0, ...lease });
    return stored;
  }

  job(id: JobId): Job {
    return this.row(id).job;
  }

  row(id: JobId): Row {
    const row = this.rows.get(id);
    if (!row) throw new Error(`expected a job ${id}, got none`);
    return row;
  }

  /** Another worker takes the job, as a sweeper and a claim would have it. */
  steal(id: JobId): void {
    Object.assign(this.row(id), { token: 'their token', workerId: 99 });
  }

  async claim(workerId: WorkerId, requests: ClaimRequest[]): Promise<ClaimAnswer[]> {
    this.faults.meet('claim');
    return requests.map((request) => {
      const row = this.rows.get(request.jobId);
      if (!row) return { claimed: null, facts: null };
      const { job, token, publishId, crashes } = row;
      const waits = this.slotless.has(job.id);
      const late = row.late === true;
      const moved = request.queue !== undefined && request.queue !== job.queue;
      if (job.state === 'queued' && !waits && !late && !moved && crashes === 0 && job.attempt < job.maxAttempts)
        return { claimed: this.give(row, workerId, request, 'claimed') };
      const ownerAlive = row.workerId !== null && this.alive.has(row.workerId);
      const { state, attempt, maxAttempts } = job;
      const owner = { workerId: row.workerId, ownerAlive, ownerDied: !ownerAlive };
      return { claimed: null, facts: { state, attempt, maxAttempts, crashes, late, token, publishId, waits, queue: job.queue, ...owner } };
    });
  }

  async claimDue(workerId: WorkerId, queues: string[] | null, limit: number, suspects: boolean, slots?: FreeSlots): Promise<ClaimedJob[]> {
    this.faults.meet('claimDue');
    let free = slots?.free ?? Infinity;
    return [...this.rows.values()]
      .filter(({ job, crashes }) => job.state === 'queued' && crashes > 0 === suspects && (queues?.includes(job.queue) ?? true))
      .slice(0, limit)
      .filter(({ job }) => (free -= slots?.of.get(job.kind) ?? 1) >= 0)
      .map((row) => this.give(row, workerId, { publishId: null, token: `token of ${row.job.id}` as LeaseToken }, 'claimed'));
  }

  /** Jobs of this store are in the order of their age. */
  claimOldest(workerId: WorkerId, queues: string[] | null, limit: number, slots?: FreeSlots): Promise<ClaimedJob[]> {
    return MemoryAttempts.prototype.claimDue.call(this, workerId, queues, limit, false, slots);
  }

  async claimSuspect(workerId: WorkerId, request: ClaimRequest): Promise<ClaimedJob | null> {
    const row = this.row(request.jobId);
    return row.job.state === 'queued' ? this.give(row, workerId, request, 'claimed') : null;
  }

  async takeOver(workerId: WorkerId, request: ClaimRequest, heldToken: LeaseToken, crashed: boolean): Promise<ClaimedJob | null> {
    const row = this.row(request.jobId);
    if (row.job.state !== 'running' || row.token !== heldToken) return null;
    if (crashed) row.crashes++;
    row.job.attempt--;
    return this.give(row, workerId, request, 'takenOver');
  }

  async claimedBy(jobId: JobId, token: LeaseToken): Promise<ClaimedJob | null> {
    const row = this.row(jobId);
    return row.token === token ? claimedJob(row) : null;
  }

  async exhaust(jobId: JobId, publishId: PublishId | null, heldToken: LeaseToken | null, error: JobError): Promise<boolean> {
    const row = this.row(jobId);
    if (row.token !== heldToken) return false;
    this.move(row, 'exhausted', error);
    row.publishId = publishId;
    return true;
  }

  async expire(jobId: JobId, publishId: PublishId | null): Promise<boolean> {
    const row = this.row(jobId);
    if (row.job.state !== 'queued' || !row.late) return false;
    this.move(row, 'expired');
    Object.assign(row, { publishId, late: false });
    return true;
  }

  async defer(jobId: JobId, delayMs: number): Promise<void> {
    this.faults.meet('defer');
    const { job } = this.row(jobId);
    if (job.state !== 'queued') return;
    job.state = transition(job.state, 'deferred');
    job.runAt = new Date(delayMs);
  }

  async awaitTurn(jobId: JobId): Promise<void> {
    this.faults.meet('awaitTurn');
    this.turns.push(jobId);
  }

  async putBack(jobIds: JobId[]): Promise<JobId[]> {
    this.faults.meet('putBack');
    return jobIds.filter((id) => this.rows.get(id)?.job.state === 'queued');
  }

  async holdBack(jobIds: JobId[]): Promise<JobId[]> {
    this.faults.meet('holdBack');
    return jobIds.filter((id) => this.rows.get(id)?.job.state === 'queued');
  }

  async settle(settlements: Settlement[], transaction?: string): Promise<SettleAnswer[]> {
    this.faults.meet(transaction === undefined ? 'settle' : 'settleInTransaction');
    const answers = settlements.map((settlement): SettleAnswer => {
      const row = this.rows.get(settlement.jobId);
      if (row?.token !== settlement.token) return { settled: false };
      this.move(row, settlement.event, settlement.error);
      if (settlement.event === 'snoozed' || settlement.event === 'interrupted') row.job.attempt--;
      row.job.result = settlement.result ?? null;
      this.settled.push(settlement);
      return { settled: true, job: { ...row.job } };
    });
    this.faults.meet('settleAnswer');
    return answers;
  }

  async find(jobId: JobId): Promise<Job | null> {
    return this.rows.get(jobId)?.job ?? null;
  }

  async outcomeOf(jobId: JobId, token: LeaseToken): Promise<'running' | 'settled' | 'lost'> {
    this.faults.meet('outcomeOf');
    if (this.settled.some((settlement) => settlement.token === token)) return 'settled';
    return this.row(jobId).token === token ? 'running' : 'lost';
  }

  async announceLater(jobId: JobId): Promise<void> {
    this.faults.meet('announceLater');
    this.announcedLater.push(jobId);
  }

  async holds(_transaction: string, jobId: JobId, token: LeaseToken): Promise<boolean> {
    this.faults.meet('holds');
    return this.rows.get(jobId)?.token === token;
  }

  async readStep(jobId: JobId, token: LeaseToken, name: string): Promise<{ held: boolean; result: JsonText | null }> {
    this.faults.meet('readStep');
    return { held: this.rows.get(jobId)?.token === token, result: this.steps.get(`${jobId} ${name}`) ?? null };
  }

  async saveStep(jobId: JobId, token: LeaseToken, name: string, result: JsonText): Promise<boolean> {
    if (this.rows.get(jobId)?.token !== token) return false;
    this.steps.set(`${jobId} ${name}`, result);
    return true;
  }

  private give(row: Row, workerId: WorkerId, request: { publishId: PublishId | null; token: LeaseToken }, event: 'claimed' | 'takenOver'): ClaimedJob {
    this.move(row, event);
    row.job.attempt++;
    Object.assign(row, { token: request.token, publishId: request.publishId, workerId, fence: row.fence + 1 });
    this.faults.meet('claimAnswer');
    return claimedJob(row);
  }

  private move(row: Row, event: JobEvent, error?: JobError): void {
    row.job.state = transition(row.job.state, event);
    if (error) row.job.errors = [...row.job.errors, error];
    if (row.job.state !== 'running') row.token = null;
  }
}

function claimedJob({ job, token, publishId, fence, crashes }: Row): ClaimedJob {
  return { ...job, token: token as LeaseToken, publishId: publishId as PublishId, fence, crashes };
}
