import { type JobId, type Logger, QuotaExceeded, systemClock, type Taken } from '@app/core';
import { CONFIG, LOGGER, Store } from '@app/host';
import { Inject, Injectable } from '@nestjs/common';
import type { BoundsConfig } from '../http/bounds.config.js';
import { PerClient } from '../http/per-client.js';
import { EventHub } from '../events/event-hub.js';
import { Interest } from '../events/interest.js';

/**
 * Waits for jobs to end, for `Prefer: wait`. It keeps only the id of a job. The number of waiting callers is limited, in all, of one client and of one
 * tenant; a caller without a place is answered at once.
 */
@Injectable()
export class JobWaiter {
  private readonly ofClients: PerClient;
  private waits = 0;

  private readonly max: number;

  constructor(
    private readonly hub: EventHub,
    private readonly interest: Interest,
    private readonly store: Store,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(CONFIG) { bounds }: { bounds: Pick<BoundsConfig, 'waits' | 'waitsOfClient'> },
  ) {
    this.max = bounds.waits;
    this.ofClients = new PerClient(bounds.waitsOfClient);
  }

  /** The number of waiting callers. */
  get size(): number {
    return this.waits;
  }

  /** Takes a place to wait in, which must be given back; null when there is none. A promise only where the tenant has a quota. */
  enter(client: string, tenant: string): (() => void) | null | Promise<(() => void) | null> {
    if (this.waits >= this.max || this.ofClients.exceeds(client)) return null;
    const taken = this.store.reservations.take(tenant, 'waits', 1);
    if (!taken) return this.entered(client);
    return taken.then(
      (place) => this.entered(client, place),
      // The job is accepted: that nobody can tell now is no reason to refuse it.
      (error: unknown) => {
        if (!(error instanceof QuotaExceeded)) this.logger.debug({ err: error }, 'whether a request may wait could not be read');
        return null;
      },
    );
  }

  private entered(client: string, place?: Taken): () => void {
    this.waits++;
    const leave = this.ofClients.take(client);
    const unheard = this.interest.take();
    return () => {
      this.waits--;
      leave();
      unheard();
      place?.end();
    };
  }

  /** Resolves when the job has ended, or after `seconds`, or when the signal fires. */
  async wait(jobId: JobId, seconds: number, gone: AbortSignal): Promise<void> {
    const over = new AbortController();
    const sink = { jobId, end: () => over.abort() };
    gone.addEventListener('abort', sink.end, { once: true });
    if (gone.aborted) return;
    this.hub.ends.add(sink);
    try {
      await systemClock.sleep(seconds * 1_000, over.signal);
    } finally {
      gone.removeEventListener('abort', sink.end);
      this.hub.ends.remove(sink);
    }
  }
}
