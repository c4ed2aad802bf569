/** The pauses between tries, in milliseconds: each is twice the one before, up to the longest. */
export class Pauses {
  private pause: number;

  constructor(
    private readonly firstMs: number,
    private readonly longestMs: number,
  ) {
    this.pause = firstMs;
  }

  /** What the next one will be. */
  get coming(): number {
    return this.pause;
  }

  next(): number {
    const { pause } = this;
    this.pause = Math.min(pause * 2, this.longestMs);
    return pause;
  }

  /** The next pause, whatever came before it; it may be longer than the longest. */
  set(ms: number): void {
    this.pause = ms;
  }

  /** After a try that succeeded. */
  reset(): void {
    this.pause = this.firstMs;
  }
}
