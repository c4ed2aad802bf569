import type { JobId } from '../job/job.js';
import { explain, type WhyFacts } from './explain.js';

const NOW = new Date('2026-01-31T08:00:00.000Z');
const inMs = (ms: number) => new Date(NOW.getTime() + ms);
const ID = '019364d2-7c1e-7a33-8f3e-0b9f6a1d2c3e' as JobId;
const PLACE = { priority: 4, virtualTime: 1, jobId: ID };
const QUEUE = { paused: null, workers: 2, largestWorker: 10, starts: { starts: 120, seconds: 60 } };
const PAUSED = { since: inMs(-5_000), by: 'anna', reason: 'repair' };

function facts(more: Partial<WhyFacts> = {}): WhyFacts {
  return {
    id: ID,
    now: NOW,
    state: 'queued',
    kind: 'report.render',
    queue: 'reports',
    priority: 4,
    attempt: 0,
    scheduledBy: 'delay',
    runAt: null,
    messagedAt: inMs(-9_000),
    startedAt: null,
    worker: null,
    kindPaused: null,
    ofQueue: QUEUE,
    place: null,
    limitKeys: [],
    pausedKinds: [],
    broker: 'up',
    needsSlots: 1,
    ahead: null,
    limits: [],
    outbox: null,
    ...more,
  };
}

const LIMIT = {
  key: 'partner.call/tenant:acme',
  capacity: 5,
  held: 5,
  holders: [ID],
  nextAt: null,
  everyMs: null,
  ahead: { jobs: 41, exact: true },
  starts: { starts: 30, seconds: 60 },
};
const inRoom = (more: Partial<WhyFacts> = {}) => facts({ place: PLACE, ahead: { jobs: 230, exact: true }, ...more });
const codes = (more: WhyFacts) => explain(more).reasons.map(({ code }) => code);

