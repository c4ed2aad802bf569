import type { Job, JobId } from '../job/job.js';
import type { NewJob, ReplayReader, SubmissionStore, SubmitOutcome } from '../submit/submission-store.js';
import { isSameRequest } from '../job/fingerprint.js';
import { accepted } from '../submit/job-request.js';
import { Faults } from './faults.js';

/** A {@link SubmissionStore} in memory: all rows of a call, or none. */
export class MemorySubmissions implements SubmissionStore<string>, ReplayReader {
  readonly faults = new Faults();
  /** The rows of each call. */
  readonly calls: NewJob[][] = [];
  readonly jobs = new Map<JobId, Job>();
  private readonly keys = new Map<string, { jobId: JobId; fingerprint: Buffer }>();
  /** Which job waits with a unique key. None of these jobs ever starts. */
  private readonly waiting = new Map<string, JobId>();
  private readonly held: (() => void)[] = [];
  private holding = false;

  /** Calls wait until `letGo`. */
  hold(): void {
    this.holding = true;
  }

  letGo(): void {
    this.holding = false;
    for (const resume of this.held.splice(0)) resume();
  }

  async submit(jobs: NewJob[]): Promise<SubmitOutcome[]> {
    this.calls.push(jobs);
    if (this.holding) await new Promise<void>((resolve) => this.held.push(resolve));
    this.faults.meet('submit');
    for (const job of jobs) if (job.tags.includes('bad row')) throw new Error('invalid input syntax');
    const outcomes = jobs.map((job) => this.store(job));
    this.faults.meet('answer');
    return outcomes;
  }

  async findReplays(jobs: NewJob[]): Promise<(SubmitOutcome | null)[]> {
    return jobs.map((job) => this.known(job));
  }

  async findWaiting(uniqueKey: string): Promise<Job | null> {
    return this.jobs.get(this.waiting.get(uniqueKey) as JobId) ?? null;
  }

  private store(job: NewJob): SubmitOutcome {
    const { idempotency, unique } = job;
    const known = this.known(job);
    if (known) return known;
    const waiting = unique && this.jobs.get(this.waiting.get(unique.key) as JobId);
    if (waiting && unique.keep === 'oldest') {
      if (idempotency) this.keys.set(idempotency.key, { jobId: waiting.id, fingerprint: idempotency.fingerprint });
      return { status: 'waiting', job: waiting };
    }
    if (waiting) this.jobs.set(waiting.id, { ...waiting, state: 'cancelled' });
    if (unique) this.waiting.set(unique.key, job.id);
    const createdAt = new Date();
    const created = { status: 'created', state: job.delayMs === null && job.runAt === null ? 'queued' : 'scheduled', createdAt, runAt: job.runAt } as const;
    if (idempotency) this.keys.set(idempotency.key, { jobId: job.id, fingerprint: idempotency.fingerprint });
    this.jobs.set(job.id, accepted(job, created));
    return created;
  }

  private known({ id, idempotency }: NewJob): SubmitOutcome | null {
    const known = idempotency ? this.keys.get(idempotency.key) : undefined;
    if (!idempotency || !known || known.jobId === id) return null;
    if (!isSameRequest(known.fingerprint, idempotency)) return { status: 'conflict', jobId: known.jobId };
    return { status: 'replayed', job: this.jobs.get(known.jobId) as Job };
  }
}
