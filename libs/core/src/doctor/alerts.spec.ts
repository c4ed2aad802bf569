import { ManualClock, RecordingLogger, turns } from '../testing/index.js';
import { AlertWatch } from './alert-watch.js';
import { type Alert, ALERT_RULES, type AlertCause, alertCauses } from './alerts.js';
import type { Standing } from './examine.js';

const WELL: Standing = {
  ...{ broker: 'up', databaseMs: 1, queues: [], lastMinute: new Map(), lateWorkers: 0, exceeded: [] },
  ...{ failures: [], failingSchedules: [], lateSchedules: [], workers: [], missingRights: [], brokerDenies: [], open: false },
};
const AWAY: Standing = { ...WELL, broker: 'down' };
const USUAL = new Set(ALERT_RULES.usual);
const failures = (open: number, kind: string, reason: string): Standing['failures'][number] => ({
  ...{ source: 'job', kind, reason, count: open + 1, open, lastAt: new Date() },
});

describe('what operators are told of', () => {
  test('is nothing where all is well, and what a rule has found with what to do where it is not', () => {
    expect(alertCauses(WELL, USUAL)).toEqual([]);
    expect(alertCauses(AWAY, USUAL)).toMatchObject([
      { rule: 'broker_away', level: 'error', link: '/health/ready', fix: expect.stringContaining('AMQP_URL') as unknown },
    ]);
  });

  test('is each group of dead letters by itself, with a place of its own, so that a new group is news', () => {
    const causes = alertCauses({ ...WELL, failures: [failures(2, 'a.b', 'timeout'), failures(0, 'a.b', 'x'), failures(1, 'c.d', 'timeout')] }, USUAL);
    expect(causes.map(({ message, link }) => [message, link])).toEqual([
      ['2 jobs of a.b have failed for good in the last hour: timeout.', '/dead-letters?source=job&kind=a.b&reason=timeout'],
      ['A job of c.d has failed for good in the last hour: timeout.', '/dead-letters?source=job&kind=c.d&reason=timeout'],
    ]);
  });

  test('is not what somebody has decided, unless its rule is asked for', () => {
    const open = { ...WELL, open: true };
    expect(alertCauses(open, USUAL)).toEqual([]);
    expect(alertCauses(open, new Set(['open_port']))).toMatchObject([{ rule: 'open_port' }]);
    expect(ALERT_RULES.usual).toEqual(expect.arrayContaining(['no_worker', 'schedule_failing', 'new_failures']));
  });
});

function watching({ afterSeconds = 30, wanted = true } = {}) {
  const clock = new ManualClock();
  const state = { standing: AWAY, wanted, looks: 0 };
  const found: AlertCause[][] = [];
  const asked: [number, number][] = [];
  const ended: [number, number][] = [];
  const told: Alert[] = [];
  const watch = new AlertWatch<string>({
    standing: async () => {
      state.looks++;
      return state.standing;
    },
    alerts: {
      found: async (causes) => void found.push([...causes]),
      tell: async (after, quiet, tell) => {
        asked.push([after, quiet]);
        await tell([], 'transaction');
        return 0;
      },
      end: async (after, quiet) => void ended.push([after, quiet]),
      list: async () => [],
    },
    wanted: async () => state.wanted,
    tell: async (alerts) => void told.push(...alerts),
    clock,
    logger: new RecordingLogger(),
    config: { rules: USUAL, afterSeconds },
  });
  return { clock, state, found, asked, ended, watch };
}

describe('the watch', () => {
  test('says each ten seconds what it finds, and asks for what is to be told also when it finds nothing', async () => {
    const { clock, state, found, asked, watch } = watching();
    watch.start();
    await turns(20);
    state.standing = WELL;
    await clock.advance(10_000);
    expect(found.map((causes) => causes.map(({ rule }) => rule))).toEqual([['broker_away']]);
    expect(asked).toEqual([
      [30, 30],
      [30, 30],
    ]);
    await watch.close();
  });

  test('looks more often where alerts are told sooner, and never ends one for fewer than three looks', async () => {
    const { clock, state, asked, watch } = watching({ afterSeconds: 0 });
    watch.start();
    await turns(20);
    await clock.advance(2_000);
    expect(state.looks).toBe(3);
    expect(asked[0]).toEqual([0, 3]);
    await watch.close();
  });

  test('looks each minute while nobody wants to be told, tells nobody, and takes three such looks for an end', async () => {
    const { clock, state, found, asked, ended, watch } = watching({ wanted: false });
    watch.start();
    await turns(20);
    await clock.advance(60_000);
    expect([state.looks, found.length, asked, ended]).toEqual([2, 2, [], [[30, 180], [30, 180]]]); // prettier-ignore
    state.wanted = true;
    await clock.advance(60_000);
    expect([state.looks, asked]).toEqual([3, [[30, 30]]]);
    await clock.advance(10_000);
    expect(state.looks).toBe(4);
    await watch.close();
  });
});
