/** A reason that goes on is told again after so long. */
const REPEAT_MS = 60_000;

/**
 * Which reasons have been told: each is told when it comes up, and again each minute while it goes on. Shared by the connections of a process,
 * which mostly fail for one reason.
 */
export class ToldReasons {
  private readonly at = new Map<string, number>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whether it is to be told now. */
  isNew(reason: string): boolean {
    const now = this.now();
    const before = this.at.get(reason);
    if (before !== undefined && now - before < REPEAT_MS) return false;
    for (const [old, at] of this.at) if (now - at >= REPEAT_MS) this.at.delete(old);
    this.at.set(reason, now);
    return true;
  }

  /** It has been mended: should it come up again, it is told at once. */
  forget(reason: string): void {
    this.at.delete(reason);
  }
}
