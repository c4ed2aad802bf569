import type { Limit, LimitOverride, LimitSettings, LimitUse } from './limit.js';
import type { LimitsAt } from './matching.js';

/** A limit with how it is used: by all its keys together, and by the busiest of them. */
export interface UsedLimit extends Limit, Omit<LimitUse, 'key'> {
  keys: LimitUse[];
}

/** What a change of a limit leads to. */
export interface LimitChange {
  limit: Limit | null;
  /** Other jobs are under it now, or under other keys: those that wait are to be keyed anew. */
  rekey: boolean;
}

/** The limits as people set them. */
export interface LimitStore<Transaction = unknown> {
  /** By name. With `keys`, each with its busiest keys. */
  list(): Promise<UsedLimit[]>;
  find(name: string): Promise<UsedLimit | null>;
  /** Sets the limit; it then holds over one of the same name in code. Its override, if it has one, stays. Refuses one more than MAX_LIMITS. */
  put(name: string, settings: LimitSettings, transaction?: Transaction): Promise<LimitChange>;
  /**
   * Takes away what the API has set: the limit in code of that name holds again, or none. In the same statement jobs that are parked on it
   * stop waiting for it. `code`: there is only the one in code, which stays; `unknown`: there is none.
   */
  remove(name: string, transaction?: Transaction): Promise<LimitChange | 'code' | 'unknown'>;
  /** False where there is no such limit. */
  override(name: string, override: LimitOverride | null): Promise<boolean>;
  /** The limits for matching, at their revision. */
  current(): Promise<LimitsAt>;
}
