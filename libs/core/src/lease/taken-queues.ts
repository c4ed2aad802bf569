import type { QueueAssignment } from './worker-list.js';

/**
 * Which queues a worker takes from: those that it was assigned from afar, and else those of its own configuration. An empty list: all of them.
 *
 * Authority: the worker's row in the store, which each heartbeat reads. What is `taken` is told with the heartbeat, so that everybody who asks which
 * queues have a worker is answered by what is so, and not by what is wanted.
 */
export class TakenQueues {
  private assignment: QueueAssignment | null = null;
  private now: readonly string[];
  private readonly listeners: (() => void)[] = [];

  constructor(
    /** Of its configuration. */
    readonly own: readonly string[],
    /** Other queues are taken from than before. */
    private readonly changed: () => void = () => undefined,
  ) {
    this.now = own;
  }

  get assigned(): QueueAssignment | null {
    return this.assignment;
  }

  get wanted(): readonly string[] {
    return this.assignment?.queues ?? this.own;
  }

  get taken(): readonly string[] {
    return this.now;
  }

  /** What the store has said last. True, and the listeners are called, if other queues are wanted than before. */
  assign(assignment: QueueAssignment | null): boolean {
    const before = this.wanted;
    this.assignment = assignment;
    if (isSame(before, this.wanted)) return false;
    for (const listener of this.listeners) listener();
    return true;
  }

  /** From now on these are taken from, and no others. */
  took(queues: readonly string[]): void {
    const before = this.now;
    this.now = queues;
    if (!isSame(before, queues)) this.changed();
  }

  listen(wanted: () => void): void {
    this.listeners.push(wanted);
  }
}

/** Whether a worker that takes from these queues takes from this one. */
export function takesFrom(queues: readonly string[], queue: string): boolean {
  return queues.length === 0 || queues.includes(queue);
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((queue) => other.includes(queue));
}
