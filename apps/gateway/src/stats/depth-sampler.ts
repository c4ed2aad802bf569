import { Admission, FINE_STEP, type Logger, PollingLoop, systemClock } from '@app/core';
import { LOGGER, Store } from '@app/host';
import { Inject, Injectable } from '@nestjs/common';

const EVERY_MS = FINE_STEP * 1_000;

/**
 * Writes down each ten seconds how many jobs wait in each queue, out of the counts that admission makes anyway. Of several gateways the first one does it; the
 * others' rows are those that are there.
 */
@Injectable()
export class DepthSampler {
  private readonly loop: PollingLoop;

  constructor(store: Store, admission: Admission, @Inject(LOGGER) logger: Logger) {
    this.loop = new PollingLoop({
      clock: systemClock,
      look: async () => {
        const { queues, scheduled } = admission.measured();
        if (queues.size > 0) await store.stats.sampleDepths(queues, scheduled);
        // A little after the edge, for processes do not agree on the time to the millisecond.
        return EVERY_MS - (store.time.now() % EVERY_MS) + 50;
      },
      everyMs: EVERY_MS,
      failed: (error) => logger.debug({ err: error }, 'how many jobs wait could not be written down'),
    });
  }

  start(): void {
    this.loop.start();
  }

  close(): Promise<void> {
    return this.loop.close();
  }
}