describe('why a job waits', () => {
  test.each(['succeeded', 'failed', 'cancelled'] as const)('has no reason for one that is %s', (state) => {
    expect(explain(facts({ state, ofQueue: { ...QUEUE, paused: PAUSED } }))).toEqual({ id: ID, state, reasons: [], start: null, confidence: null });
  });

  test('says of one that runs which worker runs it since when, and nothing of what keeps others', () => {
    const running = facts({ state: 'running', worker: 'host:42', startedAt: inMs(-1_000), attempt: 2, ofQueue: { ...QUEUE, paused: PAUSED } });
    expect(explain(running)).toMatchObject({ reasons: [{ code: 'running', worker: 'host:42', since: inMs(-1_000), attempt: 2 }], start: null });
  });

  test('names a paused queue and a paused kind, with since when, by whom and why', () => {
    expect(explain(inRoom({ ofQueue: { ...QUEUE, paused: PAUSED }, kindPaused: { ...PAUSED, by: null } })).reasons.slice(0, 2)).toEqual([
      { code: 'paused', what: 'queue', name: 'reports', ...PAUSED },
      { code: 'paused', what: 'kind', name: 'report.render', ...PAUSED, by: null },
    ]);
  });

  test('says until when one is scheduled, by what, and for which attempt, and that is when it starts', () => {
    const why = explain(facts({ state: 'scheduled', scheduledBy: 'backoff', attempt: 2, runAt: inMs(30_000) }));
    expect(why.reasons).toEqual([{ code: 'scheduled', until: inMs(30_000), by: 'backoff', attempt: 3 }]);
    expect(why).toMatchObject({ start: inMs(30_000), confidence: 'the time that it waits for' });
  });

  test('says of a scheduled one too that its queue is paused or that nobody takes it, and then gives no time', () => {
    const kept = { state: 'scheduled', runAt: inMs(30_000) } as const;
    expect(explain(facts({ ...kept, ofQueue: { ...QUEUE, paused: PAUSED } }))).toMatchObject({
      reasons: [{ code: 'paused' }, { code: 'scheduled' }],
      start: null,
    });
    expect(explain(facts({ ...kept, ofQueue: { ...QUEUE, workers: 0, largestWorker: null } }))).toMatchObject({ start: null });
  });

  test('says that no worker takes its queue, and that none has as many slots as it needs', () => {
    expect(explain(inRoom({ ofQueue: { ...QUEUE, workers: 0, largestWorker: null } })).reasons[0]).toEqual({
      code: 'no_worker',
      queue: 'reports',
      workers: 0,
      needsSlots: 1,
      largestWorker: null,
    });
    expect(explain(inRoom({ needsSlots: 11 })).reasons[0]).toMatchObject({ code: 'no_worker', workers: 2, needsSlots: 11, largestWorker: 10 });
    expect(codes(inRoom({ needsSlots: 10 }))).toEqual(['behind']);
  });

  test.each(['down', 'blocked'] as const)('says that the broker is %s of what has not reached it, and not of what it has', (broker) => {
    const outbox = { ahead: { jobs: 0, exact: true } };
    expect(codes(inRoom({ broker }))).toEqual(['broker_away', 'behind']);
    expect(codes(facts({ broker, outbox }))).toEqual(['broker_away']);
    expect(codes(facts({ broker }))).toEqual(['published']);
  });

  test('says since when the broker has it, and whether it has confirmed that', () => {
    expect(explain(facts()).reasons).toEqual([{ code: 'published', since: inMs(-9_000), confirmed: true }]);
    expect(explain(facts({ outbox: { ahead: { jobs: 0, exact: true } } })).reasons).toMatchObject([{ code: 'published', confirmed: false }]);
  });

  test('says without a broker how many are taken before it', () => {
    expect(explain(facts({ broker: 'none', outbox: { ahead: { jobs: 7, exact: true } } })).reasons).toEqual([
      { code: 'behind', queue: 'reports', ahead: { jobs: 7, exact: true } },
    ]);
  });

  test('names a limit that is full with its holders, in place of the queue', () => {
    expect(explain(inRoom({ limits: [LIMIT] })).reasons).toEqual([
      { code: 'limit', limit: LIMIT.key, capacity: 5, held: 5, ahead: LIMIT.ahead, holders: [ID] },
    ]);
  });

  test('leaves out a limit that has room, and one of another number that was lowered below what runs is full', () => {
    expect(codes(inRoom({ limits: [{ ...LIMIT, held: 4 }] }))).toEqual(['behind']);
    expect(codes(inRoom({ limits: [{ ...LIMIT, held: 7 }] }))).toEqual(['limit']);
    expect(codes(inRoom({ limits: [{ ...LIMIT, capacity: null }] }))).toEqual(['behind']);
  });

  test('names a rate until its next start, and not when that has passed', () => {
    const rate = { ...LIMIT, capacity: null, everyMs: 100, nextAt: inMs(1), ahead: { jobs: 3, exact: true } };
    const why = explain(inRoom({ limits: [rate] }));
    expect(why.reasons).toEqual([{ code: 'rate', limit: LIMIT.key, nextAt: inMs(1), ahead: { jobs: 3, exact: true } }]);
    expect(why).toMatchObject({ start: inMs(301), confidence: 'the rate that the limit allows' });
    expect(codes(inRoom({ limits: [{ ...rate, nextAt: NOW }] }))).toEqual(['behind']);
  });

  test('estimates the start by the starts of the last minute: of the queue, or of the limit that it waits for', () => {
    expect(explain(inRoom())).toMatchObject({ start: inMs(115_250), confidence: 'the rate of the last 60 s' });
    expect(explain(inRoom({ limits: [LIMIT] }))).toMatchObject({ start: inMs(83_000) });
  });

  test('gives the later time of two limits, and none where nothing has started', () => {
    const slower = { ...LIMIT, key: 'slow', starts: { starts: 6, seconds: 60 } };
    expect(explain(inRoom({ limits: [slower, LIMIT] })).start).toEqual(inMs(415_000));
    expect(explain(inRoom({ ofQueue: { ...QUEUE, starts: null } }))).toMatchObject({ start: null, confidence: null });
    expect(explain(inRoom({ limits: [{ ...LIMIT, starts: null }] }))).toMatchObject({ start: null, confidence: null });
  });

  test('gives no time while something is in the way that nobody knows the end of', () => {
    expect(explain(inRoom({ ofQueue: { ...QUEUE, paused: PAUSED } })).start).toBeNull();
    expect(explain(inRoom({ broker: 'down' })).start).toBeNull();
    expect(explain(inRoom({ ofQueue: { ...QUEUE, workers: 0 } })).start).toBeNull();
  });
});
