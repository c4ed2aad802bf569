import type { JobDetail } from '../../api/api';
import { axisOf, lifeOf, type Told } from './life';

const T = Date.parse('2026-11-27T14:30:00.000Z');
const at = (ms: number): string => new Date(T + ms).toISOString();

function told(given: Partial<Omit<Told, 'job'>> & { job?: Partial<JobDetail> } = {}): Told {
  const job = {
    id: '01890000-0000-7000-8000-000000000000',
    kind: 'report.aggregate',
    queue: 'reports',
    state: 'succeeded',
    attempt: 1,
    maxAttempts: 5,
    errors: [],
    worker: null,
    runAt: null,
    cancelRequested: false,
    createdAt: at(0),
    startedAt: at(4_000),
    finishedAt: at(6_000),
    ...given.job,
  } as unknown as JobDetail;
  return { states: [], steps: [], deliveries: [], why: undefined, now: T + 6_000, ...given, job };
}

const state = (seq: number, ms: number, name: JobDetail['state'], attempt: number) => ({ seq, at: at(ms), state: name, attempt });
const lost = { attempt: 1, at: at(2_000), code: 'worker_lost', name: 'Error', message: 'the worker that ran it was lost' };
const shown = (of: Told): [string, string][] => lifeOf(of).map(({ name, tone }) => [name, tone]);

describe('the life of a job', () => {
  test('is a wait, an attempt and its settlement for a job that was only run', () => {
    const states = [state(1, 0, 'queued', 0), state(2, 4_000, 'running', 1), state(3, 6_000, 'succeeded', 1)];
    expect(shown(told({ states }))).toEqual([
      ['Submitted', 'off'],
      ['Waited', 'wait'],
      ['Attempt 1', 'ok'],
      ['Settled', 'ok'],
    ]);
  });

  test('is told by the times of the job while its events have not come', () => {
    expect(shown(told()).map(([name]) => name)).toEqual(['Submitted', 'Waited', 'Attempt 1', 'Settled']);
  });

  test('shows a failed attempt with its error, and the backoff before the next', () => {
    const error = { attempt: 1, at: at(1_000), code: 'handler_error', name: 'Error', message: 'lock timeout' };
    const states = [
      state(1, 0, 'queued', 0),
      state(2, 500, 'running', 1),
      state(3, 1_000, 'scheduled', 1),
      state(4, 1_600, 'queued', 1),
      state(5, 1_610, 'running', 2),
    ];
    const stages = lifeOf(told({ states, job: { state: 'running', errors: [error], finishedAt: null } }));
    expect(stages.map(({ name, tone }) => [name, tone])).toEqual([
      ['Submitted', 'off'],
      ['Waited', 'wait'],
      ['Attempt 1', 'bad'],
      ['Backoff', 'back'],
      ['Attempt 2', 'run'],
    ]);
    expect(stages[2]).toMatchObject({ errorOf: error, label: '0.5 s, lock timeout' });
    expect(stages[4]).toMatchObject({ isOpen: true, end: T + 6_000 });
  });

  test('tears an attempt whose worker was lost', () => {
    const states = [
      state(1, 0, 'queued', 0),
      state(2, 500, 'running', 1),
      state(3, 2_000, 'queued', 0),
      state(4, 2_500, 'running', 1),
      state(5, 6_000, 'succeeded', 1),
    ];
    const stages = lifeOf(told({ states, job: { errors: [lost] } }));
    expect(stages.map(({ tone }) => tone)).toEqual(['off', 'wait', 'lost', 'wait', 'ok', 'ok']);
    expect(stages[2]?.note).toBe('its worker was lost');
  });

  test('puts each step into the attempt that has done it', () => {
    const states = [state(1, 0, 'queued', 0), state(2, 1_000, 'running', 1), state(3, 6_000, 'succeeded', 1)];
    const step = (name: string, ms: number) => ({ name, result: null, endedAt: at(ms) });
    const attempt = lifeOf(told({ states, steps: [step('read', 2_000), step('write', 5_000)] })).find(({ name }) => name === 'Attempt 1');
    expect(attempt?.steps).toEqual([
      { name: 'read', start: T + 1_000, end: T + 2_000 },
      { name: 'write', start: T + 2_000, end: T + 5_000 },
    ]);
  });

  test('has an axis that begins with it, and at most seven ticks of a round size', () => {
    const { from, span, step, ticks } = axisOf(lifeOf(told()));
    expect([from, step, ticks]).toEqual([T, 1_000, [1_000, 2_000, 3_000, 4_000, 5_000]]);
    expect(span).toBeCloseTo(6_120);
  });
});
