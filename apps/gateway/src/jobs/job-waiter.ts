import { isTerminal, type Job, type JobId, type JobReader, type Logger, systemClock } from '@app/core';

/** How often the database is asked about jobs that somebody waits for, whatever the events say. */
const POLL_MS = 250;

/**
 * Waits for jobs to end: `Prefer: wait`.
 *
 * Authority: the database, asked for all waiters together a few times a second. Events of the broker (step 2) or of this
 * very process (step 1) only make it faster; a lost one costs a fraction of a second.
 */
export class JobWaiter {
  private readonly waiting = new Map<JobId, Set<() => void>>();
  private polling = false;

  constructor(
    private readonly jobs: JobReader,
    private readonly listenFor: (kind: string) => Promise<void>,
    private readonly logger: Logger,
  ) {}

  /** The job as it is when it has ended, or after `seconds`, or when the signal fires. */
  async wait(job: Job, seconds: number, signal: AbortSignal): Promise<Job> {
    if (isTerminal(job.state) || seconds <= 0) return job;
    const ended = new AbortController();
    const wake = () => ended.abort();
    const wakers = this.waiting.get(job.id) ?? new Set();
    this.waiting.set(job.id, wakers.add(wake));
    signal.addEventListener('abort', wake, { once: true });
    try {
      // What ended before the binding was made is seen by the first poll after it.
      void this.listenFor(job.kind).then(() => this.poll());
      await systemClock.sleep(seconds * 1_000, ended.signal);
    } finally {
      signal.removeEventListener('abort', wake);
      wakers.delete(wake);
      if (wakers.size === 0) this.waiting.delete(job.id);
    }
    return (await this.jobs.find(job.id)) ?? job;
  }

  /** A job has ended, as far as somebody tells. */
  notify(jobId: JobId): void {
    for (const wake of this.waiting.get(jobId) ?? []) wake();
  }

  private async poll(): Promise<void> {
    if (this.polling) return;
    this.polling = true;
    while (this.waiting.size > 0) {
      try {
        for (const job of await this.jobs.findMany([...this.waiting.keys()])) if (isTerminal(job.state)) this.notify(job.id);
      } catch (error) {
        this.logger.warn({ err: error }, 'jobs that are waited for could not be looked up');
      }
      await systemClock.sleep(POLL_MS);
    }
    this.polling = false;
  }
}
