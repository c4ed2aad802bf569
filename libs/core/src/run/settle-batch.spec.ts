import type { JobId, LeaseToken } from '../job/job.js';
import { jsonText } from '../job/json-text.js';
import type { Settlement } from './attempt-store.js';
import { SettleBatch, withoutRefused } from './settle-batch.js';

const settlement = (n: number): Settlement => ({ jobId: `job ${n}` as JobId, token: `token ${n}` as LeaseToken, event: 'succeeded', announce: false });
const all = [5, 3, 1, 4, 2, 0, 7, 6].map(settlement);

/** A store that refuses every statement with one of these jobs in it. */
function refusing(...bad: string[]) {
  const statements: number[] = [];
  const settle = async (settlements: Settlement[]) => {
    statements.push(settlements.length);
    if (settlements.some(({ jobId }) => bad.includes(jobId))) throw new RangeError('refused');
    return settlements.map(({ jobId }) => ({ settled: true as const, job: { kind: jobId } as never }));
  };
  return { statements, batch: new SettleBatch({ settle }, (error) => (error instanceof RangeError ? 'data' : 'connection')) };
}

test('a settlement that the store refuses for its data leaves its neighbours to pass, each with its own answer (C1)', async () => {
  const { batch, statements } = refusing('job 4');
  const answers = await batch.settle(all);
  expect(answers.map((answer) => (answer instanceof Error ? answer.message : answer.settled && answer.job.kind))).toEqual(
    all.map(({ jobId }) => (jobId === 'job 4' ? 'refused' : jobId)),
  );
  expect(statements).toEqual([8, 4, 4, 2, 1, 1, 2]);
});

test('an error of the connection is an error for all of them, and nothing is split (C1)', async () => {
  let statements = 0;
  const settle = () => {
    statements++;
    return Promise.reject(new Error('connection lost'));
  };
  await expect(new SettleBatch({ settle }, () => 'connection').settle(all)).rejects.toThrow('connection lost');
  expect(statements).toBe(1);
});

test('what is refused goes without what the attempt has told, then as failed, and is never sent a third way (C1)', () => {
  const refused = { ...settlement(1), result: jsonText(1), progress: { done: 1 }, events: [] };
  const silent = withoutRefused(refused, new Error('too long\u0000'), 2);
  expect(silent).toEqual({ ...settlement(1), result: jsonText(1) });
  const failed = withoutRefused(silent as Settlement, new Error('too long\u0000'), 2);
  expect(failed).toMatchObject({ event: 'failed', error: { code: 'result_not_storable', attempt: 2, message: expect.stringContaining('too long?') } });
  expect(failed).not.toHaveProperty('result');
  expect(withoutRefused(failed as Settlement, new Error('again'), 2)).toBeUndefined();
});

test('an attempt that is to be repeated is repeated, with another error than the one that is refused (C1)', () => {
  const error = { code: 'handler_error', name: 'E', message: 'm', attempt: 1, at: '' };
  expect(withoutRefused({ ...settlement(1), event: 'retried', delayMs: 7, error }, new Error('no'), 1)).toMatchObject({ event: 'retried', delayMs: 7 });
});
