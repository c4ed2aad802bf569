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

export interface NamedLimit {
  name: string;
  settings: LimitSettings;
}

/** What the limits in code have led to. */
export interface CodeChange {
  /** Names of limits that other jobs are under now, or under other keys: those that wait are to be keyed anew. */
  rekey: string[];
  /** Names that stand in the code of another configuration, which keeps them. */
  taken: { name: string; origin: string }[];
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
  /**
   * Sets the limits of a configuration's code, and takes away those of the same configuration that stand in it no more. Where the API has set one of the same
   * name, that one holds, and what code says is kept beside it. Of two processes one comes after the other. `origin` is `code:<configuration>`.
   */
  putCode(origin: string, limits: readonly NamedLimit[], transaction: Transaction): Promise<CodeChange>;
  /** False where there is no such limit. */
  override(name: string, override: LimitOverride | null): Promise<boolean>;
  /** The limits for matching, at their revision. */
  current(): Promise<LimitsAt>;
}
