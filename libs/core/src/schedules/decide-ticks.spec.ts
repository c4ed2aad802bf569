import type { JobId } from '../job/job.js';
import type { JsonText } from '../job/json-text.js';
import { dailyPatterns } from '../testing/daily-patterns.js';
import { decideTicks, type DueSchedule, type LastJob, MOST_AT_ONCE, MOST_MADE_UP, nextLook, nextTickOf } from './decide-ticks.js';

const at = (text: string) => new Date(`2026-01-01T${text}Z`);
const clock = (tick: Date | null) => tick && tick.toISOString().slice(11, 19);

function schedule(changes: Partial<DueSchedule> = {}): DueSchedule {
  return {
    id: 'nightly',
    kind: 'report.render',
    payload: '{}' as JsonText,
    options: {},
    description: '',
    spec: { every: '1m' },
    startsAt: null,
    endsAt: null,
    overlap: 'skip',
    missed: 'last',
    missedWindowMs: 86_400_000,
    jitterMs: 0,
    pauseAfterFailures: null,
    nextTick: at('10:00:00'),
    dueAt: at('10:00:00'),
    lastTick: at('09:59:00'),
    lastJobId: 'last' as JobId,
    buffered: null,
    failures: 0,
    pausedAt: null,
    pausedBy: null,
    pauseReason: null,
    origin: 'api',
    revision: 1,
    createdAt: at('00:00:00'),
    updatedAt: at('00:00:00'),
    lastJob: null,
    ...changes,
  };
}

const job = (state: LastJob['state'], more: Partial<LastJob> = {}): LastJob => ({ state, cancelRequested: false, backlog: false, ...more });
const decided = (changes: Partial<DueSchedule>, now: string) => decideTicks(schedule(changes), at(now), dailyPatterns);
const becomings = (changes: Partial<DueSchedule>, now: string) => decided(changes, now).ticks.map(({ tick, becomes }) => `${clock(tick) ?? ''} ${becomes}`);

describe('A tick that is due', () => {
  test('gets a job, which knows the tick before it', () => {
    const plan = decided({}, '10:00:00.2');
    expect(plan.ticks).toEqual([{ tick: at('10:00:00'), previousTick: at('09:59:00'), becomes: 'submit' }]);
    expect([plan.nextTick, plan.lastTick]).toEqual([at('10:01:00'), at('10:00:00')]);
  });

  test('is not taken before its jitter is over', () => {
    const plan = decided({ jitterMs: 59_000, spec: { every: '1m' } }, '10:00:00');
    expect([plan.ticks, plan.nextTick]).toEqual([[], at('10:00:00')]);
  });

  test('is the last one of a schedule that ends', () => {
    expect(decided({ endsAt: at('10:00:00') }, '10:00:05').nextTick).toBeNull();
    expect(decided({ spec: { at: '2026-01-01T10:00:00Z' } }, '10:00:05').nextTick).toBeNull();
  });
});

describe('While the last job has not ended', () => {
  test.each(['queued', 'scheduled', 'running'] as const)('`skip` makes none: it is %s', (state) => {
    expect(becomings({ lastJob: job(state) }, '10:00:01')).toEqual(['10:00:00 skipped_overlap']);
  });

  test.each(['succeeded', 'failed', 'cancelled'] as const)('`skip` waits for nothing once it has %s', (state) => {
    expect(becomings({ lastJob: job(state) }, '10:00:01')).toEqual(['10:00:00 submit']);
  });

  test('`skip` makes one where the job is gone from the database: it counts as ended', () => {
    expect(becomings({ lastJob: null }, '10:00:01')).toEqual(['10:00:00 submit']);
  });

  test('`allow` makes another, unless all of the last hundred wait', () => {
    expect(becomings({ overlap: 'allow', lastJob: job('running') }, '10:00:01')).toEqual(['10:00:00 submit']);
    expect(becomings({ overlap: 'allow', lastJob: job('queued', { backlog: true }) }, '10:00:01')).toEqual(['10:00:00 coalesced']);
  });

  test('`buffer` keeps one tick, and no second one', () => {
    const first = decided({ overlap: 'buffer', lastJob: job('running') }, '10:00:01');
    expect([first.ticks[0]?.becomes, first.buffered]).toEqual(['buffered', { tick: at('10:00:00'), previousTick: at('09:59:00') }]);
    expect(becomings({ overlap: 'buffer', lastJob: job('running'), buffered: { tick: at('09:59:00'), previousTick: null } }, '10:00:01')).toEqual([
      '10:00:00 skipped_overlap',
    ]);
  });

  test('`buffer` makes the job of the kept tick when the last one has ended, also where no tick is due', () => {
    const buffered = { tick: at('09:59:00'), previousTick: at('09:58:00') };
    const plan = decided({ overlap: 'buffer', lastJob: job('succeeded'), buffered }, '09:59:30');
    expect(plan.ticks).toEqual([{ ...buffered, becomes: 'submit' }]);
    expect([plan.buffered, plan.nextTick]).toEqual([null, at('10:00:00')]);
  });

  test('`cancel` asks it to stop, once, and keeps the newest tick until it has', () => {
    const buffered = { tick: at('09:59:00'), previousTick: at('09:58:00') };
    const plan = decided({ overlap: 'cancel', lastJob: job('running'), buffered }, '10:00:01');
    expect(plan.ticks.map(({ tick, becomes }) => [clock(tick), becomes])).toEqual([
      ['09:59:00', 'skipped_overlap'],
      ['10:00:00', 'buffered'],
    ]);
    expect([plan.cancel, clock(plan.buffered?.tick ?? null)]).toEqual(['last', '10:00:00']);
    expect(decided({ overlap: 'cancel', lastJob: job('running', { cancelRequested: true }), buffered }, '09:59:30').cancel).toBeNull();
  });

  test('a buffered tick is looked at again within a second', () => {
    expect(nextLook(schedule(), at('10:05:00'), true, at('10:00:00'))).toEqual(at('10:00:01'));
    expect(nextLook(schedule(), null, true, at('10:00:00'))).toEqual(at('10:00:01'));
    expect(nextLook(schedule(), null, false, at('10:00:00'))).toBeNull();
  });
});

