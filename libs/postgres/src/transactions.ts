import type { OpenTransaction, Transactions } from '@app/core';
import type { DataSource, EntityManager } from 'typeorm';

/** Transactions for handlers: on a connection of the pool, with more patience for locks than our own statements have. */
export class PostgresTransactions implements Transactions<EntityManager> {
  constructor(private readonly dataSource: DataSource) {}

  async begin(): Promise<OpenTransaction<EntityManager>> {
    const runner = this.dataSource.createQueryRunner();
    try {
      await runner.connect();
      await runner.startTransaction();
      await runner.query(`SET LOCAL lock_timeout = '30s'`);
    } catch (error) {
      await runner.release();
      throw error;
    }
    return {
      transaction: runner.manager,
      commit: () => runner.commitTransaction().finally(() => runner.release()),
      // A connection that is gone has rolled back by itself.
      rollback: async () => {
        if (runner.isReleased) return;
        await runner.rollbackTransaction().catch(() => undefined);
        await runner.release();
      },
    };
  }
}
