import { decideDelivery, type JobId, jsonText, type LeaseToken, type NewJob, type WorkerId } from '@app/core';
import { jobsOf } from '@app/core/testing';
import { aJob, anError, copy, FAST_PATH_SECONDS, LEASE_SECONDS, type StoreWorld, token } from './store-world.js';

/** What every adapter of the store's ports has to do; runs on the simulated store and on PostgreSQL. */
export function storeSuite(makeWorld: () => Promise<StoreWorld>): void {
  let world: StoreWorld;
  let me: WorkerId;
  let other: WorkerId;

  beforeAll(async () => {
    world = await makeWorld();
  });
  beforeEach(async () => {
    const worker = { name: 'w', concurrency: 1, queues: [] };
    me = await world.workers.register(worker, LEASE_SECONDS);
    other = await world.workers.register(worker, LEASE_SECONDS);
    await world.holdLock(me, true);
    await world.holdLock(other, true);
  });
  afterEach(async () => {
    for (const worker of [me, other]) {
      await world.holdLock(worker, false);
      await world.workers.unregister(worker);
    }
  });
  afterAll(() => world.close());

  async function submitted(more: Partial<NewJob> = {}): Promise<JobId> {
    const job = aJob(more);
    await world.submissions.submit([job]);
    return job.id;
  }

  async function claimed(more: Partial<NewJob> = {}, by = me) {
    const jobId = await submitted(more);
    const lease = { jobId, publishId: copy(), token: token() };
    const [answer] = await world.attempts.claim(by, [lease]);
    expect(answer?.claimed).toMatchObject({ id: jobId, attempt: 1, fence: 1, state: 'running' });
    return lease;
  }

  /** So many jobs that share a row of the outbox. */
  function together(count: 2): [NewJob, NewJob];
  function together(count: 3): [NewJob, NewJob, NewJob];
  function together(count: number): NewJob[] {
    const [first, ...others] = Array.from({ length: count }, () => aJob());
    return [first as NewJob, ...others.map((job) => ({ ...job, outboxId: (first as NewJob).outboxId }))];
  }

  const key = (name: string, print = 'same') => ({ scope: 'default', key: name, fingerprint: Buffer.from(print) });

  describe('submit', () => {
    test('stores job and outbox row; the row is due only after the fast path had its time', async () => {
      const id = await submitted();
      expect(await world.row(id)).toMatchObject({ state: 'queued', attempt: 0, fence: 0, outbox: ['job'] });
      expect((await world.outbox.take(1_000, 60)).flatMap(jobsOf)).not.toContain(id);
      await world.elapse(FAST_PATH_SECONDS + 1);
      expect((await world.outbox.take(1_000, 60)).flatMap(jobsOf)).toContain(id);
    });

    test('sent again with the same ids stores nothing twice', async () => {
      const job = aJob();
      await world.submissions.submit([job]);
      expect(await world.submissions.submit([job])).toMatchObject([{ status: 'created', state: 'queued' }]);
      expect((await world.row(job.id)).outbox).toEqual(['job']);
    });

    test('one key makes one job; another request under it is a conflict; an expired key is free', async () => {
      const first = aJob({ idempotency: key('k1') });
      await world.submissions.submit([first]);
      const again = await world.submissions.submit([aJob({ idempotency: key('k1') })]);
      expect(again).toMatchObject([{ status: 'replayed', job: { id: first.id } }]);
      expect(await world.submissions.submit([aJob({ idempotency: key('k1', 'another') })])).toEqual([{ status: 'conflict', jobId: first.id }]);
      await world.elapse(3_601);
      expect(await world.submissions.submit([aJob({ idempotency: key('k1') })])).toMatchObject([{ status: 'created' }]);
    });

    test('a delayed job is scheduled, and queued by the take that finds it due', async () => {
      const id = await submitted({ delayMs: 60_000 });
      expect(await world.row(id)).toMatchObject({ state: 'scheduled', outbox: ['job'] });
      await world.elapse(61);
      expect((await world.outbox.take(1_000, 60)).flatMap(jobsOf)).toContain(id);
      expect((await world.row(id)).state).toBe('queued');
    });
  });

  describe('a unique key', () => {
    const oldest = (name: string) => ({ unique: { key: `test.job ${name}`, keep: 'oldest' as const } });
    const newest = (name: string) => ({ unique: { key: `test.job ${name}`, keep: 'newest' as const } });
    const submit = async (...jobs: NewJob[]) => world.submissions.submit(jobs);
    const stateOf = async (id: JobId) => (await world.row(id)).state;

    test('answers with the job that waits, and makes none, while the oldest is kept', async () => {
      const first = await submitted(oldest('u1'));
      const second = aJob(oldest('u1'));
      expect(await submit(second)).toMatchObject([{ status: 'waiting', job: { id: first, state: 'queued' } }]);
      expect(await world.row(first)).toMatchObject({ state: 'queued', outbox: ['job'] });
      expect(await world.control.cancel(second.id)).toBeNull();
    });

    test('cancels the job that waits, and lets the new one wait, while the newest is kept', async () => {
      const first = await submitted({ ...newest('u2'), delayMs: 60_000 });
      const second = aJob({ ...newest('u2'), delayMs: 60_000 });
      expect(await submit(second)).toMatchObject([{ status: 'created', state: 'scheduled' }]);
      expect(await world.row(first)).toMatchObject({ state: 'cancelled', outbox: ['event', 'job'] });
      expect(await world.row(second.id)).toMatchObject({ state: 'scheduled', outbox: ['job'] });
    });

    test('is free as soon as its job has started, also while that is retried', async () => {
      const lease = await claimed(oldest('u3'));
      const second = await submitted(oldest('u3'));
      expect(await submit(aJob(oldest('u3')))).toMatchObject([{ status: 'waiting', job: { id: second } }]);
      await world.attempts.settle([{ ...lease, event: 'retried', error: anError, delayMs: 500_000, announce: false }]);
      expect(await submit(aJob(newest('u3')))).toMatchObject([{ status: 'created' }]);
      expect([await stateOf(lease.jobId), await stateOf(second)]).toEqual(['scheduled', 'cancelled']);
    });

    test.each(['cancel', 'exhaust', 'defer', 'expire'] as const)('is free when its job has ended without a start: %s', async (how) => {
      const bound = how === 'expire' ? { startWithinMs: 1_000 } : {};
      const id = await submitted({ ...oldest(how), ...bound, ...(how === 'exhaust' ? { maxAttempts: 0 } : {}) });
      if (how === 'cancel') await world.control.cancel(id);
      if (how === 'exhaust') expect(await world.attempts.exhaust(id, null, null, anError)).toBe(true);
      if (how === 'expire') await world.elapse(2);
      if (how === 'expire') await world.workers.expireLate();
      if (how === 'defer') {
        await world.attempts.defer(id, 0, 1, anError);
        expect(await submit(aJob(oldest(how)))).toMatchObject([{ status: 'waiting', job: { id } }]);
        await world.elapse(1);
        await world.outbox.take(1_000, 1);
        await world.attempts.defer(id, 0, 1, anError);
      }
      expect(['cancelled', 'failed']).toContain(await stateOf(id));
      expect(await submit(aJob(oldest(how)))).toMatchObject([{ status: 'created' }]);
    });

    test('lets the jobs of one call come one after the other', async () => {
      const [a, b, c, d, other] = [aJob(oldest('u5')), aJob(oldest('u5')), aJob(newest('u5')), aJob(oldest('u5')), aJob()];
      const outcomes = await submit(a, other, b, c, d);
      expect(outcomes.map(({ status }) => status)).toEqual(['created', 'created', 'waiting', 'created', 'waiting']);
      expect([outcomes[2], outcomes[4]]).toMatchObject([{ job: { id: a.id } }, { job: { id: c.id } }]);
      expect([await stateOf(a.id), await stateOf(c.id), await stateOf(other.id)]).toEqual(['cancelled', 'queued', 'queued']);
    });

    test('stands for the idempotency key too: a repeat finds the job that waited, even after it has started', async () => {
      const first = await submitted(oldest('u6'));
      const repeat = () => submit(aJob({ ...oldest('u6'), idempotency: key('of u6') }));
      expect(await repeat()).toMatchObject([{ status: 'waiting', job: { id: first } }]);
      await world.attempts.claim(me, [{ jobId: first, publishId: copy(), token: token() }]);
      expect(await repeat()).toMatchObject([{ status: 'replayed', job: { id: first, state: 'running' } }]);
      expect(await submit(aJob({ ...oldest('u6'), idempotency: key('of u6', 'another') }))).toEqual([{ status: 'conflict', jobId: first }]);
    });

    test('is not looked at for a repeat of what was accepted', async () => {
      const keyed = () => aJob({ ...newest('u7'), idempotency: key('of u7') });
      const first = keyed();
      await submit(first);
      expect(await submit(keyed())).toMatchObject([{ status: 'replayed', job: { id: first.id, state: 'queued' } }]);
    });

    test('changes nothing when the same ids are sent again', async () => {
      const [first, second] = [aJob(newest('u8')), aJob(newest('u8'))];
      await submit(first);
      await submit(second);
      for (const job of [second, first]) expect(await submit(job)).toMatchObject([{ status: 'created' }]);
      expect([await stateOf(first.id), await stateOf(second.id)]).toEqual(['cancelled', 'queued']);
    });

    test('lets the job that waits tell those whom the other would have told', async () => {
      const to = (name: string) => ({ notify: [{ channel: 'webhook', to: `https://example.com/${name}` }] });
      await submitted({ ...oldest('u9'), ...to('a') });
      const [outcome] = await submit(aJob({ ...oldest('u9'), ...to('b') }));
      expect(outcome).toMatchObject({ status: 'waiting', job: { notify: [...to('a').notify, ...to('b').notify] } });
    });

    test('comes back with a failed job, unless another one waits with it', async () => {
      const lease = await claimed(oldest('u10'));
      await world.attempts.settle([{ ...lease, event: 'failed', error: anError, delayMs: 0, announce: false }]);
      const second = await submitted(oldest('u10'));
      await expect(world.control.redrive(lease.jobId)).rejects.toMatchObject({ code: 'state_forbids', message: expect.stringContaining(second) as string });
      expect(await stateOf(lease.jobId)).toBe('failed');
      await world.control.cancel(second);
      expect(await world.control.redrive(lease.jobId)).toMatchObject({ accepted: true });
      expect(await submit(aJob(oldest('u10')))).toMatchObject([{ status: 'waiting', job: { id: lease.jobId } }]);
    });
  });

  describe('claim', () => {
    test('of two claims of one job exactly one is granted, and the other learns who has it', async () => {
      const lease = await claimed();
      const theirs = { jobId: lease.jobId, publishId: copy(), token: token() };
      const [answer] = await world.attempts.claim(other, [theirs]);
      expect(answer).toMatchObject({
        claimed: null,
        facts: { state: 'running', token: lease.token, publishId: lease.publishId, workerId: me, ownerAlive: true },
      });
    });

    test('an owner is not alive when its lock is free, nor when its lease is over', async () => {
      const lease = await claimed();
      const again = { ...lease, token: token() };
      const decision = async () => {
        const [answer] = await world.attempts.claim(other, [again]);
        return decideDelivery({ ...again, workerId: other }, answer?.claimed === null ? answer.facts : null).action;
      };
      expect(await decision()).toBe('park');
      await world.holdLock(me, false);
      expect(await decision()).toBe('take-over');
      await world.holdLock(me, true);
      expect(await decision()).toBe('park');
      await world.elapse(LEASE_SECONDS + 1);
      expect(await decision()).toBe('take-over');
    });

    test('a take-over needs the token that is held, counts a crash, and grows the fence', async () => {
      const lease = await claimed();
      const mine = { ...lease, token: token() };
      expect(await world.attempts.takeOver(other, mine, token(), true)).toBeNull();
      expect(await world.attempts.takeOver(other, mine, lease.token, true)).toMatchObject({ attempt: 1, fence: 2, crashes: 1 });
      expect(await world.attempts.takeOver(me, { ...lease, token: token() }, lease.token, true)).toBeNull();
      expect(await world.attempts.claimedBy(lease.jobId, mine.token)).toMatchObject({ fence: 2 });
      expect(await world.attempts.claimedBy(lease.jobId, lease.token)).toBeNull();
    });

    test('a suspect is not granted to a plain claim', async () => {
      const { jobId } = await recovered();
      const lease = { jobId, publishId: copy(), token: token() };
      const [answer] = await world.attempts.claim(other, [lease]);
      expect(answer).toMatchObject({ claimed: null, facts: { state: 'queued', crashes: 1 } });
      expect(await world.attempts.claimSuspect(other, lease)).toMatchObject({ attempt: 1, crashes: 1 });
    });

    test('a job that has lost five workers ends failed, with one dead letter (C38)', async () => {
      const lease = await claimed({ maxAttempts: 1 });
      const { jobId } = lease;
      expect(await world.attempts.exhaust(jobId, null, lease.token, anError)).toBe(false);
      for (let lost = 1, held = lease.token; lost < 5; lost++) {
        const next = { ...lease, token: token() };
        expect(await world.attempts.takeOver(me, next, held, true)).toMatchObject({ attempt: 1, crashes: lost });
        held = next.token;
      }
      const facts = await world.row(jobId);
      expect(await world.attempts.exhaust(jobId, copy(), facts.token as never, anError)).toBe(true);
      expect(await world.row(jobId)).toMatchObject({ state: 'failed', deadLetters: 1, outbox: ['job'] });
    });

    test('only a queued job is put off', async () => {
      const id = await submitted();
      await world.attempts.defer(id, 30_000, 3_600_000, anError);
      expect(await world.row(id)).toMatchObject({ state: 'scheduled', attempt: 0, outbox: ['job', 'job'] });
      const { jobId } = await claimed();
      await world.attempts.defer(jobId, 30_000, 3_600_000, anError);
      expect((await world.row(jobId)).state).toBe('running');
    });
  });

  describe('settle', () => {
    test.each([
      ['succeeded', { state: 'succeeded', attempt: 1, outbox: ['event', 'job'], deadLetters: 0 }],
      ['failed', { state: 'failed', attempt: 1, outbox: ['event', 'job'], deadLetters: 1 }],
      ['cancelled', { state: 'cancelled', attempt: 1, outbox: ['event', 'job'], deadLetters: 0 }],
      ['retried', { state: 'scheduled', attempt: 1, outbox: ['job', 'job'], deadLetters: 0 }],
      ['snoozed', { state: 'scheduled', attempt: 0, outbox: ['job', 'job'], deadLetters: 0 }],
      ['interrupted', { state: 'queued', attempt: 0, outbox: ['job', 'job'], deadLetters: 0 }],
    ] as const)('%s leaves the row and what follows from it', async (event, expected) => {
      const { jobId, token: held } = await claimed();
      const [answer] = await world.attempts.settle([{ jobId, token: held, event, error: anError, delayMs: 60_000, announce: true }]);
      expect(answer).toMatchObject({ settled: true, job: { state: expected.state } });
      expect(await world.row(jobId)).toMatchObject(expected);
      expect(await world.attempts.outcomeOf(jobId, held)).toBe('settled');
    });

    test('a token that is not current writes nothing; one whose answer was lost is recognised', async () => {
      const { jobId, token: held } = await claimed();
      const success = { jobId, event: 'succeeded', result: jsonText({ ok: true }), announce: false } as const;
      expect(await world.attempts.settle([{ ...success, token: token() }])).toEqual([{ settled: false }]);
      expect((await world.row(jobId)).state).toBe('running');
      await world.attempts.settle([{ ...success, token: held }]);
      expect(await world.attempts.settle([{ ...success, token: held }])).toMatchObject([{ settled: true, job: { result: '{"ok":true}' } }]);
      expect((await world.row(jobId)).outbox).toEqual(['job']);
    });

    test('a failed job is redriven with all its attempts, and its fence goes on', async () => {
      const { jobId, token: held } = await claimed();
      expect(await world.control.redrive(jobId)).toMatchObject({ accepted: false });
      await world.attempts.settle([{ jobId, token: held, event: 'failed', error: anError, announce: false }]);
      expect(await world.control.redrive(jobId)).toMatchObject({ accepted: true, job: { state: 'queued', attempt: 0, redrives: 1 } });
      const [answer] = await world.attempts.claim(me, [{ jobId, publishId: copy(), token: token() }]);
      expect(answer?.claimed).toMatchObject({ attempt: 1, fence: 2 });
    });

    test('a waiting job is cancelled at once, a running one is asked', async () => {
      const waiting = await submitted();
      expect(await world.control.cancel(waiting)).toMatchObject({ accepted: true, job: { state: 'cancelled' } });
      const { jobId, token: held } = await claimed();
      expect(await world.control.cancel(jobId)).toMatchObject({ accepted: true, job: { state: 'running', cancelRequested: true } });
      const beat = { leaseSeconds: LEASE_SECONDS, held: [{ jobId, token: held }], events: [] };
      expect(await world.workers.heartbeat(me, { name: 'w', concurrency: 1, queues: [] }, beat)).toMatchObject({
        lost: [],
        cancelRequested: [{ jobId }],
        notWritten: [],
      });
    });

    test('everything that happens to a job takes the next number, once: its states, and what its attempt tells under its token', async () => {
      const { jobId, token: held } = await claimed();
      const log = { type: 'log', line: { level: 'info', message: 'm', fields: {} }, ageMs: 0 } as const;
      const told = { type: 'progress', progress: { done: 1 }, ageMs: 0 } as const;
      const tell = (by: LeaseToken) =>
        world.workers.heartbeat(
          me,
          { name: 'w', concurrency: 1, queues: [] },
          { leaseSeconds: LEASE_SECONDS, held: [], events: [{ jobId, token: by, events: [log, told] }] },
        );
      expect((await world.row(jobId)).events).toBe(2);
      expect(await tell(held)).toMatchObject({ notWritten: [] });
      const zombie = token();
      expect(await tell(zombie)).toMatchObject({ notWritten: [zombie] });
      const settlement = { jobId, token: held, event: 'succeeded', result: jsonText(1), announce: false, events: [log] } as const;
      for (let repeat = 0; repeat < 2; repeat++) {
        const settled = await world.attempts.settle([{ ...settlement, events: [...settlement.events] }]);
        expect(settled).toMatchObject([{ settled: true, job: { events: 6, progress: { done: 1 } } }]);
      }
      expect((await world.row(jobId)).events).toBe(6);
    });
  });

  describe('sweep', () => {
    test('a worker that lives is not judged, whatever was seen before', async () => {
      const { jobId } = await claimed();
      expect(await world.workers.recover(me)).toBe(0);
      expect((await world.row(jobId)).state).toBe('running');
    });

    test('a lost worker’s jobs are queued again under suspicion, and its late settlement writes nothing', async () => {
      const { jobId, token: held } = await recovered();
      expect(await world.row(jobId)).toMatchObject({ state: 'queued', crashes: 1, attempt: 0, outbox: ['job', 'job'] });
      const before = await world.row(jobId);
      expect(await world.attempts.settle([{ jobId, token: held, event: 'succeeded', announce: true }])).toEqual([{ settled: false }]);
      expect(await world.row(jobId)).toEqual(before);
    });

    test('a stray goes back without a crash and without an attempt', async () => {
      const { jobId, token: held } = await claimed();
      expect(await world.workers.strays(me, [])).toContainEqual({ jobId, token: held });
      expect(await world.workers.strays(me, [held])).toEqual([]);
      await world.workers.recoverStray(jobId, token());
      expect((await world.row(jobId)).state).toBe('running');
      await world.workers.recoverStray(jobId, held);
      expect(await world.row(jobId)).toMatchObject({ state: 'queued', attempt: 0, crashes: 0, outbox: ['job', 'job'] });
    });
  });

  describe('outbox', () => {
    test('what is taken is hidden for a while, and gone once removed', async () => {
      const id = await submitted();
      await world.elapse(FAST_PATH_SECONDS + 1);
      const mine = (await world.outbox.take(1_000, 60)).filter((message) => jobsOf(message).includes(id));
      expect(mine).toHaveLength(1);
      expect((await world.outbox.take(1_000, 60)).filter((message) => jobsOf(message).includes(id))).toEqual([]);
      await world.elapse(61);
      expect((await world.outbox.take(1_000, 60)).filter((message) => jobsOf(message).includes(id))).toHaveLength(1);
      await world.outbox.remove(mine.map(({ outboxId }) => outboxId as string));
      expect((await world.row(id)).outbox).toEqual([]);
    });

    test('jobs that share a row are one message; one of them that was cancelled is not woken up', async () => {
      const [first, second, third] = together(3);
      await world.submissions.submit([first, second, third]);
      await world.control.cancel(second.id);
      await world.elapse(FAST_PATH_SECONDS + 1);
      const mine = (await world.outbox.take(1_000, 60)).filter((message) => jobsOf(message).includes(first.id));
      expect(mine).toMatchObject([{ type: 'job', outboxId: first.outboxId, jobIds: [first.id, third.id], kind: 'test.job', queue: 'default', priority: 4 }]);
    });

    test('jobs that share a row and are stored in parts are one message; stored again, none of them is there twice', async () => {
      const [first, second] = together(2);
      await world.submissions.submit([first]);
      await world.submissions.submit([second]);
      await world.submissions.submit([first, second]);
      await world.elapse(FAST_PATH_SECONDS + 1);
      const mine = (await world.outbox.take(1_000, 60)).filter((message) => jobsOf(message).includes(first.id));
      expect(mine).toMatchObject([{ outboxId: first.outboxId, jobIds: [first.id, second.id] }]);
    });

    test('jobs that are put back get rows that are due, so many in one; what is not queued is left alone', async () => {
      const [first, second, third] = together(3);
      await world.submissions.submit([first, second, third]);
      const { jobId: running } = await claimed();
      await world.outbox.remove([first.outboxId]);
      const put = await world.attempts.putBack([first.id, second.id, third.id, running], 2);
      expect(put.toSorted()).toEqual([first.id, second.id, third.id].toSorted());
      const mine = (await world.outbox.take(1_000, 60)).filter((message) => [first.id, third.id, running].some((id) => jobsOf(message).includes(id)));
      expect(mine.map((message) => jobsOf(message).length).toSorted()).toEqual([1, 2]);
      expect(mine.flatMap(jobsOf).toSorted()).toEqual(put.toSorted());
      expect((await world.row(running)).state).toBe('running');
    });

    test('a message that has become pointless is dropped', async () => {
      const id = await submitted();
      await world.control.cancel(id);
      await world.elapse(FAST_PATH_SECONDS + 1);
      const mine = (await world.outbox.take(1_000, 60)).filter((message) => jobsOf(message).includes(id));
      expect(mine).toMatchObject([{ type: 'event', messageId: `${id}.cancelled.0` }]);
      expect((await world.row(id)).outbox).toEqual(['event']);
    });
  });

  /** A job whose worker was lost. */
  async function recovered() {
    const lease = await claimed();
    await world.holdLock(me, false);
    expect(await world.workers.recover(me)).toBe(1);
    return lease;
  }
}
