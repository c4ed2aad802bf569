import type { SettleAnswer, Settlement } from './attempt-store.js';

/** Runs work in one transaction of the store. */
export interface Transactions<Transaction = unknown> {
  begin(): Promise<OpenTransaction<Transaction>>;
}

export interface OpenTransaction<Transaction = unknown> {
  transaction: Transaction;
  /** Runs work on a savepoint: what it wrote is rolled back to there when it throws, and what came before stays. */
  nested<Result>(work: () => Promise<Result>): Promise<Result>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** Why the platform has ended it, if it has: its connection was lost, it met another one, or there is no room. Not what its statements were refused for. */
  fault(): Error | undefined;
}

/** A handler's transaction when its handler has ended, wherever its connection is: here or in a child process. */
export interface SettlingTransaction {
  /**
   * Writes the settlement inside the transaction and commits both, or rolls both back when the row is no longer the
   * token's. When it rejects, the transaction's end is unknown; it is over when `rollback` has been awaited too.
   */
  settle(settlement: Settlement): Promise<SettleAnswer>;
  /** Never rejects. */
  rollback(): Promise<void>;
}
