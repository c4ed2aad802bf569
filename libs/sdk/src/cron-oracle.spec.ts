import { describeIf, describeInCi, inProofs } from '../../../test/support/only-if.js';
import { cronPatterns } from './cron-patterns.js';

// The ticks of a pattern, worked out in the dullest way there is: every minute of two years is asked for the fields that its clocks show. What croner says
// is compared with that.

const MINUTE = 60_000;
/** In minutes of the clock. */
const DAY = 1_440;
/** Minutes. */
const QUARTER = 15;

/** What the clocks of a zone show in each minute from `from` on: the fields of the clock as if they were UTC, in minutes. */
interface Walls {
  from: number;
  shown: Int32Array;
}

function wallsOf(zone: string, from: number, until: number): Walls {
  const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...fields });
  const clock = (time: number) => {
    const [, month, day, year, hour, minute] = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+)$/.exec(format.format(time)) ?? [];
    return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute)) / MINUTE;
  };
  const shown = new Int32Array((until - from) / MINUTE);
  for (let begin = 0; begin < shown.length; begin += QUARTER) {
    const [first, next] = [from + begin * MINUTE, from + (begin + QUARTER) * MINUTE];
    const wall = clock(first);
    // Formatting is what takes long. No zone changes its clocks and changes them back within a quarter of an hour.
    const steady = clock(next) - wall === QUARTER;
    for (let index = begin; index < Math.min(begin + QUARTER, shown.length); index++) {
      shown[index] = steady ? wall + index - begin : clock(from + index * MINUTE);
    }
  }
  return { from, shown };
}

const NAMES = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

function numbers(field: string, min: number, max: number): Set<number> {
  const found = new Set<number>();
  for (const part of field.split(',')) {
    const [range = '', step = '1'] = part.split('/');
    const [low = '', high = low] = range === '*' ? [String(min), String(max)] : range.split('-');
    for (let value = Number(low); value <= Number(high); value += Number(step)) found.add(value);
  }
  return found;
}

/** Which times of the clock fit a pattern of five fields, with `L` as day of the month and `n#k`, `nL` as days of the week. */
function fitting(pattern: string): (shown: number) => boolean {
  const named = pattern.toLowerCase().replace(/[a-z]{3}/g, (name) => String(NAMES.includes(name) ? NAMES.indexOf(name) + 1 : DAYS.indexOf(name)));
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = named.split(' ');
  const [minutes, hours, months] = [numbers(minute, 0, 59), numbers(hour, 0, 23), numbers(month, 1, 12)];
  const days = numbers(day.replace(/,?l/, ''), 1, 31);
  const ofWeek = weekday.split(',').map((part) => /^(\d)#(\d)$/.exec(part) ?? /^(\d)l$/.exec(part) ?? numbers(part, 0, 6));
  const fitsDay = (dayOfClock: number) => {
    const time = new Date(dayOfClock * DAY * MINUTE);
    if (!months.has(time.getUTCMonth() + 1)) return false;
    const date = time.getUTCDate();
    const last = new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + 1, 0)).getUTCDate();
    const byDay = day === '*' || days.has(date) || (day.includes('l') && date === last);
    const byWeekday = ofWeek.some((part) => {
      if (part instanceof Set) return part.has(time.getUTCDay()) || (time.getUTCDay() === 0 && part.has(7));
      if (Number(part[1]) !== time.getUTCDay()) return false;
      return part[2] === undefined ? date + 7 > last : Math.ceil(date / 7) === Number(part[2]);
    });
    return day === '*' || weekday === '*' ? byDay && byWeekday : byDay || byWeekday;
  };
  // It is asked sixty million times for each zone.
  const table = Array.from({ length: DAY }, (_, minuteOfDay) => minutes.has(minuteOfDay % 60) && hours.has(Math.floor(minuteOfDay / 60)));
  const known = new Map<number, boolean>();
  return (shown) => {
    // A day of the clock has whole minutes, whatever the zone.
    if (table[shown % DAY] !== true) return false;
    const dayOfClock = Math.floor(shown / DAY);
    const fits = known.get(dayOfClock) ?? fitsDay(dayOfClock);
    known.set(dayOfClock, fits);
    return fits;
  };
}

function bruteTicks(pattern: string, { from, shown: all }: Walls): number[] {
  const fits = fitting(pattern);
  const realTime = /[*/]/.test(pattern.split(' ').slice(0, 2).join(''));
  const ticks: number[] = [];
  let latest = -Infinity;
  for (let index = 0; index < all.length; index++) {
    const shown = all[index] as number;
    const first = shown > latest;
    let fell = false;
    if (index > 0 && !realTime && first && shown - latest > 1) {
      const today = Math.floor(shown / DAY);
      for (let gone = latest + 1; gone < shown; gone++) fell ||= Math.floor(gone / DAY) === today && fits(gone);
    }
    if (fell || ((realTime || first) && fits(shown))) ticks.push(from + index * MINUTE);
    if (first) latest = shown;
  }
  return ticks;
}

const ZONES: [zone: string, year: number][] = [
  ['Europe/Berlin', 2026],
  ['America/New_York', 2026],
  // Gaps at midnight.
  ['America/Sao_Paulo', 2017],
  ['Africa/Cairo', 2025],
  ['America/Santiago', 2025],
  ['Atlantic/Azores', 2025],
  // Clocks change by half an hour.
  ['Australia/Lord_Howe', 2025],
  // Changes at one minute past midnight.
  ['America/St_Johns', 2010],
  // Back in Ramadan.
  ['Africa/Casablanca', 2025],
  // A whole day is left out.
  ['Pacific/Apia', 2011],
  // No full hours, no changes.
  ['Asia/Kathmandu', 2025],
  ['UTC', 2027],
];

