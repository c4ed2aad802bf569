import { type Kinds, WAKE_UP_MAX } from '@app/core';

/** As many runs of a kind are looked at, and none is judged by fewer than the second. */
const KEPT = 200;
const ENOUGH = 20;
/** How long one slot may be busy with the jobs of one message. */
const MESSAGE_MS = 500;

interface Runs {
  ms: number[];
  next: number;
  /** What was taken last. Nothing at first: what other processes know may be of another time. */
  told?: number;
}

/**
 * How long jobs run here, and so how many of a kind one message may hold: as many as nine in ten times take half a second one after the other. Those
 * of isolated kinds have a message each, because every one may take its process with it; and those that take several slots, so that other workers can have
 * the next.
 */
export class WakeUpMeter {
  private readonly runs = new Map<string, Runs>();

  constructor(private readonly kinds: Pick<Kinds, 'policy'>) {}

  observe(kind: string, ms: number): void {
    let runs = this.runs.get(kind);
    if (!runs) this.runs.set(kind, (runs = { ms: [], next: 0 }));
    runs.ms[runs.next] = ms;
    runs.next = (runs.next + 1) % KEPT;
  }

  /** The sizes that have changed since they were taken last. */
  takeChanged(): Map<string, number> {
    const changed = new Map<string, number>();
    for (const [kind, runs] of this.runs) {
      const size = this.sizeOf(kind, runs);
      if (size === undefined || size === runs.told) continue;
      runs.told = size;
      changed.set(kind, size);
    }
    return changed;
  }

  /** Undefined until enough have run. */
  private sizeOf(kind: string, { ms }: Runs): number | undefined {
    if (ms.length < ENOUGH) return undefined;
    const policy = this.kinds.policy(kind);
    if (policy && (policy.isolated || policy.slots > 1)) return 1;
    const slowest = ms.toSorted((a, b) => a - b)[Math.floor(ms.length * 0.9)] ?? MESSAGE_MS;
    return Math.max(1, Math.min(WAKE_UP_MAX, Math.floor(MESSAGE_MS / Math.max(slowest, 1))));
  }
}
