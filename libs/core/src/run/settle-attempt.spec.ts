import { ProcessLostError, RefusedSettlementError } from '../job/errors.js';
import type { Job, LeaseToken, PublishId, WorkerId } from '../job/job.js';
import { jsonText } from '../job/json-text.js';
import { markPlatformFault } from '../job/platform-fault.js';
import type { Settlement } from './attempt-store.js';
import type { SettlingTransaction } from './transactions.js';
import { FakeDelivery, impatientClock, MemoryAttempts, MemoryTransactions, RecordingLogger, sampleClaim } from '../testing/index.js';
import { AttemptContext } from './attempt-context.js';
import { Execution } from './execution.js';
import type { RunnerDependencies } from './runner-dependencies.js';
import { SettleAttempt } from './settle-attempt.js';

const token = 'token' as LeaseToken;

/** An attempt whose handler ran in another process and has its transaction open there. */
function attemptElsewhere(settle: (store: MemoryAttempts, settlement: Settlement) => ReturnType<SettlingTransaction['settle']>) {
  const store = new MemoryAttempts();
  const job = store.put({ state: 'running', attempt: 1 }, { token });
  const claimed = sampleClaim({ ...job, token });
  const parts = { store, transactions: new MemoryTransactions(), logger: new RecordingLogger(), clock: impatientClock() };
  const ends: string[] = [];
  const announced: Job[] = [];
  const delivery = new FakeDelivery(job.id, 'copy' as PublishId);
  const execution = new Execution<string>(job.id, 'copy' as PublishId, token, 'default', delivery);
  execution.context = new AttemptContext<string>(claimed, parts);
  execution.context.settleThrough({
    settle: (settlement) => settle(store, settlement),
    rollback: async () => void ends.push('rolled back'),
  });
  const deps = {
    ...parts,
    announce: async (ended: readonly Job[]) => {
      announced.push(...ended);
      return new Map();
    },
    announceFromOutbox: true,
    classify: (error: unknown) => (error instanceof RangeError ? 'data' : 'connection'),
    workerId: () => 1 as WorkerId,
    handlers: { policy: () => undefined },
    random: () => 0.5,
    config: { maxBatch: 10 },
  } as unknown as RunnerDependencies<string>;
  return { store, job, claimed, execution, delivery, announced, ends, settling: new SettleAttempt(deps) };
}

async function settled(store: MemoryAttempts, settlement: Settlement) {
  const [answer] = await store.settle([settlement], 'theirs');
  return answer ?? { settled: false as const };
}

describe('an attempt whose transaction is open in another process', () => {
  test('is settled there when it has succeeded', async () => {
    const { store, job, claimed, execution, delivery, announced, ends, settling } = attemptElsewhere(settled);
    await settling.settle(execution, claimed, { event: 'succeeded', result: jsonText(1) });
    expect(store.job(job.id)).toMatchObject({ state: 'succeeded', result: '1' });
    expect(announced).toHaveLength(1);
    expect(delivery.disposition).toBe('accepted');
    expect(ends).toEqual([]);
  });

  test('is rolled back there, and settled here, when it has not', async () => {
    const { store, job, claimed, execution, ends, settling } = attemptElsewhere(() => Promise.reject(new Error('never asked')));
    await settling.settle(execution, claimed, { event: 'retried', delayMs: 1 });
    expect(ends).toEqual(['rolled back']);
    expect(store.job(job.id).state).toBe('scheduled');
  });

  test('has failed when that process dies before its commit', async () => {
    const { store, job, claimed, execution, ends, settling } = attemptElsewhere(() => Promise.reject(new ProcessLostError('process_lost', 'SIGKILL')));
    await settling.settle(execution, claimed, { event: 'succeeded' });
    expect(store.job(job.id)).toMatchObject({ state: 'scheduled', errors: [{ code: 'process_lost' }] });
    expect(ends).toEqual(['rolled back']);
  });

  test('is not charged when the platform has ended its transaction (C17, C38)', async () => {
    const lost = new Error('the connection was closed');
    markPlatformFault(lost);
    const { store, job, claimed, execution, ends, settling } = attemptElsewhere(() => Promise.reject(lost));
    await settling.settle(execution, claimed, { event: 'succeeded' });
    expect(store.job(job.id)).toMatchObject({
      state: 'scheduled',
      attempt: 0,
      errors: [{ code: 'platform_unavailable', message: 'the connection was closed' }],
    });
    expect(ends).toEqual(['rolled back']);
  });

  test('has failed for good when the store refuses its outcome for its data, and what it wrote is rolled back (C1)', async () => {
    const refusal = new RefusedSettlementError('unsupported Unicode escape sequence');
    const { store, job, claimed, execution, ends, settling } = attemptElsewhere(() => Promise.reject(refusal));
    await settling.settle(execution, claimed, { event: 'succeeded', result: jsonText('x') });
    expect(store.job(job.id)).toMatchObject({ state: 'failed', attempt: 1, errors: [{ code: 'result_not_storable' }] });
    expect(ends).toEqual(['rolled back']);
  });

  test('is charged when its transaction cannot be committed for what it wrote', async () => {
    const { store, job, claimed, execution, settling } = attemptElsewhere(() => Promise.reject(new Error('a deferred constraint')));
    await settling.settle(execution, claimed, { event: 'succeeded' });
    expect(store.job(job.id)).toMatchObject({ state: 'scheduled', attempt: 1, errors: [{ code: 'transaction_failed' }] });
  });

  test('has succeeded when that process dies after its commit: its answer is not needed', async () => {
    const { store, job, claimed, execution, announced, settling } = attemptElsewhere(async (theirs, settlement) => {
      await settled(theirs, settlement);
      throw new ProcessLostError('process_lost', 'SIGKILL');
    });
    await settling.settle(execution, claimed, { event: 'succeeded', result: jsonText('kept') });
    expect(store.job(job.id)).toMatchObject({ state: 'succeeded', result: '"kept"', errors: [] });
    expect(announced).toHaveLength(1);
  });

  test('is dropped when another worker has the job by then', async () => {
    const { store, job, claimed, execution, announced, settling } = attemptElsewhere(settled);
    store.steal(job.id);
    await settling.settle(execution, claimed, { event: 'succeeded' });
    expect(store.job(job.id).state).toBe('running');
    expect(announced).toEqual([]);
  });
});

