import fc from 'fast-check';
import type { LeaseToken, PublishId, WorkerId } from '../job/job.js';
import { JOB_STATES } from '../job/lifecycle.js';
import type { ClaimFacts } from './attempt-store.js';
import { decideDelivery } from './decide-delivery.js';

const delivery = { queue: 'default', publishId: 'copy' as PublishId, token: 'my-token' as LeaseToken, workerId: 1 as WorkerId };

function facts(more: Partial<ClaimFacts>): ClaimFacts {
  return {
    state: 'running',
    attempt: 1,
    maxAttempts: 3,
    crashes: 0,
    late: false,
    token: 'their-token' as LeaseToken,
    publishId: 'copy' as PublishId,
    workerId: 2 as WorkerId,
    ownerAlive: false,
    ownerDied: true,
    ...more,
  };
}

const other = 'another copy' as PublishId;

describe('a delivery whose job could not be claimed at once', () => {
  test.each([
    ['of a job that is gone is dropped', null, { action: 'drop' }],
    ['of a job that ended under this copy is announced again', facts({ state: 'succeeded' }), { action: 'announce' }],
    ['of a job that ended under another copy is dropped', facts({ state: 'failed', publishId: other }), { action: 'drop' }],
    ['of a job whose time has not come is dropped', facts({ state: 'scheduled' }), { action: 'drop' }],
    ['of a queued job that was moved to another queue gives it a place there', facts({ state: 'queued', queue: 'slow' }), { action: 'await-turn' }],
    ['of a running job is for its queue to say nothing', facts({ queue: 'slow' }), { action: 'take-over', heldToken: 'their-token', crashed: true }],
    ['of a queued job is claimed again', facts({ state: 'queued' }), { action: 'claim' }],
    ['of a queued job that crashed a worker is claimed alone', facts({ state: 'queued', crashes: 1 }), { action: 'claim-suspect' }],
    [
      'of a queued job with limits and without their slots gives it a place in the waiting room',
      facts({ state: 'queued', waits: true }),
      { action: 'await-turn' },
    ],
    [
      'of a queued job without slots that crashed a worker gives it a place too, for a suspect has limits like any other',
      facts({ state: 'queued', crashes: 1, waits: true }),
      { action: 'await-turn' },
    ],
    [
      'of a queued job without slots and without attempts left ends it',
      facts({ state: 'queued', attempt: 3, waits: true }),
      { action: 'exhaust', heldToken: null },
    ],
    ['of a queued job without attempts left ends it', facts({ state: 'queued', attempt: 3 }), { action: 'exhaust', heldToken: null }],
    ['of a queued job that should have started by now ends it', facts({ state: 'queued', late: true, crashes: 1 }), { action: 'expire' }],
    ['whose claim was ours runs', facts({ token: delivery.token }), { action: 'run' }],
    ['of a job that runs under another copy is dropped', facts({ publishId: other }), { action: 'drop' }],
    ['whose owner lives is parked', facts({ ownerAlive: true }), { action: 'park' }],
    ['whose owner is gone takes over', facts({}), { action: 'take-over', heldToken: 'their-token', crashed: true }],
    [
      'whose owner is gone in the last attempt takes over, for a lost worker costs none (C38)',
      facts({ attempt: 3 }),
      { action: 'take-over', heldToken: 'their-token', crashed: true },
    ],
    [
      'of a suspect, whose owner was frozen or cut off, takes over without counting a crash (C38)',
      facts({ crashes: 4, ownerDied: false }),
      { action: 'take-over', heldToken: 'their-token', crashed: false },
    ],
    [
      'whose owner was frozen or cut off, perhaps by this very job, takes over under suspicion (C38)',
      facts({ ownerDied: false }),
      { action: 'take-over', heldToken: 'their-token', crashed: true },
    ],
    ['whose owner is the fifth that is gone ends the job (C38)', facts({ crashes: 4 }), { action: 'exhaust', heldToken: 'their-token' }],
    [
      'claimed by this process, but not running here, is taken over without counting a crash',
      facts({ workerId: delivery.workerId, ownerAlive: true, attempt: 3 }),
      { action: 'take-over', heldToken: 'their-token', crashed: false },
    ],
  ])('%s', (_, row, decision) => {
    expect(decideDelivery(delivery, row)).toEqual(decision);
  });

  test('never drops a copy of a queued job that has a place nowhere else, and never takes over from an owner who lives', () => {
    const anyFacts = fc.record({
      state: fc.constantFrom(...JOB_STATES),
      attempt: fc.integer({ min: 0, max: 4 }),
      maxAttempts: fc.integer({ min: 1, max: 4 }),
      crashes: fc.integer({ min: 0, max: 2 }),
      token: fc.constantFrom('my-token' as LeaseToken, 'their-token' as LeaseToken),
      publishId: fc.constantFrom('copy' as PublishId, other),
      workerId: fc.constantFrom(1 as WorkerId, 2 as WorkerId),
      ownerAlive: fc.boolean(),
      ownerDied: fc.boolean(),
      waits: fc.boolean(),
      late: fc.boolean(),
    });
    fc.assert(
      fc.property(anyFacts, (row) => {
        const { action } = decideDelivery(delivery, row);
        if (row.state === 'queued' && row.late) expect(action).toBe('expire');
        else if (row.state === 'queued') expect(row.waits ? ['await-turn', 'exhaust'] : ['claim', 'claim-suspect', 'exhaust']).toContain(action);
        if (row.ownerAlive && row.workerId !== delivery.workerId) expect(action).not.toBe('take-over');
      }),
    );
  });
});
