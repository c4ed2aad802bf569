/** Counts what each client has of something. A client that has nothing takes no memory. */
export class PerClient {
  private readonly held = new Map<string, number>();

  /** `max` 0: without a bound. */
  constructor(readonly max: number) {}

  /** Whether so much more is too much. */
  exceeds(client: string, more = 1): boolean {
    return this.max > 0 && this.of(client) + more > this.max;
  }

  of(client: string): number {
    return this.held.get(client) ?? 0;
  }

  add(client: string, amount: number): void {
    const sum = this.of(client) + amount;
    if (sum > 0) this.held.set(client, sum);
    else this.held.delete(client);
  }

  /** Counts one until the function is called; calling it again does nothing. */
  take(client: string): () => void {
    let held = true;
    this.add(client, 1);
    return () => {
      if (held) this.add(client, -1);
      held = false;
    };
  }
}
