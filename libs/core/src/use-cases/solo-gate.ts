import { type Clock, systemClock } from '../ports/clock.js';

/**
 * Lets jobs run side by side, and one that has crashed a worker before run alone, so that it takes nobody with it.
 * A suspect waits for those that run, and those that come after wait for it; but at most `maxWaitMs`, for a job that
 * takes days must not keep it for ever: then it runs beside them.
 */
export class SoloGate {
  private running = 0;
  private alone = 0;
  private readonly queue: { alone: boolean; start: () => void }[] = [];

  constructor(
    private readonly maxWaitMs: number,
    private readonly clock: Pick<Clock, 'after'> = systemClock,
  ) {}

  /** Resolves when a job without suspicion may start. Call the result when it has ended. */
  async enterShared(): Promise<() => void> {
    if (this.alone > 0 || this.queue.length > 0) await this.wait(false);
    else this.running++;
    return this.leaver(false);
  }

  /** Resolves when a suspect may start, with nothing else running here (or after `maxWaitMs`). Call the result when it has ended. */
  async enterAlone(): Promise<() => void> {
    if (this.running > 0 || this.alone > 0 || this.queue.length > 0) await this.wait(true);
    else this.alone++;
    return this.leaver(true);
  }

  /** Nothing runs and nothing waits. */
  get idle(): boolean {
    return this.running === 0 && this.alone === 0 && this.queue.length === 0;
  }

  private wait(alone: boolean): Promise<void> {
    return new Promise((resolve) => {
      const clear = alone ? this.clock.after(this.maxWaitMs, () => this.start(entry)) : undefined;
      const entry = {
        alone,
        start: () => {
          clear?.();
          if (alone) this.alone++;
          else this.running++;
          resolve();
        },
      };
      this.queue.push(entry);
    });
  }

  private start(entry: { alone: boolean; start: () => void }): void {
    const index = this.queue.indexOf(entry);
    if (index < 0) return;
    this.queue.splice(index, 1);
    entry.start();
  }

  private leaver(alone: boolean): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      if (alone) this.alone--;
      else this.running--;
      this.next();
    };
  }

  private next(): void {
    for (let head = this.queue[0]; head && this.alone === 0 && (!head.alone || this.running === 0); head = this.queue[0]) this.start(head);
  }
}
