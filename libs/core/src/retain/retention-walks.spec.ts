import { uuidv7 } from '../kit/uuid.js';
import type { RetentionLimits } from './retention.js';
import type { RetentionRule } from './retention-rule.js';
import { type Look, RetentionWalks } from './retention-walks.js';

const DAY = 86_400;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LIMITS: RetentionLimits = { succeededSeconds: 7 * DAY, failedSeconds: null, letterSeconds: null, statsSeconds: null };
const FIRST = '00000000-0000-0000-0000-000000000000';

function rule(tenant: string, kinds: string, times: Pick<RetentionRule, 'succeededSeconds' | 'failedSeconds'>): RetentionRule {
  return { tenant, kinds, origin: 'api', updatedAt: new Date(0), ...times };
}

/** Walks over a store that has nothing, unless `found` says how many jobs a look comes upon. */
function walking(found: (look: Look) => number = () => 0) {
  let now = Date.UTC(2026, 0, 31);
  const looks: Look[] = [];
  const walks = new RetentionWalks(
    (look) => {
      looks.push(look);
      const looked = Math.min(look.most, found(look));
      const time = Math.floor(now - look.seconds * 1_000);
      const end = `${time
        .toString(16)
        .padStart(12, '0')
        .replace(/^(.{8})/, '$1-')}-0000-0000-000000000000`;
      return Promise.resolve({ looked, removed: 0, last: looked === 0 ? null : uuidv7(), end });
    },
    () => now,
  );
  const turn = async (rules: RetentionRule[] = [], limits = LIMITS, limit = 10) => {
    looks.length = 0;
    const { more } = await walks.turn(rules, limits, limit);
    return { looks: looks.map(({ tenant, outcome, seconds }) => `${tenant ?? 'all'} ${outcome} ${seconds / DAY}`), more };
  };
  /** How many minutes before the end of the pass before a look begins, which was `ago` milliseconds ago; `first`: with the oldest job. */
  const back = (ago: number, which = 0): number | 'first' => {
    const { after, seconds } = looks[which] as Look;
    return after === FIRST ? 'first' : (now - ago - seconds * 1_000 - Number.parseInt(after.replace('-', '').slice(0, 12), 16)) / MINUTE;
  };
  return { turn, back, looks, wait: (ms: number) => (now += ms) };
}

test('without rules the settings alone are walked, and what is kept for ever is not', async () => {
  const { turn } = walking();
  expect((await turn()).looks).toEqual(['all succeeded 7']);
  expect((await turn([], { ...LIMITS, succeededSeconds: null })).looks).toEqual([]);
  expect((await turn([], { ...LIMITS, failedSeconds: 30 * DAY })).looks).toEqual(['all succeeded 7', 'all failed 30', 'all cancelled 30']);
});

test('each length of time is walked once, of a tenant with rules by itself, of `default` with all', async () => {
  const { turn } = walking();
  const rules = [
    rule('*', 'a.*', { succeededSeconds: DAY, failedSeconds: null }),
    rule('*', 'a.b', { succeededSeconds: DAY }),
    rule('default', 'a.b', { failedSeconds: 2 * DAY }),
    rule('acme', '*', { succeededSeconds: 3 * DAY }),
  ];
  const ofAll = ['all succeeded 7', 'all succeeded 1', 'all failed 2', 'all cancelled 2'];
  const fallen = ['acme succeeded 7', 'acme succeeded 1', 'acme failed 2', 'acme cancelled 2'];
  expect((await turn(rules)).looks).toEqual(['acme succeeded 3', ...fallen, ...ofAll]);
  expect((await turn(rules)).looks).toEqual(['acme succeeded 3', ...ofAll]);
});

test('a pass begins a minute before the last one ended, each second pass two minutes, each fourth four, and once in an hour with the oldest job', async () => {
  const { turn, back, wait } = walking();
  const backs: (number | 'first')[] = [];
  for (let pass = 0; pass < 122; pass++) {
    await turn();
    backs.push(back(MINUTE / 2));
    wait(MINUTE / 2);
  }
  expect(backs.slice(0, 9)).toEqual(['first', 1, 2, 1, 4, 1, 2, 1, 8]);
  expect(backs.flatMap((each, pass) => (each === 'first' ? [pass] : []))).toEqual([0, 120]);
});

test('jobs that are many are looked at in batches over several turns, each from where the one before ended', async () => {
  let left = 255;
  const { turn, looks } = walking(({ most }) => {
    const here = Math.min(left, most);
    left -= here;
    return here;
  });
  expect((await turn()).more).toBe(true);
  expect(looks).toHaveLength(10);
  expect(new Set(looks.map(({ after }) => after)).size).toBe(10);
  expect((await turn()).more).toBe(true);
  expect((await turn()).more).toBe(false);
  expect(looks).toHaveLength(6);
});

test('a whole pass that took long is followed by as long a time without one as keeps it to a tenth', async () => {
  let left = 101;
  const { turn, wait, back } = walking(({ most }) => {
    const here = Math.min(left, most);
    left -= here;
    return here;
  });
  await turn();
  wait(HOUR);
  await turn();
  wait(8.9 * HOUR);
  await turn();
  expect(back(8.9 * HOUR)).not.toBe('first');
  wait(0.2 * HOUR);
  await turn();
  expect(back(0)).toBe('first');
});

test('a changed rule of a tenant walks its jobs from the oldest, also by what holds for all, and nobody else’s', async () => {
  const { turn, back, wait } = walking();
  const [before, after] = [rule('acme', '*', { succeededSeconds: 3 * DAY }), rule('acme', '*', { succeededSeconds: 9 * DAY })];
  await turn([before]);
  wait(MINUTE);
  expect((await turn([after])).looks).toEqual(['acme succeeded 9', 'acme succeeded 7', 'all succeeded 7']);
  expect([0, 1, 2].map((which) => back(MINUTE, which))).toEqual(['first', 'first', 1]);
});

test('the jobs of a tenant whose last rule has gone are walked once more by what holds for all', async () => {
  const { turn, back } = walking();
  await turn([rule('acme', '*', { succeededSeconds: null })]);
  expect((await turn()).looks).toEqual(['acme succeeded 7']);
  expect(back(0)).toBe('first');
  expect((await turn()).looks).toEqual(['all succeeded 7']);
});

test('rules that change in every turn keep nobody from being walked', async () => {
  const { turn, wait } = walking();
  for (let days = 1; days < 9; days++) {
    expect((await turn([rule('acme', '*', { succeededSeconds: days * DAY })])).looks).toContain('all succeeded 7');
    wait(MINUTE / 2);
  }
});

test('a long pass over the jobs of all keeps no tenant waiting', async () => {
  const { turn, wait } = walking(({ tenant, most }) => (tenant === null ? most : 0));
  const rules = [rule('acme', '*', { succeededSeconds: DAY })];
  for (let turns = 0; turns < 3; turns++) {
    expect((await turn(rules)).looks).toContain('acme succeeded 1');
    expect((await turn(rules)).looks).toEqual(Array(10).fill('all succeeded 7'));
    wait(MINUTE / 2);
  }
});
