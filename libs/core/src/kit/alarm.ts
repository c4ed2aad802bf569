import type { Clock } from './clock.js';

const RUNG = 'rung';

/** Ends the pause of a loop that looks for work, or keeps it from beginning when something came while the loop looked. */
export class Alarm {
  private bell = new AbortController();

  constructor(private readonly clock: Clock) {}

  /** Before each look: what rang until now, the look will see. */
  set(): void {
    if (this.bell.signal.aborted) this.bell = new AbortController();
  }

  ring(): void {
    // Some ring for each job: an abort without a reason makes an error with its stack, whether it is heard or not.
    if (!this.bell.signal.aborted) this.bell.abort(RUNG);
  }

  /** Until it rings, at most `ms`; not at all if it has rung since it was set. */
  sleep(ms: number): Promise<void> {
    return this.clock.sleep(ms, this.bell.signal);
  }
}
