import type { StartsStore } from './why-store.js';

export const queueSubject = (queue: string): string => `queue:${queue}`;
export const limitSubject = (key: string): string => `limit:${key}`;

/**
 * Counts the starts of jobs in this process, by queue and by key of a limit, for estimates. What a process that dies has not written down is missing
 * from the estimates of the next minute, and nothing else. `flush` is called with each heartbeat.
 */
export class StartCounter {
  private counts = new Map<string, number>();

  constructor(private readonly store: StartsStore) {}

  /** On the hot path: one entry of a map. */
  count(queue: string, limitKeys?: readonly string[] | null): void {
    const subject = queueSubject(queue);
    this.counts.set(subject, (this.counts.get(subject) ?? 0) + 1);
    if (limitKeys) for (const key of limitKeys) this.counts.set(limitSubject(key), (this.counts.get(limitSubject(key)) ?? 0) + 1);
  }

  /** Writes down what was counted since the last time. What cannot be written is lost: it would count for another time. */
  async flush(): Promise<void> {
    if (this.counts.size === 0) return;
    const counted = this.counts;
    this.counts = new Map();
    await this.store.addStarts(counted);
  }
}
