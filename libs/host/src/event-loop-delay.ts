import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 20;
const WINDOW_MS = 1_000;

/** How late timers were in the last second, in milliseconds: an average over time, so that a single block of most of that second counts for most of it. */
export class EventLoopDelay {
  private readonly histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  ms = 0;

  constructor() {
    this.histogram.enable();
    setInterval(() => {
      const { mean } = this.histogram;
      // The histogram has the time between two ticks, so an idle loop shows the resolution.
      this.ms = Number.isFinite(mean) ? Math.max(0, mean / 1e6 - RESOLUTION_MS) : 0;
      this.histogram.reset();
    }, WINDOW_MS).unref();
  }
}
