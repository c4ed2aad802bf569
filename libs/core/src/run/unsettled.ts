/** Beyond that nothing is claimed: some flights of settlements. */
const MOST = 16 * 1024 * 1024;

/**
 * The payloads and results of attempts that are over and not settled, in UTF-16 units. Their slots are free again: where the store takes large
 * results more slowly than handlers return them, they would fill the memory.
 */
export class Unsettled {
  private length = 0;
  private waiting: (() => void)[] = [];

  get full(): boolean {
    return this.length >= MOST;
  }

  add(length: number): void {
    this.length += length;
  }

  remove(length: number): void {
    this.length -= length;
    if (this.waiting.length > 0 && !this.full) for (const resume of this.waiting.splice(0)) resume();
  }

  /** Resolves when more may be claimed. */
  async room(): Promise<void> {
    while (this.full) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}
