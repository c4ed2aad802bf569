import type { OpenTransaction, Transactions } from '../run/transactions.js';
import { Faults } from './faults.js';

/** Transactions that only remember how they ended. A failed commit (`faults.plan('commit')`) has committed nothing. */
export class MemoryTransactions implements Transactions<string> {
  readonly faults = new Faults();
  readonly ends: ('committed' | 'rolled back')[] = [];
  begun = 0;
  /** Why the platform has ended whatever transaction is open. */
  fault: Error | undefined;

  async begin(): Promise<OpenTransaction<string>> {
    this.faults.meet('begin');
    let open = true;
    const end = (how: 'committed' | 'rolled back') => {
      if (open) this.ends.push(how);
      open = false;
    };
    return {
      transaction: `transaction ${++this.begun}`,
      nested: (work) => work(),
      commit: async () => {
        this.faults.meet('commit');
        end('committed');
      },
      rollback: async () => end('rolled back'),
      fault: () => this.fault,
    };
  }
}
