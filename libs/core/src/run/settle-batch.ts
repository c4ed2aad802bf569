import type { AttemptStore, SettleAnswer, Settlement } from './attempt-store.js';
import type { ErrorClass } from '../submit/store-submissions.js';

/**
 * Settles a batch so that one settlement cannot keep the others from being written. An answer for each, in order; an error for what
 * the store refuses for its data, found by halves. Rejects where the error lies in the connection: then nothing is known of any.
 */
export class SettleBatch {
  constructor(
    private readonly store: Pick<AttemptStore, 'settle'>,
    private readonly classify: (error: unknown) => ErrorClass,
  ) {}

  async settle(settlements: Settlement[]): Promise<(SettleAnswer | Error)[]> {
    // Rows in one order: two batches that wait for each other's rows would be a deadlock.
    const sorted = settlements.map((settlement, index) => ({ settlement, index })).sort((a, b) => (a.settlement.jobId < b.settlement.jobId ? -1 : 1));
    const answers = await this.inHalves(sorted.map(({ settlement }) => settlement));
    const inOrder: (SettleAnswer | Error)[] = [];
    sorted.forEach(({ index }, position) => (inOrder[index] = answers[position] as SettleAnswer | Error));
    return inOrder;
  }

  private async inHalves(settlements: Settlement[]): Promise<(SettleAnswer | Error)[]> {
    try {
      return await this.store.settle(settlements);
    } catch (error) {
      if (this.classify(error) !== 'data') throw error;
      if (settlements.length === 1) return [error as Error];
      const half = settlements.length >> 1;
      // What the first half has written is recognised, should the second one's error make all of them come again.
      return [...(await this.inHalves(settlements.slice(0, half))), ...(await this.inHalves(settlements.slice(half)))];
    }
  }
}

/**
 * What can be written of an attempt whose settlement the store refuses for its data: the same without what the attempt has told; then
 * that it has failed, for a result that cannot be kept is no success. Undefined when nothing is left to leave out.
 */
export function withoutRefused(settlement: Settlement, refusal: Error, attempt: number): Settlement | undefined {
  const { jobId, token, announce, event, events, progress, error } = settlement;
  if (events !== undefined || progress !== undefined) {
    const rest = { ...settlement };
    delete rest.events;
    delete rest.progress;
    return rest;
  }
  if (error?.code === 'result_not_storable') return undefined;
  // Of an attempt that is to be repeated only its error can be at fault.
  if (event === 'retried')
    return {
      jobId,
      token,
      announce,
      event,
      error: describeRefusal(refusal, attempt),
      ...(settlement.delayMs === undefined ? {} : { delayMs: settlement.delayMs }),
    };
  return refused(settlement, refusal, attempt);
}

/** The end of an attempt whose outcome cannot be kept, whatever it was. */
export function refused({ jobId, token, announce }: Settlement, refusal: Error, attempt: number): Settlement {
  return { jobId, token, announce, event: 'failed', error: describeRefusal(refusal, attempt) };
}

function describeRefusal(refusal: Error, attempt: number) {
  const reason = refusal.message.replace(/[^ -~]/g, '?').slice(0, 500);
  const message = `expected an outcome that the store can keep, got one that it refuses: ${reason}; keep what is large or unusual as a file and return its id`;
  return { code: 'result_not_storable', name: 'ResultNotStorable', message, attempt, at: new Date().toISOString() };
}
