import type { Load } from './load.js';
import { ManualClock, RecordingLogger } from '../testing/index.js';
import { Admission } from './admission.js';
import { type AdmissionLimits, exceededLimits, type Measured, Overload } from './admission-decision.js';

const OFF: AdmissionLimits = { inFlight: 0, bodyBytes: 0, poolWaiting: 0, eventLoopDelayMs: 0, outboxRows: 0, outboxAgeSeconds: 0, depth: 0, queueDepth: 0 };
const IDLE: Measured = {
  ...{ inFlight: 0, bodyBytes: 0, poolWaiting: 0, eventLoopDelayMs: 0, outboxRows: 0, outboxAgeSeconds: 0, depth: 0 },
  queues: new Map(),
  scheduled: new Map(),
  drain: new Map(),
};

describe('exceededLimits', () => {
  test.each([
    ['in_flight', { inFlight: 5 }, { inFlight: 5 }],
    ['body_bytes', { bodyBytes: 100 }, { bodyBytes: 101 }],
    ['pool_waiting', { poolWaiting: 2 }, { poolWaiting: 2 }],
    ['event_loop_delay', { eventLoopDelayMs: 100 }, { eventLoopDelayMs: 100.4 }],
    ['outbox_rows', { outboxRows: 7 }, { outboxRows: 9 }],
    ['outbox_age', { outboxAgeSeconds: 60 }, { outboxAgeSeconds: 60.2 }],
    ['depth', { depth: 3 }, { depth: 3 }],
  ] as const)('%s refuses when its limit is reached, and not before, and not when it is off', (signal, limits, measured) => {
    const reached = exceededLimits({ ...OFF, ...limits }, { ...IDLE, ...measured }, []);
    expect(reached).toMatchObject([{ signal }]);
    expect(Number.isInteger(reached[0]?.retryAfterSeconds) && (reached[0]?.retryAfterSeconds ?? 0) >= 1).toBe(true);
    expect(exceededLimits({ ...OFF, ...limits }, IDLE, [])).toEqual([]);
    expect(exceededLimits(OFF, { ...IDLE, ...measured }, [])).toEqual([]);
  });

  test('only the queues that are asked for are looked at, and the caller is told 429', () => {
    const measured = { ...IDLE, queues: new Map([['a', 10], ['b', 1]]) }; // prettier-ignore
    const limits = { ...OFF, queueDepth: 5 };
    expect(exceededLimits(limits, measured, ['b', 'unknown'])).toEqual([]);
    const [reached] = exceededLimits(limits, measured, ['b', 'a']);
    expect(reached).toEqual({ signal: 'queue_depth', queue: 'a', measured: 10, limit: 5, retryAfterSeconds: 15 });
    if (reached) expect(new Overload(reached).code).toBe('queue_full');
  });

  test('the time to come back is what the drain needs, within bounds', () => {
    const seconds = (depth: number, perSecond: number) =>
      exceededLimits({ ...OFF, depth: 100 }, { ...IDLE, depth, drain: new Map([['a', perSecond]]) }, [])[0]?.retryAfterSeconds;
    expect([seconds(100, 50), seconds(599, 50), seconds(1e6, 50), seconds(200, 0)]).toEqual([1, 10, 120, 15]);
  });
});

function gate(limits: Partial<AdmissionLimits>) {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const loads: (Load | Error)[] = [];
  const read = async () => {
    const next = loads.shift() ?? load({});
    if (next instanceof Error) throw next;
    return next;
  };
  const local = () => ({ bodyBytes: 0, poolWaiting: 0, eventLoopDelayMs: 0 });
  const admission = new Admission({ limits: { ...OFF, ...limits }, load: { read }, local, clock, logger, sampleMs: 1_000 });
  return { admission, loads, clock };
}

function load(unfinished: Record<string, number>): Load {
  return { unfinished: new Map(Object.entries(unfinished)), scheduled: new Map(), outboxRows: 0, outboxAgeSeconds: 0 };
}

describe('Admission', () => {
  test('what was accepted since the last look at the store counts at once, so a spike cannot slip through', async () => {
    const { admission, loads } = gate({ depth: 3 });
    loads.push(load({ a: 1 }));
    await admission.sample();
    admission.accepted('a');
    expect(admission.refusal(['a'])).toBeUndefined();
    admission.accepted('b');
    expect(admission.refusal(['a'])?.exceeded).toMatchObject({ signal: 'depth', measured: 3 });
    loads.push(load({ a: 1 }));
    await admission.sample();
    expect(admission.refusal(['a'])).toBeUndefined();
  });

  test('what is on its way to the store counts until it is there', () => {
    const { admission } = gate({ inFlight: 2 });
    const leave = admission.enter(['a', 'b']);
    expect(admission.refusal([])).toMatchObject({ code: 'overloaded', storeAnswers: false });
    leave();
    expect(admission.refusal([])).toBeUndefined();
  });

  test('what is on its way counts as depth, of its queue too, so that a burst that comes at once is refused at once', () => {
    const { admission } = gate({ depth: 3, queueDepth: 2 });
    const first = admission.enter(['a', 'a']);
    expect(admission.refusal(['b'])).toBeUndefined();
    expect(admission.refusal(['a'])?.exceeded).toMatchObject({ signal: 'queue_depth', queue: 'a', measured: 2 });
    const second = admission.enter(['b']);
    expect(admission.refusal(['b'])?.exceeded).toMatchObject({ signal: 'depth', measured: 3 });
    first();
    second();
    expect(admission.exceeded()).toEqual([]);
    expect(admission.measured().queues.size).toBe(0);
  });

  test('the last figures stand while the store does not answer', async () => {
    const { admission, loads } = gate({ depth: 1 });
    loads.push(load({ a: 5 }), new Error('away'));
    await admission.sample();
    await expect(admission.sample()).rejects.toThrow('away');
    expect(admission.refusal([])).toBeDefined();
  });

  test('the drain rate is learned from what came and what is left', async () => {
    const { admission, loads, clock } = gate({ depth: 10 });
    loads.push(load({ a: 100 }), load({ a: 60 }));
    await admission.sample();
    for (let n = 0; n < 10; n++) admission.accepted('a');
    await clock.advance(1_000);
    await admission.sample();
    // 100 + 10 - 60 in a second; 51 too many.
    expect(admission.refusal([])?.exceeded).toMatchObject({ measured: 60, retryAfterSeconds: 2 });
  });
});
