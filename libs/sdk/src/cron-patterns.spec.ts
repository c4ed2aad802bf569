import { cronPatterns } from './cron-patterns.js';

const next = (cron: string, zone: string, after: string, count = 1): string[] => {
  const ticks: string[] = [];
  for (let tick = cronPatterns.next(cron, zone, new Date(after)); tick && ticks.length < count; tick = cronPatterns.next(cron, zone, tick))
    ticks.push(tick.toISOString().slice(0, 19));
  return ticks;
};

describe('A cron pattern', () => {
  test('of a time that the clocks go over ticks at the first moment after the gap', () => {
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', 2)).toEqual(['2026-03-29T01:00:00', '2026-03-30T00:30:00']);
    expect(next('0 0 * * *', 'America/Sao_Paulo', '2018-11-03T12:00:00Z', 2)).toEqual(['2018-11-04T03:00:00', '2018-11-05T02:00:00']);
  });

  test('of a list of hours does not lose the one that the clocks go over', () => {
    expect(next('30 2,14 * * *', 'Europe/Berlin', '2026-03-28T20:00:00Z', 2)).toEqual(['2026-03-29T01:00:00', '2026-03-29T12:30:00']);
  });

  test('of a time that there is twice ticks once, at the first of the two', () => {
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual(['2026-10-25T00:30:00', '2026-10-26T01:30:00']);
  });

  test('with a step goes by real time, also when the clocks change', () => {
    const halves = ['00:00', '00:30', '01:00', '01:30', '02:00'].map((time) => `2026-10-25T${time}:00`);
    expect(next('*/30 * * * *', 'Europe/Berlin', '2026-10-24T23:30:00Z', 5)).toEqual(halves);
    expect(next('0 * * * *', 'Europe/Berlin', '2026-03-29T00:00:00Z', 2)).toEqual(['2026-03-29T01:00:00', '2026-03-29T02:00:00']);
  });

  test('may have seconds, names and the last day of a month', () => {
    expect(next('*/20 * * * * *', 'UTC', '2026-01-01T00:00:00.5Z', 2)).toEqual(['2026-01-01T00:00:20', '2026-01-01T00:00:40']);
    expect(next('@weekly', 'UTC', '2026-01-01T00:00:00Z')).toEqual(['2026-01-04T00:00:00']);
    expect(next('0 8 L * *', 'UTC', '2028-02-01T00:00:00Z')).toEqual(['2028-02-29T08:00:00']);
    expect(next('0 9 * * MON#1', 'UTC', '2026-01-06T00:00:00Z')).toEqual(['2026-02-02T09:00:00']);
  });

  test('with a day of the month and a day of the week ticks on both', () => {
    expect(next('0 0 13 * FRI', 'UTC', '2026-01-01T00:00:00Z', 3)).toEqual(['2026-01-02T00:00:00', '2026-01-09T00:00:00', '2026-01-13T00:00:00']);
  });

  test('ticks after the given time and never at it', () => {
    expect(next('0 0 * * *', 'UTC', '2026-01-01T00:00:00Z')).toEqual(['2026-01-02T00:00:00']);
    expect(next('0 0 * * *', 'UTC', '2025-12-31T23:59:59.999Z')).toEqual(['2026-01-01T00:00:00']);
  });

  test('of a day that there is not has no tick, and is not searched for through centuries', () => {
    const cpu = process.cpuUsage();
    for (let times = 0; times < 50; times++) expect(cronPatterns.next(`0 0 31 2 ${times % 7}#5`.replace(/ \d#5$/, ' *'), 'UTC', new Date(1.7e12))).toBeNull();
    // CPU, not time: a search through four centuries takes 15 ms of it and more.
    expect(process.cpuUsage(cpu).user / 50).toBeLessThan(15_000);
  });

  test.each([
    ['', 'must have five fields (minute, hour, day of month, month, day of week), or six with seconds first; it has 0'],
    ['* * * *', 'must have five fields (minute, hour, day of month, month, day of week), or six with seconds first; it has 4'],
    ['0 0 0 1 1 * 2030', 'must have five fields (minute, hour, day of month, month, day of week), or six with seconds first; it has 7'],
    ['@reboot', 'must be one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly, or five or six fields'],
    ['60 * * * *', 'is not a cron pattern: Invalid value for minute: 60'],
    ['a * * * *', 'is not a cron pattern: configuration entry 1 (a) contains illegal characters.'],
    ['*/0 * * * *', 'is not a cron pattern: Syntax error, illegal stepping: 0'],
  ])('of a wrong form is refused in words: %j', (cron, words) => {
    expect(cronPatterns.fault(cron)).toBe(words);
  });
});

describe('A time zone', () => {
  test.each(['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'US/Eastern'])('is known by its name: %s', (name) => {
    expect(cronPatterns.isZone(name)).toBe(true);
  });

  test.each(['', '+01:00', 'Europe/Berln', 'Mars/Phobos', 'Europe/Berlin\u0000', ' Europe/Berlin', '../etc'])('is refused where there is none: %j', (name) => {
    expect(cronPatterns.isZone(name)).toBe(false);
  });

  test('is ahead of UTC by what its clocks show then', () => {
    const hours = (zone: string, at: string) => cronPatterns.offset(zone, new Date(at)) / 3_600_000;
    expect(hours('Europe/Berlin', '2026-01-01T00:00:00Z')).toBe(1);
    expect(hours('Europe/Berlin', '2026-07-01T00:00:00Z')).toBe(2);
    expect(hours('America/St_Johns', '2026-01-01T00:00:00Z')).toBe(-3.5);
    expect(hours('UTC', '2026-01-01T00:00:00Z')).toBe(0);
  });
});
