import type { NewJob } from './submission-store.js';

/** Requests with a key that is on its way to the store from this process: a second one waits for the first, for one statement must not hold a key twice. */
export class KeysInFlight {
  private readonly held = new Map<string, Promise<unknown>>();

  /** Resolves when nobody of this process holds one of the keys, with what gives them back. */
  async hold(jobs: readonly NewJob[]): Promise<() => void> {
    const keys = jobs.flatMap((job) => (job.idempotency ? [`${job.idempotency.scope} ${job.idempotency.key}`] : []));
    if (keys.length === 0) return () => undefined;
    for (let busy = this.busy(keys); busy.length > 0; busy = this.busy(keys)) await Promise.all(busy);
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    for (const key of keys) this.held.set(key, held);
    return () => {
      for (const key of keys) this.held.delete(key);
      release();
    };
  }

  private busy(keys: string[]): Promise<unknown>[] {
    return keys.flatMap((key) => this.held.get(key) ?? []);
  }
}
