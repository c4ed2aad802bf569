import type { JobId, LeaseToken, WorkerId } from '../job/job.js';
import type { HeartbeatAnswer, Heartbeat, WorkerStore } from './worker-store.js';
import { Faults, ManualClock, RecordingLogger } from '../testing/index.js';
import { AttemptEvents } from '../run/attempt-events.js';
import { HeartbeatLoop } from './heartbeat.js';

const job = 'job' as JobId;
const token = 'token' as LeaseToken;

function beating() {
  const clock = new ManualClock();
  const faults = new Faults();
  const beats: Heartbeat[] = [];
  const looks: JobId[][] = [];
  const stops: string[] = [];
  const recovered: JobId[] = [];
  const reachable: boolean[] = [];
  const names: string[] = [];
  const assigned: (string | null)[] = [];
  const state = {
    answer: { lost: [], cancelRequested: [], notWritten: [] } as HeartbeatAnswer,
    strays: [] as { jobId: JobId; token: LeaseToken }[],
    held: [] as { jobId: JobId; token: LeaseToken }[],
    told: undefined as AttemptEvents | undefined,
    tokens: [] as LeaseToken[],
    unregistered: false,
  };
  const store: WorkerStore = {
    register: async () => 7 as WorkerId,
    heartbeat: async (_id, { name }, beat) => {
      names.push(name);
      if (hanging) await new Promise(() => undefined);
      faults.meet('heartbeat');
      beats.push(beat);
      return state.answer;
    },
    check: async (held) => {
      faults.meet('check');
      looks.push(held.map(({ jobId }) => jobId));
      return state.answer;
    },
    strays: async () => state.strays,
    recoverStray: async (jobId) => void recovered.push(jobId),
    unregister: async () => void (state.unregistered = true),
  };
  let hanging = false;
  const loop = new HeartbeatLoop({
    store,
    runner: {
      held: () => state.held,
      holds: (jobId) => state.held.some((each) => each.jobId === jobId),
      takeEvents: () => {
        const taken = state.told?.take(false);
        return taken ? [{ jobId: job, token, ...taken }] : [];
      },
      tokens: () => state.tokens,
      stopJob: (jobId, _token, reason, _message, graceMs) => stops.push(`${jobId}: ${reason}${graceMs === undefined ? '' : ` within ${graceMs} ms`}`),
      stopAll: (reason) => stops.push(`all: ${reason}`),
    },
    clock,
    logger: new RecordingLogger(),
    worker: (whole) => ({ name: whole ? 'whole' : 'test', concurrency: 1, queues: [] }),
    config: { leaseSeconds: 30, beatMs: 1_000 },
    onAssigned: (told) => assigned.push(told && told.queues.join()),
    onBeat: (answered) => reachable.push(answered),
  });
  return { hang: () => (hanging = true), loop, clock, faults, beats, looks, stops, recovered, reachable, names, assigned, state };
}