describe('Of ticks that nobody was there for', () => {
  const away = '10:05:30';

  test('`skip` makes up for none', () => {
    expect(becomings({ missed: 'skip' }, away)).toEqual(['10:00', '10:01', '10:02', '10:03', '10:04', '10:05'].map((time) => `${time}:00 missed`));
  });

  test('`last` makes up for the newest', () => {
    expect(becomings({ missed: 'last' }, away).slice(-2)).toEqual(['10:04:00 missed', '10:05:00 submit']);
  });

  test('`last` makes up for none where another tick is on time', () => {
    expect(becomings({ missed: 'last' }, '10:05:05').slice(-2)).toEqual(['10:04:00 missed', '10:05:00 submit']);
  });

  test('`all` makes up for each within the window, in order, and each job knows its interval', () => {
    const { ticks } = decided({ missed: 'all', overlap: 'allow', missedWindowMs: 200_000 }, away);
    expect(ticks.map(({ tick, becomes }) => `${clock(tick) ?? ''} ${becomes}`)).toEqual([
      ...['10:00:00 missed', '10:01:00 missed', '10:02:00 missed'],
      ...['10:03:00 submit', '10:04:00 submit', '10:05:00 submit'],
    ]);
    expect(ticks.map(({ previousTick }) => clock(previousTick))).toEqual(['09:59:00', '10:00:00', '10:01:00', '10:02:00', '10:03:00', '10:04:00']);
  });

  test('`all` makes up for a thousand, some hundred at a time', () => {
    let state = schedule({ missed: 'all', overlap: 'allow', spec: { every: '1s' }, missedWindowMs: 86_400_000 });
    const made: Date[] = [];
    for (let looks = 0; looks < 10; looks++) {
      const plan = decideTicks(state, at('12:00:00'), dailyPatterns);
      const submitted = plan.ticks.filter(({ becomes }) => becomes === 'submit');
      expect(submitted.length).toBeLessThanOrEqual(MOST_AT_ONCE);
      made.push(...submitted.map(({ tick }) => tick));
      state = { ...state, nextTick: plan.nextTick, lastTick: plan.lastTick };
    }
    // The eleven of the last ten seconds are on time.
    expect(made).toHaveLength(MOST_MADE_UP + 11);
    expect(made.every((tick, index) => index === 0 || tick.getTime() - (made[index - 1]?.getTime() ?? 0) === 1_000)).toBe(true);
  });

  test('those of the last ten seconds count as on time: a slow database makes nobody miss a tick', () => {
    expect(becomings({ missed: 'skip', overlap: 'allow', spec: { every: '1s' } }, '10:00:03')).toEqual([
      '10:00:00 submit',
      '10:00:01 submit',
      '10:00:02 submit',
      '10:00:03 submit',
    ]);
  });

  test('after years the newest twenty are written down, at no great cost', () => {
    const plan = decided({ spec: { every: '1s' }, nextTick: new Date('2020-01-01T00:00:00Z'), missed: 'skip' }, '10:00:00');
    expect(plan.ticks).toHaveLength(20);
    expect(plan.nextTick).toEqual(at('10:00:01'));
  });
});

describe('Failures in a row', () => {
  test('pause the schedule when they are as many as it says, before another job is made', () => {
    const plan = decided({ pauseAfterFailures: 3, failures: 2, lastJob: job('failed') }, '10:00:01');
    expect([plan.ticks, plan.failures, plan.pause, plan.nextTick]).toEqual([[], 3, '3 times in a row its job has failed or was refused', at('10:00:00')]);
  });

  test('are forgotten with a success, and count on where a job was cancelled', () => {
    expect(decided({ pauseAfterFailures: 3, failures: 2, lastJob: job('succeeded') }, '10:00:01').failures).toBe(0);
    expect(decided({ pauseAfterFailures: 3, failures: 2, lastJob: job('cancelled') }, '10:00:01').failures).toBe(2);
  });
});

describe('A schedule that is set anew', () => {
  test('keeps its next tick as long as it ticks as before, so that none is lost', () => {
    expect(nextTickOf(schedule(), schedule({ payload: '{"a":1}' as JsonText }), at('10:07:00'), dailyPatterns)).toEqual(at('10:00:00'));
  });

  test('begins from now where it ticks otherwise', () => {
    expect(nextTickOf(schedule(), schedule({ spec: { every: '5m' } }), at('10:07:00'), dailyPatterns)).toEqual(at('10:10:00'));
    expect(nextTickOf(null, schedule(), at('10:07:30'), dailyPatterns)).toEqual(at('10:08:00'));
  });
});
