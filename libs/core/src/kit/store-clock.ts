/** The times that the store writes are by its own clock: whatever is compared with them is too, and not by this process's clock. */
export interface StoreTime {
  /** Milliseconds since 1970, by the store's clock as far as it is known here. */
  now(): number;
}

/** Where no store's clock is known: this process's own. */
export const ownTime: StoreTime = { now: () => Date.now() };

const LOOK_MS = 10_000;
/** What was answered more slowly tells too little. */
const SLOWEST_MS = 2_000;

/**
 * The store's clock, asked for now and then and carried on by a steady clock in between: a wall clock that is wrong, or set while the
 * process runs, changes nothing. Exact to half a round trip. While the store does not answer, the last answer is carried on.
 */
export class StoreClock implements StoreTime {
  private known: { time: number; at: number } | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    /** Milliseconds since 1970 by the store. Rejects when it does not answer. */
    private readonly ask: () => Promise<number>,
    private readonly steady = () => performance.now(),
  ) {}

  /** Resolves after the first answer; rejects with what kept the store from giving it. */
  async start(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => void this.look().catch(() => undefined), LOOK_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Asks once. */
  async look(): Promise<void> {
    const asked = this.steady();
    const time = await this.ask();
    const answered = this.steady();
    if (this.known === undefined || answered - asked <= SLOWEST_MS) this.known = { time, at: (asked + answered) / 2 };
  }

  now(): number {
    return this.known === undefined ? Date.now() : this.known.time + this.steady() - this.known.at;
  }
}
