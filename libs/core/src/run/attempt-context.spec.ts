import { isPlatformFault } from '../job/platform-fault.js';
import { LeaseLostError, RefusedSettlementError } from '../job/errors.js';
import type { LeaseToken } from '../job/job.js';
import { MemoryAttempts, MemoryTransactions, RecordingLogger, sampleClaim } from '../testing/index.js';
import { AttemptContext } from './attempt-context.js';

const token = 'token' as LeaseToken;

function attempt() {
  const store = new MemoryAttempts();
  const transactions = new MemoryTransactions();
  const logger = new RecordingLogger();
  const job = store.put({ state: 'running', attempt: 1 }, { token });
  const context = new AttemptContext(sampleClaim({ ...job, token }), { store, transactions, logger });
  return { store, transactions, logger, job, context };
}

describe('a step', () => {
  test('runs once; a later attempt gets what it gave', async () => {
    const { store, transactions, logger, job, context } = attempt();
    expect(await context.step('upload', async () => ({ etag: 'e' }))).toEqual({ etag: 'e' });
    const later = new AttemptContext(sampleClaim({ ...job, token }), { store, transactions, logger });
    const again = await later.step('upload', () => Promise.reject(new Error('ran again')));
    expect(again).toEqual({ etag: 'e' });
  });

  test('that fails is not remembered', async () => {
    const { context } = attempt();
    await expect(context.step('upload', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await context.step('upload', async () => 1)).toBe(1);
  });

  test('whose lease went to another worker says so, and stops the attempt', async () => {
    const { store, job, context } = attempt();
    await expect(context.step('upload', async () => (store.steal(job.id), 1))).rejects.toThrow(LeaseLostError);
    expect(context.stopped?.reason).toBe('lease_lost');
  });
});

describe('a transaction', () => {
  test('cannot be opened by a handler that goes on after its attempt has ended', async () => {
    const { context, transactions } = attempt();
    context.end();
    await expect(context.transaction(async () => 1)).rejects.toThrow(LeaseLostError);
    expect(transactions.begun).toBe(0);
  });

  test('is one for the whole attempt, however often it is asked for', async () => {
    const { context } = attempt();
    const both = await Promise.all([context.transaction(async (transaction) => transaction), context.transaction(async (transaction) => transaction)]);
    expect(both).toEqual(['transaction 1', 'transaction 1']);
  });

  test('is not begun by an attempt that has lost its lease', async () => {
    const { store, transactions, job, context } = attempt();
    store.steal(job.id);
    const work = remembering();
    await expect(context.transaction(work.run)).rejects.toThrow(LeaseLostError);
    expect(work.ran).toBe(false);
    expect(transactions.ends).toEqual(['rolled back']);
    expect(context.stopped?.reason).toBe('lease_lost');
    expect(await context.openTransaction()).toBeUndefined();
  });

  test('that cannot lock the row is rolled back', async () => {
    const { store, transactions, context } = attempt();
    store.faults.plan('holds', new Error('connection lost'));
    await expect(context.transaction(async () => 1)).rejects.toThrow('connection lost');
    expect(transactions.ends).toEqual(['rolled back']);
  });
});

describe('progress', () => {
  test('keeps only the newest, and gives it once', () => {
    const { context } = attempt();
    context.progress({ done: 1, total: 10 });
    context.progress({ done: 2, message: 'half' });
    expect(context.takeProgress()).toEqual({ done: 2, message: 'half' });
    expect(context.takeProgress()).toBeUndefined();
  });

  test('is made fit to be stored', () => {
    const { context } = attempt();
    context.progress({ done: 1, total: Infinity, message: `\u0000\ud800${'x'.repeat(1_000)}` });
    const { total, message } = context.takeProgress() ?? { done: 0 };
    expect(total).toBeUndefined();
    expect(message).toMatch(/^\ufffdx+$/);
    expect(message?.length).toBeLessThanOrEqual(500);
  });

  test('that is no progress keeps what was told before, and never fails the handler (C9)', () => {
    const { context } = attempt();
    context.progress({ done: 3 });
    for (const told of [
      undefined,
      null,
      'x',
      {},
      { done: NaN },
      { done: 'x' },
      {
        get done(): number {
          throw new Error('no');
        },
      },
    ])
      context.progress(told as never);
    expect(context.takeProgress()).toEqual({ done: 3 });
    context.progress({ done: 4n, total: null, message: null } as never);
    expect(context.takeProgress()).toEqual({ done: 4 });
    context.progress({ done: NaN, message: new Error('slow') } as never);
    expect(context.takeProgress()).toEqual({ done: 4, message: 'Error: slow' });
  });
});

test('of several stops the first reason stands', () => {
  const { context } = attempt();
  context.stop('cancel', 'first');
  context.stop('drain', 'second');
  expect(context.signal.aborted).toBe(true);
  expect(context.stopped).toMatchObject({ reason: 'cancel', message: 'first' });
});

test('a line that the handler logs carries its fields, and says which attempt of which job it is about', () => {
  const { logger, context, job } = attempt();
  context.log('hello', { rows: 3 });
  expect(logger.entries).toEqual([{ level: 'info', message: 'hello', fields: { jobId: job.id, kind: job.kind, attempt: 1, rows: 3 } }]);
});

describe('its signal', () => {
  test('fires when the attempt is told to stop, with the first reason', () => {
    const { context } = attempt();
    const { signal } = context;
    context.stop('timeout', 'too long');
    context.stop('drain', 'later');
    expect(signal.reason).toMatchObject({ reason: 'timeout' });
    expect(context.stopped).toBe(signal.reason);
  });

  test('has fired for a handler that asks for it only afterwards', () => {
    const { context } = attempt();
    context.stop('cancel', 'cancelled');
    expect(context.signal.aborted).toBe(true);
    expect(context.signal.reason).toBe(context.stopped);
  });
});

/** Work that remembers whether it ran. */
function remembering() {
  const work = { ran: false, run: async () => void (work.ran = true) };
  return work;
}

describe('a transaction in which a call throws and the handler goes on', () => {
  function attempt() {
    const store = new MemoryAttempts();
    const job = store.put({ state: 'running', attempt: 1 }, { token: 'token' as LeaseToken });
    const transactions = new MemoryTransactions();
    const claimed = sampleClaim({ ...job, token: 'token' as LeaseToken });
    return { transactions, context: new AttemptContext<string>(claimed, { store, transactions, logger: new RecordingLogger() }) };
  }

  test('is rolled back with what the call wrote, and the next call has another (C4)', async () => {
    const { transactions, context } = attempt();
    await expect(context.transaction(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(transactions.ends).toEqual(['rolled back']);
    expect(await context.openTransaction()).toBeUndefined();
    expect(await context.transaction(async (transaction) => transaction)).toBe('transaction 2');
  });

  test('keeps what earlier calls wrote, and calls beside each other take turns (C4)', async () => {
    const { transactions, context } = attempt();
    const order: string[] = [];
    const call = (name: string) => context.transaction(async () => {
      order.push(`${name} begins`);
      await Promise.resolve();
      order.push(`${name} ends`);
      if (name === 'second') throw new Error('no');
    }); // prettier-ignore
    const ends = await Promise.allSettled([call('first'), call('second'), call('third')]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(order).toEqual(['first begins', 'first ends', 'second begins', 'second ends', 'third begins', 'third ends']);
    expect(transactions).toMatchObject({ begun: 1, ends: [] });
  });

  test('may be asked for within a call, and waits for nobody then (C4)', async () => {
    const { transactions, context } = attempt();
    expect(await context.transaction(() => context.transaction(async (transaction) => transaction))).toBe('transaction 1');
    expect(transactions.begun).toBe(1);
  });
});

describe('an error of the platform in a handler (C38)', () => {
  test('is known as one where the transaction is over for it, also below an error of the handler, and in a nested call', async () => {
    const { transactions, context } = attempt();
    transactions.fault = new Error('the connection was closed');
    const cut = new Error('Connection terminated unexpectedly');
    await expect(context.transaction(() => Promise.reject(cut))).rejects.toBe(cut);
    expect(isPlatformFault(new Error('my own words', { cause: cut }))).toBe(true);
    const within = new Error('within');
    await expect(context.transaction(() => context.transaction(() => Promise.reject(within)))).rejects.toBe(within);
    expect(isPlatformFault(within)).toBe(true);
  });

  test('is none where the transaction could go on', async () => {
    const { context } = attempt();
    const own = new Error('no such account');
    await expect(context.transaction(() => Promise.reject(own))).rejects.toBe(own);
    expect(isPlatformFault(own)).toBe(false);
  });

  test('is none where the store refuses the outcome for its data: that is told apart, and again in no attempt (C1)', async () => {
    const { store, transactions, job } = attempt();
    const context = new AttemptContext<string>(sampleClaim({ ...job, token }), { store, transactions, logger: new RecordingLogger(), classify: () => 'data' });
    await context.transaction(async () => 1);
    store.faults.plan('settleInTransaction', new Error('refused'));
    const open = await context.openTransaction();
    await expect(open?.settle({ jobId: job.id, token, event: 'succeeded', announce: false })).rejects.toThrow(RefusedSettlementError);
  });

  test('is one where no transaction can be opened, and where a step does not reach the store', async () => {
    const { store, transactions, context } = attempt();
    const away = new Error('connect ECONNREFUSED');
    transactions.faults.plan('begin', away);
    await expect(context.transaction(async () => 1)).rejects.toBe(away);
    const gone = new Error('connection lost');
    store.faults.plan('readStep', gone);
    await expect(context.step('step', async () => 1)).rejects.toBe(gone);
    expect([isPlatformFault(away), isPlatformFault(gone)]).toEqual([true, true]);
  });
});
