import type { EntityManager } from 'typeorm';
import type { Database } from './database.js';
import { despiteDeadlocks } from './deadlock.js';
import { SingleTransaction } from './transactions.js';

/**
 * Several of our own statements as one. Rolled back when `work` rejects; when this rejects after `work`, it is not known whether it is committed.
 * `work` is done again, in a new transaction, where PostgreSQL has rolled it back to end a deadlock: what it does beside its statements happens again too.
 */
export async function transact<Result>(db: Database, work: (transaction: EntityManager) => Promise<Result>): Promise<Result> {
  const { open, result } = await despiteDeadlocks(() => begun(db, work));
  await open.commit();
  return result;
}

async function begun<Result>(db: Database, work: (transaction: EntityManager) => Promise<Result>): Promise<{ open: SingleTransaction; result: Result }> {
  const open = await SingleTransaction.begin(db.dataSource);
  try {
    return { open, result: await work(open.manager) };
  } catch (error) {
    await open.abandon();
    throw error;
  }
}
