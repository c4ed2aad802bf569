import { type LimitsAt, NO_LIMITS } from './matching.js';

/**
 * The limits as this process has read them. They are read when a statement that was to store jobs has found them out of date, and at no other time:
 * each of those statements compares the revision, so that no job is stored by limits that have changed before.
 */
export class KnownLimits {
  private known = NO_LIMITS;
  private reading: Promise<LimitsAt> | undefined;

  constructor(private readonly read: () => Promise<LimitsAt>) {}

  get current(): LimitsAt {
    return this.known;
  }

  /** Reads them anew, once for all that ask meanwhile. Never goes back to an older revision, which a read replica may have. */
  refresh(): Promise<LimitsAt> {
    return (this.reading ??= this.readNow().finally(() => (this.reading = undefined)));
  }

  private async readNow(): Promise<LimitsAt> {
    const read = await this.read();
    if (read.revision >= this.known.revision) this.known = read;
    return this.known;
  }
}
