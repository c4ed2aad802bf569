/** How long what has ended is kept, in seconds from its end; null for ever. Of jobs, where no rule says otherwise. */
export interface RetentionLimits {
  succeededSeconds: number | null;
  /** Failed and cancelled jobs, and their dead letters. */
  failedSeconds: number | null;
  /** Dead letters of messages, from when the same message last came. */
  letterSeconds: number | null;
  /** Figures by the minute, from the beginning of their minute. Those of ten seconds are of no use after a quarter of an hour. */
  statsSeconds: number | null;
}

export interface Pruned {
  /** Rows. */
  removed: number;
  /** Whether there is more to look at now. */
  more: boolean;
}

export interface RetentionStore {
  /**
   * Removes about `limit` of each: finished jobs past their time, with their steps, events and dead letters; webhook
   * deliveries as old; dead letters of messages past theirs; idempotency keys that have expired. Never a job whose outcome is still to be announced or told, nor one
   * before the rules that the same statement reads let it go. Each kind of row in a statement of its own, skipping what is locked, so that any number of processes
   * may do it.
   */
  prune(limits: RetentionLimits, limit: number): Promise<Pruned>;
}