const PATTERNS = [
  '* * * * *', '*/2 * * * *', '*/5 * * * *', '*/7 * * * *', '*/15 * * * *', '*/30 * * * *', '0 * * * *', '30 * * * *', '59 * * * *', '5,35 * * * *',
  '0 */2 * * *', '0 */3 * * *', '30 */6 * * *', '0 */12 * * *', '15 1-5/2 * * *', '*/10 2 * * *', '*/20 0 * * *', '* 1 * * *', '* 0 1 * *', '0-10 3 * * *',
  '0 0 * * *', '1 0 * * *', '30 0 * * *', '59 23 * * *', '0 1 * * *', '30 1 * * *', '0 2 * * *', '15 2 * * *', '30 2 * * *', '0 3 * * *',
  '0,30 2 * * *', '0,30 1,2,3 * * *', '15 0-4 * * *', '0 9-17 * * *', '30 2,14 * * *', '0 0,12 * * *', '45 23 * * *', '0 8 * * 1-5', '0 8 * * MON-FRI', '30 2 * * 0',
  '0 0 * * SUN', '0 12 * * 6,0', '30 2 * * SAT', '0 0 * * 7', '0 0 1 * *', '30 2 1 * *', '0 0 15 * *', '0 6 1,15 * *', '0 0 31 * *', '0 0 29 2 *',
  '0 0 L * *', '30 2 L * *', '0 0 1 1 *', '0 0 1 JAN,JUL *', '30 2 * 3,10 *', '0 0 13 * FRI', '0 9 * * 1#1', '30 2 * * 0#4', '30 2 * * 0L', '0 0 1 */3 *',
]; // prettier-ignore

/** Compares all ticks of sparse patterns, and of the others those around each change of the clocks and in windows over the whole time. */
function differences(pattern: string, zone: string, walls: Walls, changes: number[]): string[] {
  const expected = bruteTicks(pattern, walls);
  const whole = walls.shown.length * MINUTE;
  const spread = Array.from({ length: 12 }, (_, index) => ({ from: walls.from + (whole / 12) * index, most: 15 }));
  const around = changes.map((at) => ({ from: at - DAY * MINUTE, most: 40 }));
  // Near enough to the change that a pattern of each minute comes to it.
  const close = changes.map((at) => ({ from: at - 70 * MINUTE, most: 150 }));
  const windows = expected.length <= 800 ? [{ from: walls.from, most: expected.length }] : [...spread, ...around, ...close];
  return windows.flatMap(({ from, most }) => {
    const after = new Date(Math.floor(from / MINUTE) * MINUTE - 1);
    const begin = expected.findIndex((tick) => tick > after.getTime());
    const wanted = begin < 0 ? [] : expected.slice(begin, begin + most);
    let tick: Date | null = after;
    for (const want of wanted) {
      tick = cronPatterns.next(pattern, zone, tick);
      if (tick?.getTime() !== want) return [`${pattern} in ${zone}: expected ${new Date(want).toISOString()}, got ${tick?.toISOString() ?? 'none'}`];
    }
    return [];
  });
}

function compare(zone: string, patterns: string[], from: number, until: number): string[] {
  const walls = wallsOf(zone, from, until);
  const changes: number[] = [];
  walls.shown.forEach((shown, index) => {
    if (index > 0 && shown - (walls.shown[index - 1] ?? 0) !== 1) changes.push(from + index * MINUTE);
  });
  return patterns.flatMap((pattern) => differences(pattern, zone, walls, changes));
}

describe('The ticks of a pattern are what the clocks of its zone show, minute by minute', () => {
  test.each([
    ['Europe/Berlin', '2026-03-26', '2026-04-01'],
    ['Europe/Berlin', '2026-10-23', '2026-10-28'],
    ['America/Sao_Paulo', '2018-11-02', '2018-11-06'],
    ['Australia/Lord_Howe', '2026-04-03', '2026-04-07'],
  ])('in %s from %s', (zone, from, until) => {
    expect(compare(zone, PATTERNS, Date.parse(from), Date.parse(until))).toEqual([]);
  });
});

/** Half an hour, a gap at midnight, Ramadan, a day left out. The other zones take a minute more. */
const isOdd = ([zone]: [string, number]) => /Lord_Howe|Sao_Paulo|Casablanca|Apia/.test(zone);

function overTwoYears(zones: [zone: string, year: number][]): void {
  test.each(zones)(
    'in %s from %d',
    (zone, year) => {
      expect(PATTERNS).toHaveLength(60);
      expect(compare(zone, PATTERNS, Date.UTC(year, 0, 1), Date.UTC(year + 2, 0, 1))).toEqual([]);
    },
    300_000,
  );
}

describeInCi('The ticks of 60 patterns over two years are what the clocks show, in the oddest zones', () => {
  overTwoYears(ZONES.filter(isOdd));
});

describeIf(inProofs, 'npm run proofs runs it')('The ticks of 60 patterns over two years are what the clocks show, in the other zones', () => {
  overTwoYears(ZONES.filter((zone) => !isOdd(zone)));
});