describe('an attempt that is settled, and whose answer never comes while its lease runs out', () => {
  test('gives its delivery back, so that the next worker announces what nobody has', async () => {
    const { store, job, claimed, execution, delivery, announced, settling } = attemptElsewhere(settled);
    const settle = store.settle.bind(store);
    store.settle = async (...batch) => {
      await settle(...batch);
      execution.context?.stop('lease_lost', 'no heartbeat');
      throw new Error('no answer in time');
    };
    await settling.settle(execution, claimed, { event: 'retried', delayMs: 1 });
    expect(store.job(job.id).state).toBe('scheduled');
    expect(announced).toEqual([]);
    expect(delivery.disposition).toBe('released');
  });
});

describe('an attempt whose lease could not be renewed in time, and that is over', () => {
  test('is given back without a crash or an attempt as soon as the store answers, and its delivery goes only then (C38)', async () => {
    const { store, job, claimed, execution, delivery, settling } = attemptElsewhere(settled);
    for (let n = 0; n < 3; n++) store.faults.plan('settle', new Error('no answer'));
    const row = () => ({ state: store.job(job.id).state, attempt: store.job(job.id).attempt });
    const settle = store.settle.bind(store);
    store.settle = (...batch) => {
      expect(delivery.disposition).toBeUndefined();
      return settle(...batch);
    };
    execution.context?.stop('lease_lost', 'no heartbeat');
    await settling.giveBack(execution, claimed);
    expect(row()).toEqual({ state: 'scheduled', attempt: 0 });
    expect(store.job(job.id).errors).toMatchObject([{ code: 'platform_unavailable' }]);
    expect(delivery.disposition).toBe('accepted');
  });

  test('gives its delivery back untold where another worker has the job by then, and where the store stays away (C38)', async () => {
    const taken = attemptElsewhere(settled);
    taken.store.steal(taken.job.id);
    await taken.settling.giveBack(taken.execution, taken.claimed);
    expect([taken.store.job(taken.job.id).state, taken.delivery.disposition]).toEqual(['running', 'released']);
    const away = attemptElsewhere(settled);
    away.execution.context?.stop('lease_lost', 'no heartbeat');
    away.store.settle = () => Promise.reject(new Error('no answer'));
    await away.settling.giveBack(away.execution, away.claimed);
    expect([away.store.job(away.job.id).state, away.delivery.disposition]).toEqual(['running', 'released']);
  });
});

test('a result that the store refuses for its data ends the job as failed, with that reason, and is not sent again and again (C1)', async () => {
  const { store, job, claimed, execution, delivery, announced, settling } = attemptElsewhere(settled);
  const alone = Object.assign(execution, { context: undefined });
  store.faults.plan('settle', new RangeError('string too long to represent as jsonb string'));
  await settling.settle(alone, claimed, { event: 'succeeded', result: jsonText('x') });
  expect(store.job(job.id)).toMatchObject({ state: 'failed', errors: [{ code: 'result_not_storable', attempt: 1 }] });
  expect(announced).toHaveLength(1);
  expect(delivery.disposition).toBe('rejected');
});

test('large results are settled in several statements, each with 2 Mi characters at most', async () => {
  const store = new MemoryAttempts();
  const sizes: number[] = [];
  const settle = (settlements: Settlement[]) => {
    sizes.push(settlements.length);
    return store.settle(settlements);
  };
  const deps = {
    store: { settle },
    announce: async () => undefined,
    logger: new RecordingLogger(),
    clock: impatientClock(),
    config: { maxBatch: 10 },
  } as unknown as RunnerDependencies<string>;
  const settling = new SettleAttempt(deps);
  const result = jsonText('x'.repeat(750_000));
  const attempts = Array.from({ length: 5 }, (_, index) => {
    const own = `token ${index}` as LeaseToken;
    const job = store.put({ state: 'running', attempt: 1 }, { token: own });
    return settling.settle(new Execution<string>(job.id, null, own, 'default', null), sampleClaim({ ...job, token: own }), { event: 'succeeded', result });
  });
  await Promise.all(attempts);
  expect(sizes).toEqual([2, 2, 1]);
});
