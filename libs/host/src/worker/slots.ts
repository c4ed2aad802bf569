import type { Kinds } from '@app/core';

/** A job takes more slots than the worker has that is to run it. */
export class SlotsError extends Error {
  constructor(kind: string, slots: number, concurrency: number) {
    super(
      `expected WORKER_CONCURRENCY to be at least ${slots}, the slots that one job of ${kind} takes, got: ${concurrency}; raise it, ` +
        `lower slots of its @JobHandler, or name the other queues in WORKER_QUEUES`,
    );
    this.name = 'SlotsError';
  }
}

interface Takes {
  concurrency: number;
  /** Empty: all. */
  queues: readonly string[];
}

/** Throws a `SlotsError` for a kind whose queue is taken, and of which a job takes more slots than there are. */
export function requireSlots(kinds: Pick<Kinds, 'names' | 'policy'>, { concurrency, queues }: Takes): void {
  for (const kind of kinds.names()) {
    const policy = kinds.policy(kind);
    if (policy && policy.slots > concurrency && (queues.length === 0 || queues.includes(policy.queue))) throw new SlotsError(kind, policy.slots, concurrency);
  }
}

/** The kinds of which a job takes several slots. No job takes more than there are: one that was sent to another queue than its kind's would never run. */
export function severalSlots(kinds: Pick<Kinds, 'names' | 'policy'>, concurrency: number): Map<string, number> {
  const slots = kinds.names().map((kind) => [kind, Math.min(concurrency, kinds.policy(kind)?.slots ?? 1)] as const);
  return new Map(slots.filter(([, taken]) => taken > 1));
}
