import type { JobReader, Logger } from '@app/core';

const LOOK_MS = 10_000;

/** How long jobs of each kind have run of late: the median of the newest that succeeded, looked up now and then. */
export class RunTimes {
  private readonly seconds = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly jobs: Pick<JobReader, 'runSeconds'>,
    private readonly kinds: string[],
    private readonly logger: Logger,
  ) {
    this.timer = setInterval(() => void this.look(), LOOK_MS).unref();
    void this.look();
  }

  /** Undefined while no job of the kind has succeeded. */
  of(kind: string): number | undefined {
    return this.seconds.get(kind);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    try {
      for (const [kind, seconds] of await this.jobs.runSeconds(this.kinds)) this.seconds.set(kind, seconds);
    } catch (error) {
      this.logger.debug({ err: error }, 'how long jobs run could not be looked up');
    }
  }
}
