import { Alarm } from './alarm.js';
import type { Clock } from './clock.js';

export interface PollingOptions {
  clock: Clock;
  /** One look; resolves with how long to wait for the next one, in milliseconds, or 0 to look at once. */
  look: () => Promise<number>;
  /** The pause after a look that failed. */
  everyMs: number;
  failed: (error: unknown) => void;
}

/** Looks again and again until it is closed. A nudge ends the pause; one that comes during a look is not lost: the next look follows at once. */
export class PollingLoop {
  private readonly alarm: Alarm;
  private running: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(private readonly options: PollingOptions) {
    this.alarm = new Alarm(options.clock);
  }

  start(): void {
    this.running = this.run();
  }

  nudge(): void {
    this.alarm.ring();
  }

  /** Resolves when the look that is under way has ended. */
  async close(): Promise<void> {
    this.closed = true;
    this.alarm.ring();
    await this.running;
  }

  private async run(): Promise<void> {
    const { look, everyMs, failed } = this.options;
    while (!this.closed) {
      this.alarm.set();
      let pause = everyMs;
      try {
        pause = await look();
      } catch (error) {
        failed(error);
      }
      if (pause > 0) await this.alarm.sleep(pause);
    }
  }
}
