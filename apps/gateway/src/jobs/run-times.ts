import type { Logger } from '@app/core';
import { LOGGER, Store } from '@app/host';
import { HandlerRegistry } from '@app/sdk';
import { Inject, Injectable } from '@nestjs/common';

const LOOK_MS = 10_000;

/** How long recent jobs of each kind have run: the median of the newest succeeded ones, read from time to time. */
@Injectable()
export class RunTimes {
  private readonly seconds = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly store: Store,
    private readonly kinds: HandlerRegistry,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.timer = setInterval(() => void this.look(), LOOK_MS).unref();
    void this.look();
  }

  /** The median of a kind, in seconds; undefined while no job of the kind has succeeded. */
  of(kind: string): number | undefined {
    return this.seconds.get(kind);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    try {
      for (const [kind, seconds] of await this.store.jobs.runSeconds(this.kinds.names())) this.seconds.set(kind, seconds);
    } catch (error) {
      this.logger.debug({ err: error }, 'how long jobs run could not be looked up');
    }
  }
}
