/** What the store has to carry, measured at one moment. Counts beyond a few million are cut off: they only have to be too many. */
export interface Load {
  /** Jobs that have not ended, by queue; a queue without any may be missing. */
  unfinished: ReadonlyMap<string, number>;
  /** Those of `unfinished` whose time has not come, by queue; a queue without any may be missing. */
  scheduled: ReadonlyMap<string, number>;
  /** Messages that are due, or will be within half a minute. */
  outboxRows: number;
  /** How long the oldest due message has waited, in seconds; 0 when none is due. */
  outboxAgeSeconds: number;
}

export interface LoadReader {
  /** One statement. Rejects when the store does not answer. */
  read(): Promise<Load>;
}
