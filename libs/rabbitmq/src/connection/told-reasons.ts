/** A reason that lasts is logged again after this time. */
const REPEAT_MS = 60_000;

/**
 * Remembers which reasons have been logged. Each is logged when it comes up, and again each minute while it lasts. The connections of a process
 * share this, because they mostly fail for one reason.
 */
export class ToldReasons {
  private readonly at = new Map<string, number>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whether to log the reason now. */
  isNew(reason: string): boolean {
    const now = this.now();
    const before = this.at.get(reason);
    if (before !== undefined && now - before < REPEAT_MS) return false;
    for (const [old, at] of this.at) if (now - at >= REPEAT_MS) this.at.delete(old);
    this.at.set(reason, now);
    return true;
  }

  /** Call it when the reason is gone. If it comes up again, it is logged at once. */
  forget(reason: string): void {
    this.at.delete(reason);
  }
}
