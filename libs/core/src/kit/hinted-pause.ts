import { Alarm } from './alarm.js';
import type { Clock } from './clock.js';

/** The pauses of a loop that looks at once when a hint comes, and rests after each look however many come. */
export class HintedPause {
  private readonly alarm: Alarm;
  private end = new AbortController();

  constructor(private readonly clock: Clock) {
    this.alarm = new Alarm(clock);
  }

  /** Before each look: what rang until now, the look will see. */
  set(): void {
    this.alarm.set();
  }

  /** A hint. */
  ring(): void {
    this.alarm.ring();
  }

  /** Ends the pause, rest or not: nobody wants to see anything any more. */
  stop(): void {
    this.end.abort();
    this.alarm.ring();
  }

  /** Rests for `restMs`, and then until a hint, `leftMs` at most; no longer than `isWanted` says that somebody wants to see what is looked at. */
  async sleep(restMs: number, leftMs: number, isWanted: () => boolean): Promise<void> {
    this.end = new AbortController();
    if (isWanted()) await this.clock.sleep(restMs, this.end.signal);
    if (isWanted() && leftMs > 0) await this.alarm.sleep(leftMs);
  }
}
