import type { JobId, JobReader, Logger } from '@app/core';
import { DueJobs } from './due-jobs.js';

/** A caller that waits for one job to end, and needs nothing else of it. */
export interface EndSink {
  readonly jobId: JobId;
  /** Called when the job has ended or is gone. The caller was removed. */
  end(): void;
}

/** How long wake-ups are gathered. */
const GATHER_MS = 5;
/** How often all are read, also without wake-ups. */
const POLL_MS = 250;

/**
 * Notices the ends of jobs that callers wait for. One statement for all callers asks the store only for ids, so that the cost of a wait does not
 * depend on the size of its job. Wake-ups make it fast; a lost one costs a quarter of a second.
 */
export class JobEnds {
  private readonly waiting = new Map<JobId, Set<EndSink>>();
  private readonly due: DueJobs;
  private poll: NodeJS.Timeout | undefined;
  private looking = false;

  constructor(
    private readonly jobs: Pick<JobReader, 'ended'>,
    private readonly logger: Logger,
  ) {
    this.due = new DueJobs(GATHER_MS, (ids) => this.look(ids), logger);
  }

  add(sink: EndSink): void {
    const sinks = this.waiting.get(sink.jobId) ?? new Set();
    this.waiting.set(sink.jobId, sinks.add(sink));
    this.poll ??= setInterval(() => void this.lookAtAll(), POLL_MS).unref();
    // For a job that ended before the caller was added.
    this.due.add([sink.jobId]);
  }

  remove(sink: EndSink): void {
    const sinks = this.waiting.get(sink.jobId);
    sinks?.delete(sink);
    if (sinks?.size === 0) this.waiting.delete(sink.jobId);
    if (this.waiting.size > 0) return;
    clearInterval(this.poll);
    this.poll = undefined;
    this.due.clear();
  }

  /** Wakes the callers of these jobs. It is only a hint that something has happened. */
  wake(jobIds: readonly JobId[]): void {
    if (this.waiting.size > 0) this.due.add(jobIds.filter((id) => this.waiting.has(id)));
  }

  close(): void {
    this.due.close();
    clearInterval(this.poll);
  }

  private async lookAtAll(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      await this.look([...this.waiting.keys()]);
    } catch (error) {
      this.logger.warn({ err: error }, 'jobs that are waited for could not be looked up');
    }
    this.looking = false;
  }

  private async look(ids: JobId[]): Promise<void> {
    for (const id of await this.jobs.ended(ids)) {
      for (const sink of this.waiting.get(id) ?? []) {
        this.remove(sink);
        sink.end();
      }
    }
  }
}
