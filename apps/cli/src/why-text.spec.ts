import type { DryRun, WhyReason, WhyView } from '@app/client';
import { dryRunRows, spanOf, whyRows } from './why-text.js';

const NOW = Date.parse('2026-01-31T08:00:00Z');
const at = (seconds: number) => new Date(NOW + seconds * 1_000).toISOString();
const view = (reasons: WhyReason[], more: Partial<WhyView> = {}): WhyView => ({
  id: '1',
  state: 'queued',
  reasons,
  estimatedStart: null,
  confidence: null,
  links: { job: '/jobs/1' },
  ...more,
});
const text = (reasons: WhyReason[], more: Partial<WhyView> = {}) => whyRows(view(reasons, more), NOW).map((row) => row.join(' '));
const behind = { code: 'behind', queue: 'reports', ahead: 230, aheadIsExact: true } as const;

describe('what a person reads of why a job waits', () => {
  test('says how many are before it, and when it starts by what', () => {
    expect(text([behind], { estimatedStart: at(115), confidence: 'the rate of the last 60 s' })).toEqual([
      'why 230 jobs wait before it in the queue reports',
      'starts about in 1 min 55 s, at 2026-01-31T08:01:55.000Z, by the rate of the last 60 s',
    ]);
    expect(text([{ ...behind, ahead: 250_000, aheadIsExact: false }])[0]).toBe('why about 250,000 jobs wait before it in the queue reports');
    expect(text([{ ...behind, ahead: 0 }])[0]).toBe('why it is the next of the queue reports');
  });

  test('says who has paused what and why, and what else is in the way', () => {
    const paused = { code: 'paused', what: 'queue', name: 'reports', since: at(-7_500), by: 'anna', reason: 'the printer is being repaired' } as const;
    expect(text([paused, behind])).toEqual([
      'why its queue reports is paused, for 2 h 5 min, by anna: the printer is being repaired',
      'and 230 jobs wait before it in the queue reports',
      'starts not before the queue is resumed',
    ]);
    expect(text([{ ...paused, what: 'kind', name: 'report.render', by: null, reason: null }])[0]).toBe('why its kind report.render is paused, for 2 h 5 min');
  });

  test('tells a delay from the backoff of an attempt', () => {
    const scheduled = { code: 'scheduled', until: at(42), by: 'delay', attempt: 1 } as const;
    const more = { state: 'scheduled', estimatedStart: at(42), confidence: 'the time that it waits for' } as const;
    expect(text([scheduled], more)).toEqual(['why it was submitted with a delay, which ends in 42 s', 'starts in 42 s, at 2026-01-31T08:00:42.000Z']);
    expect(text([{ ...scheduled, by: 'backoff', attempt: 3 }], more)[0]).toBe('why attempt 2 has failed, and attempt 3 is due in 42 s');
    expect(text([{ ...scheduled, by: 'snooze' }], more)[0]).toBe('why its handler has put it off; it is due again in 42 s');
    expect(text([{ ...scheduled, by: 'unknown_kind' }], more)[0]).toBe('why a worker that got it did not know its kind; it is tried again in 42 s');
  });

  test('says what to do where no worker takes the queue, and which is too small', () => {
    const none = { code: 'no_worker', queue: 'reports', workers: 0, needsSlots: 1, largestWorker: null } as const;
    expect(text([none])).toEqual([
      'why no live worker takes the queue reports',
      ' start one whose WORKER_QUEUES is empty or has reports, or assign it: longhaul workers assign',
      'starts not before there is a worker for it',
    ]);
    expect(text([{ ...none, workers: 2, needsSlots: 4, largestWorker: 2 }])[0]).toBe(
      'why it needs 4 slots of a worker, and the largest that takes the queue reports has 2',
    );
  });

  test('names a full limit with who holds it, and the next start of a rate', () => {
    const limit = {
      code: 'limit',
      limit: 'partner.call/tenant:acme',
      capacity: 5,
      held: 5,
      ahead: 1,
      aheadIsExact: true,
      holders: ['a', 'b', 'c', 'd', 'e'],
    } as const;
    expect(text([{ ...limit, holders: [...limit.holders] }]).slice(0, 2)).toEqual([
      'why the limit partner.call/tenant:acme is full: 5 of 5 run, and 1 job waits before it',
      ' these run: a, b, c, …',
    ]);
    expect(text([{ code: 'rate', limit: 'partner.call', nextAt: at(3), ahead: 40, aheadIsExact: true }])[0]).toBe(
      'why the limit partner.call allows the next start in 3 s, and 40 jobs wait before it',
    );
  });

  test('says that RabbitMQ is away, or has it', () => {
    expect(text([{ code: 'broker_away', broker: 'down' }])).toEqual([
      'why RabbitMQ cannot be reached. The job is safe in PostgreSQL',
      'starts when RabbitMQ is back',
    ]);
    expect(text([{ code: 'published', since: at(-9), confirmed: true }])).toEqual([
      'why RabbitMQ has its message, for 9 s: the next worker with a free slot gets it',
      'starts as soon as a worker has a free slot',
    ]);
    expect(text([{ code: 'published', since: at(-9), confirmed: false }])[0]).toBe('why its message is on its way to RabbitMQ');
  });

  test('says of a job that is only asked about that nothing would keep it', () => {
    const met: DryRun = {
      ...{ dryRun: true, existing: null, kind: 'a.b', queue: 'default', priority: 4, limits: [], reasons: [], ahead: 0, aheadIsExact: true },
      ...{ estimatedStart: at(0), confidence: 'nothing waits before it', links: {} },
    };
    expect(dryRunRows(met, NOW).at(-1)).toEqual(['starts', 'about now, at 2026-01-31T08:00:00.000Z: nothing waits before it']);
  });

  test('says which worker runs it, and that one that has ended does not wait', () => {
    expect(text([{ code: 'running', worker: 'host:42', since: at(-61), attempt: 2 }])).toEqual([
      'why it does not wait: host:42 runs it, for 1 min 1 s, as attempt 2',
    ]);
    expect(text([], { state: 'failed' })).toEqual(['why it does not wait: it has ended, failed']);
  });

  test.each([
    [400, '1 s'],
    [59_400, '59 s'],
    [60_000, '1 min'],
    [754_000, '12 min'],
    [3_660_000, '1 h 1 min'],
    [90_000_000, '1 d 1 h'],
  ])('%i ms are %s', (ms, words) => {
    expect(spanOf(ms)).toBe(words);
  });
});
