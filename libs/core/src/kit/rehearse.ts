/** Does `work` in a transaction that is undone, and resolves with what it says: nothing of what it writes is kept. Rejects as `work` does. */
export async function rehearse<Transaction, Said>(
  transact: (work: (transaction: Transaction) => Promise<never>) => Promise<never>,
  work: (transaction: Transaction) => Promise<Said>,
): Promise<Said> {
  const undo = new Error('a dry run keeps nothing');
  let said: [Said] | undefined;
  return transact(async (transaction) => {
    said = [await work(transaction)];
    throw undo;
  }).catch((error: unknown) => {
    if (error === undo && said) return said[0];
    throw error;
  });
}