describe('the heartbeat', () => {
  test('renews the lease each second, with what runs and what it has told', async () => {
    const { loop, clock, beats, state } = beating();
    expect(await loop.start()).toBe(7);
    expect(loop.workerId).toBe(7);
    state.held = [
      { jobId: job, token },
      { jobId: 'quiet' as JobId, token: 'other' as LeaseToken },
    ];
    state.told = new AttemptEvents(() => clock.now(), 1);
    state.told.progress({ done: 1 });
    await clock.advance(3_000);
    expect(beats).toHaveLength(3);
    expect(beats[0]?.leaseSeconds).toBe(30);
    expect(beats.map(({ events }) => events)).toEqual([[{ jobId: job, token, events: [{ type: 'progress', progress: { done: 1 }, ageMs: 1_000 }] }], [], []]);
    await loop.close();
  });

  test.each(['the store does not answer', 'the row is locked'])('brings what an attempt has told once more when %s', async (why) => {
    const { loop, clock, faults, beats, state } = beating();
    await loop.start();
    state.told = new AttemptEvents(() => clock.now(), 1);
    state.told.log({ level: 'info', message: 'once', fields: {} });
    if (why === 'the row is locked') state.answer = { lost: [], cancelRequested: [], notWritten: [token] };
    else faults.plan('heartbeat', new Error('connection lost'));
    await clock.advance(1_000);
    state.answer = { lost: [], cancelRequested: [], notWritten: [] };
    await clock.advance(2_000);
    expect(beats.flatMap(({ events }) => events).at(-1)?.events).toMatchObject([{ type: 'log', line: { message: 'once' } }]);
    expect(beats.at(-1)?.events).toEqual([]);
    await loop.close();
  });

  test('brings the queues that were assigned with each answer, and that there are none any more', async () => {
    const { loop, clock, faults, assigned, state } = beating();
    await loop.start();
    state.answer = { ...state.answer, assigned: { queues: ['a', 'b'], requestedAt: '', by: null, reason: null } };
    await clock.advance(1_000);
    faults.plan('heartbeat', new Error('connection lost'));
    await clock.advance(1_000);
    // No answer says nothing of them.
    expect(assigned).toEqual(['a,b']);
    delete state.answer.assigned;
    await clock.advance(1_000);
    expect(assigned).toEqual(['a,b', null]);
    await loop.close();
  });

  test('tells all of the worker once its row was made again, and else what the worker wants to', async () => {
    const { loop, clock, names, state } = beating();
    await loop.start();
    state.answer = { ...state.answer, undescribed: true };
    await clock.advance(1_000);
    state.answer = { ...state.answer, undescribed: false };
    await clock.advance(2_000);
    expect(names).toEqual(['test', 'whole', 'test']);
    await loop.close();
  });

  test('comes sooner when it is asked to, ten times a second at most, and goes on each second then', async () => {
    const { loop, clock, beats } = beating();
    await loop.start();
    loop.soon();
    await clock.advance(99);
    expect(beats).toHaveLength(0);
    await clock.advance(1);
    expect(beats).toHaveLength(1);
    for (let ms = 0; ms < 500; ms++) {
      loop.soon();
      await clock.advance(1);
    }
    expect(beats.length).toBeLessThanOrEqual(6);
    expect(beats.length).toBeGreaterThan(4);
    await clock.advance(100);
    const before = beats.length;
    await clock.advance(3_000);
    expect(beats).toHaveLength(before + 3);
    loop.soon();
    await loop.close();
  });

  test('stops jobs that were cancelled or taken over', async () => {
    const { loop, clock, stops, state } = beating();
    await loop.start();
    state.held = [job, 'unwanted' as JobId].map((jobId) => ({ jobId, token }));
    state.answer = { lost: [job], cancelRequested: [{ jobId: 'unwanted' as JobId }], notWritten: [] };
    await clock.advance(1_000);
    expect(stops).toEqual(['job: lease_lost', 'unwanted: cancel']);
    await loop.close();
  });

  test('a hint that a job was asked to stop is a look at once, many hints are one, and jobs of others are none', async () => {
    const { loop, clock, looks, stops, state } = beating();
    await loop.start();
    state.held = [job, 'other' as JobId].map((jobId) => ({ jobId, token }));
    state.answer = { lost: [], cancelRequested: [{ jobId: job, graceMs: 200 }], notWritten: [] };
    loop.look([job, 'elsewhere' as JobId]);
    loop.look([job]);
    await clock.advance(30);
    expect(looks).toEqual([[job]]);
    expect(stops).toEqual(['job: cancel within 200 ms']);
    loop.look(['elsewhere' as JobId]);
    await clock.advance(30);
    expect(looks).toHaveLength(1);
    await loop.close();
  });

  test('a look that gets no answer stops nothing; the next hint looks again, and so does the next beat', async () => {
    const { loop, clock, faults, looks, stops, state } = beating();
    await loop.start();
    state.held = [{ jobId: job, token }];
    state.answer = { lost: [], cancelRequested: [{ jobId: job }], notWritten: [] };
    faults.plan('check', new Error('no database'));
    loop.look([job]);
    await clock.advance(30);
    expect(stops).toEqual([]);
    loop.look([job]);
    await clock.advance(30);
    expect(looks).toHaveLength(1);
    expect(stops).toEqual(['job: cancel']);
    await clock.advance(1_000);
    expect(stops).toEqual(['job: cancel', 'job: cancel']);
    await loop.close();
  });

  test('without an answer for two thirds of the lease stops all, and not before', async () => {
    const { loop, clock, faults, stops, reachable } = beating();
    await loop.start();
    faults.plan('heartbeat', new Error('no database'), 100);
    await clock.advance(19_000);
    expect(stops).toEqual([]);
    await clock.advance(1_000);
    expect(stops).toEqual(['all: lease_lost']);
    expect(new Set(reachable)).toEqual(new Set([false]));
    await loop.close();
  });

  test('an answer in between begins the time anew', async () => {
    const { loop, clock, faults, stops } = beating();
    await loop.start();
    faults.plan('heartbeat', new Error('no database'), 15);
    await clock.advance(16_000);
    faults.plan('heartbeat', new Error('no database'), 15);
    await clock.advance(15_000);
    expect(stops).toEqual([]);
    await loop.close();
  });

  test('puts back what runs by its row but not in fact, when it has seen that twice', async () => {
    const { loop, clock, recovered, state } = beating();
    await loop.start();
    state.strays = [{ jobId: job, token }];
    await clock.advance(10_000);
    expect(recovered).toEqual([]);
    await clock.advance(1_000);
    expect(recovered).toEqual([job]);
    await loop.close();
  });

  test('looks for such jobs at once after a beat without an answer, for a claim may have lost its answer too', async () => {
    const { loop, clock, faults, recovered, state } = beating();
    await loop.start();
    state.strays = [{ jobId: job, token }];
    faults.plan('heartbeat', new Error('no database'), 1);
    await clock.advance(2_000);
    expect(recovered).toEqual([]);
    await clock.advance(1_000);
    expect(recovered).toEqual([job]);
    await loop.close();
  });

  test('leaves alone what was only being claimed when it looked first', async () => {
    const { loop, clock, recovered, state } = beating();
    await loop.start();
    state.strays = [{ jobId: job, token }];
    await clock.advance(10_000);
    state.tokens = [token];
    await clock.advance(1_000);
    expect(recovered).toEqual([]);
    await loop.close();
  });

  test('ends with close, which takes the worker off the list', async () => {
    const { loop, clock, beats, state } = beating();
    await loop.start();
    await loop.close();
    await clock.advance(5_000);
    expect(beats).toEqual([]);
    expect(state.unregistered).toBe(true);
  });

  test('a worker that is not registered has no number to claim with', () => {
    expect(() => beating().loop.workerId).toThrow('call start() first');
  });

  test('gives up in time when no answer and no error ever comes, as behind a half-open connection', async () => {
    const { loop, clock, stops, reachable, hang } = beating();
    await loop.start();
    hang();
    await clock.advance(25_000);
    expect(reachable).not.toContain(true);
    expect(stops).toContain('all: lease_lost');
  });
});
