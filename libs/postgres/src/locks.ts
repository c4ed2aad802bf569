import { createHash } from 'node:crypto';

/**
 * The advisory locks of Longhaul. The first of their two keys says what for and whose: it is made of the purpose and the schema, so that
 * neither two purposes nor two installations in one database ever meet. What the second one is stands with each purpose.
 */
export type LockPurpose =
  /** A worker's process lives. Second key: the worker's id. */
  | 'presence'
  /** The schema is being migrated. Second key: 0. */
  | 'migrations'
  /** An index of payloads is made or dropped. Second key: 0. */
  | 'payload-index'
  /** Jobs leave the waiting room. Held to the end of a transaction. Second key: 0. */
  | 'release'
  /** A job takes a unique key, or finds it taken. Held to the end of a transaction. Second key: a hash of the unique key. */
  | 'unique'
  /** A process asks for a share of a tenant's quota. Held to the end of a transaction. Second key: a hash of both names. */
  | 'quota';

/** The first key: 32 bits, as PostgreSQL takes them. */
export function lockKey(purpose: LockPurpose, schema: string): number {
  return createHash('sha256').update(`${purpose} ${schema}`).digest().readInt32BE(0);
}

/** Stands for the first key of the presence locks in the text of a statement. */
export const PRESENCE_LOCK = 'lh_presence_lock';

/** The same for the lock of the release. */
export const RELEASE_LOCK = 'lh_release_lock';

/** The same for the locks of unique keys. */
export const UNIQUE_LOCK = 'lh_unique_lock';

/** The same for the locks of quotas. */
export const QUOTA_LOCK = 'lh_quota_lock';

const MARKS = [
  [PRESENCE_LOCK, 'presence'],
  [RELEASE_LOCK, 'release'],
  [UNIQUE_LOCK, 'unique'],
  [QUOTA_LOCK, 'quota'],
] as const;

/** Puts the keys in the place of their marks. */
export function withLocks(schema: string, text: string): string {
  return MARKS.reduce((made, [mark, purpose]) => made.replaceAll(mark, String(lockKey(purpose, schema))), text);
}
