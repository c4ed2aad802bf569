/** A message, or several that were published together. */
export interface Pending {
  since: number;
  returned: boolean;
  /** How many of them wait for their confirm. */
  messages: number;
  reject: (error: Error) => void;
}

/** What was published and waits for the broker's confirm. Each entry ends: with its confirm, with the loss of its channel, or when its time is over. */
export class PendingConfirms {
  private readonly entries = new Map<string, Pending>();
  private readonly overdue: NodeJS.Timeout;

  constructor(
    private readonly withinMs: number,
    private readonly failed: (result: 'lost' | 'overdue', messages: number) => void,
  ) {
    this.overdue = setInterval(() => this.failOverdue(), 1_000).unref();
  }

  /** The number of messages that wait. */
  get messages(): number {
    let count = 0;
    for (const { messages } of this.entries.values()) count += messages;
    return count;
  }

  has(key: string): boolean {
    return this.entries.has(key);
  }

  add(key: string, messages: number, reject: (error: Error) => void): Pending {
    const entry = { since: performance.now(), returned: false, messages, reject };
    this.entries.set(key, entry);
    return entry;
  }

  /** Whether the entry still waits. It may have been given up, and its key may be a later try's. */
  holds(key: string, entry: Pending): boolean {
    return this.entries.get(key) === entry;
  }

  end(key: string): void {
    this.entries.delete(key);
  }

  /** A message that came back unroutable is confirmed too; its return comes first. */
  returned(key: string): void {
    const entry = this.entries.get(key);
    if (entry) entry.returned = true;
  }

  failAll(error: Error): void {
    const entries = [...this.entries.values()];
    this.entries.clear();
    for (const { messages, reject } of entries) {
      this.failed('lost', messages);
      reject(error);
    }
  }

  close(): void {
    clearInterval(this.overdue);
    this.failAll(new Error('the publisher was closed'));
  }

  /** They are in the order of publishing. */
  private failOverdue(): void {
    for (const [key, { since, messages, reject }] of this.entries) {
      if (performance.now() - since < this.withinMs) return;
      this.entries.delete(key);
      this.failed('overdue', messages);
      reject(new Error(`expected a confirm within ${this.withinMs} ms, got none`));
    }
  }
}
