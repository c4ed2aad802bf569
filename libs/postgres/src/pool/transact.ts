import type { EntityManager } from 'typeorm';
import type { Database } from './database.js';
import { SingleTransaction } from './transactions.js';

/** Several of our own statements as one. Rolled back when `work` rejects; when this rejects after `work`, it is not known whether it is committed. */
export async function transact<Result>(db: Database, work: (transaction: EntityManager) => Promise<Result>): Promise<Result> {
  const open = await SingleTransaction.begin(db.dataSource);
  let result: Result;
  try {
    result = await work(open.manager);
  } catch (error) {
    await open.abandon();
    throw error;
  }
  await open.commit();
  return result;
}
