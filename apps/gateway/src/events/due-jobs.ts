import { type JobId, type Logger, systemClock } from '@app/core';

/** How many jobs are read at once. Each may have a result of 1 MiB. */
export const JOBS_OF_A_READ = 50;
const RETRY_MS = 1_000;

/**
 * Collects jobs whose events must be read. They are gathered for a moment, so that one statement reads many, each once. After a failed
 * read they are read again after a pause.
 */
export class DueJobs {
  private readonly due = new Set<JobId>();
  private readonly stop = new AbortController();
  private looking = false;

  constructor(
    private readonly gatherMs: number,
    private readonly read: (jobIds: JobId[]) => Promise<void>,
    private readonly logger: Logger,
  ) {}

  add(jobIds: readonly JobId[]): void {
    for (const id of jobIds) this.due.add(id);
    if (this.due.size > 0) void this.look();
  }

  clear(): void {
    this.due.clear();
  }

  close(): void {
    this.stop.abort();
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    while (this.due.size > 0 && !this.stop.signal.aborted) {
      await systemClock.sleep(this.gatherMs, this.stop.signal);
      const gathered = [...this.due];
      for (let at = 0; at < gathered.length; at += JOBS_OF_A_READ) {
        const ids = gathered.slice(at, at + JOBS_OF_A_READ).filter((id) => this.due.delete(id));
        try {
          await this.read(ids);
        } catch (error) {
          this.logger.warn({ err: error }, 'events could not be read yet');
          for (const id of ids) this.due.add(id);
          await systemClock.sleep(RETRY_MS, this.stop.signal);
          break;
        }
      }
    }
    this.looking = false;
  }
}
