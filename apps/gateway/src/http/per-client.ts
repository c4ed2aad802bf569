/** Counts an amount for each client. A client with an amount of 0 takes no memory. */
export class PerClient {
  private readonly held = new Map<string, number>();

  /** `max` is the limit; 0 for no limit. */
  constructor(readonly max: number) {}

  /** Whether the client would exceed the limit with so much more. */
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

  /** Counts one until the returned function is called. A second call of that function does nothing. */
  take(client: string): () => void {
    let held = true;
    this.add(client, 1);
    return () => {
      if (held) this.add(client, -1);
      held = false;
    };
  }
}
