import type { QueueStats } from '../control/job-reader.js';
import { type Facts, findings, RULES, verdictOf } from './rules.js';

const WELL: Facts = { broker: 'up', databaseMs: 1, queues: [], lastMinute: new Map(), lateWorkers: 0, exceeded: [], failures: [] };

const queue = (more: Partial<QueueStats>): QueueStats => ({
  name: 'reports',
  paused: false,
  pausedAt: null,
  pausedBy: null,
  pauseReason: null,
  fair: null,
  scheduled: 0,
  queued: 0,
  waiting: 0,
  parked: 0,
  running: 0,
  oldestAgeSeconds: null,
  consumers: 1,
  ...more,
});
const counts = (accepted: number, succeeded: number) => ({ accepted, started: succeeded, succeeded, failed: 0, cancelled: 0, retried: 0 });
const letters = (kind: string, open: number) => ({ source: 'job' as const, kind, reason: 'handler_error', count: open + 1, open, lastAt: new Date() });

/** For each rule what it is to find. */
const ILL: Record<string, [Partial<Facts>, string]> = {
  broker_away: [{ broker: 'down', brokerReason: 'no account "app"' }, 'RabbitMQ cannot be reached (no account "app"). Jobs are accepted'],
  broker_blocked: [{ broker: 'blocked' }, 'short of memory or disk'],
  overloaded: [
    { exceeded: [{ signal: 'queue_depth', measured: 12, limit: 10, queue: 'reports', retryAfterSeconds: 1 }] },
    'to queue reports are refused: queue_depth is 12',
  ],
  no_worker: [{ queues: [queue({ queued: 3, consumers: 0, oldestAgeSeconds: 300 })] }, '3 jobs of queue reports wait for a worker, the oldest for 5 min'],
  database_slow: [{ databaseMs: 900 }, 'PostgreSQL took 900 ms'],
  worker_late: [{ lateWorkers: 2 }, '2 workers have not renewed'],
  queue_paused: [{ queues: [queue({ paused: true, queued: 1, pausedBy: 'ada' })] }, 'Queue reports is paused by ada; 1 job waits in it.'],
  queue_behind: [
    { queues: [queue({ queued: 90, oldestAgeSeconds: 90 })], lastMinute: new Map([['reports', counts(400, 350)]]) },
    '400 came in the last minute, 350 ended',
  ],
  new_failures: [{ failures: [letters('fanout.enrich', 37)] }, '37 jobs have failed in the last hour, all of fanout.enrich (handler error).'],
};

test('each rule finds what it is for, says it in a sentence, and finds nothing where all is well', () => {
  for (const { code, find, wrong, seen, fix } of RULES) {
    const [facts, says] = ILL[code] as [Partial<Facts>, string];
    expect(find(WELL)).toEqual([]);
    const [found, ...more] = find({ ...WELL, ...facts });
    expect(more).toEqual([]);
    expect(found?.message).toContain(says);
    expect(found?.link).toMatch(/^\//);
    for (const text of [wrong, seen, fix]) expect(text).not.toBe('');
  }
  expect(Object.keys(ILL).toSorted()).toEqual(RULES.map(({ code }) => code).toSorted());
});

test('a queue that has just got its first job, or that is paused, does not lack a worker', () => {
  const young = queue({ queued: 1, consumers: 0, oldestAgeSeconds: 1 });
  const paused = queue({ queued: 1, consumers: 0, oldestAgeSeconds: 300, paused: true });
  const found = findings({ ...WELL, queues: [young, paused] });
  expect(found.map(({ code }) => code)).toEqual(['queue_paused']);
});

test('a queue that is empty in the end is not behind, and neither is one whose jobs began at once', () => {
  const busy = new Map([['reports', counts(400, 350)]]);
  expect(findings({ ...WELL, queues: [queue({ queued: 5, oldestAgeSeconds: 2 })], lastMinute: busy })).toEqual([]);
  expect(findings({ ...WELL, queues: [queue({})], lastMinute: busy })).toEqual([]);
});

test('failures that somebody has put back are no news', () => {
  expect(findings({ ...WELL, failures: [letters('fanout.enrich', 0)] })).toEqual([]);
});

test('the verdict is the most urgent finding, and says how many more there are', () => {
  const found = findings({ ...WELL, failures: [letters('a', 1)], queues: [queue({ queued: 3, consumers: 0, oldestAgeSeconds: 300 })] });
  expect(verdictOf(found)).toMatchObject({ ok: false, level: 'error', code: 'no_worker', link: '/workers', more: 1 });
  expect(verdictOf([])).toEqual({ ok: true, level: 'ok', code: 'ok', message: 'Everything runs.', link: null, more: 0 });
});
