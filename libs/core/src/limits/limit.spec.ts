import { capacityOf, limitFaults, limitSettings, rateText, readRate, type WrittenLimit } from './limit.js';

describe('the text of a rate', () => {
  test.each([
    ['10/s', 10, 1_000],
    ['600/m', 600, 60_000],
    ['1000/h', 1_000, 3_600_000],
  ])('%s is read and written', (text, count, ms) => {
    expect(readRate(text)).toEqual({ count, ms });
    expect(rateText({ count, ms })).toBe(text);
  });

  test.each(['', '10', '10/', '/s', '10/d', '0/s', '-1/s', '1.5/s', '10 /s', '01/s', '1000001/s', '10/ss'])('%j is none', (text) => {
    expect(readRate(text)).toBeUndefined();
  });
});

describe('the faults of a limit', () => {
  const faultsOf = (written: WrittenLimit) => limitFaults(written).map(({ pointer, detail }) => `${pointer} ${detail}`);

  test.each<WrittenLimit>([
    { concurrency: 5 },
    { rate: '10/s', burst: 10, strict: true },
    { match: { kind: 'partner.call', queue: 'partners', tag: 'tenant:*' }, per: 'tag:tenant', concurrency: 1, rate: '1/m' },
    { match: { kind: 'partner.*' }, per: 'queue', concurrency: 1_000_000 },
  ])('%j has none', (written) => {
    expect(faultsOf(written)).toEqual([]);
  });

  test.each<[WrittenLimit, string]>([
    [{ concurrency: 0 }, '/concurrency must be at least 1, got: 0; to let none run, pause it instead'],
    [{ concurrency: 1.5 }, '/concurrency must be a whole number from 1 to 1000000, got: 1.5'],
    [{ concurrency: '5' }, '/concurrency must be a whole number from 1 to 1000000, got: "5"'],
    [{ rate: 'ten a second' }, '/rate must be a number of starts and a unit, such as "10/s", "600/m" or "1000/h", at most 1000000, got: "ten a second"'],
    [{ rate: 10 }, '/rate must be a number of starts'],
    [{ rate: '10/s', burst: 0 }, '/burst must be a whole number from 1 to 1000000, got: 0'],
    [{ concurrency: 1, burst: 5 }, '/burst must come with a rate'],
    [{ concurrency: 1, strict: true }, '/strict must come with a rate'],
    [{ rate: '1/s', strict: 'yes' }, '/strict must be true or false, got: "yes"'],
    [{ concurrency: 1, per: 'tenant' }, '/per must be "kind", "queue" or "tag:<name>", got: "tenant"'],
    [{ concurrency: 1, per: 'tag:' }, '/per must be'],
    [{ concurrency: 1, per: 'tag:a\u0000' }, '/per must be "kind", "queue" or "tag:<name>"'],
    [{ concurrency: 1, per: 'tag:\ud800' }, '/per must be'],
    [{ concurrency: 1, match: { kind: '*' } }, '/match/kind must be a kind, or a prefix such as "report.*", got: "*"'],
    [{ concurrency: 1, match: { kind: 'longhaul.webhook' } }, "/match/kind must not be one of Longhaul's own kinds"],
    [{ concurrency: 1, match: { queue: 'a b' } }, '/match/queue must match'],
    [{ concurrency: 1, match: { tag: '' } }, '/match/tag must be a tag'],
    [{}, ' must have concurrency, rate, or both'],
  ])('%j: the place, what is allowed and what came', (written, fault) => {
    expect(faultsOf(written)).toEqual([expect.stringContaining(fault)]);
  });
});

test('a limit without faults has its rate in numbers, and null for what was left out', () => {
  expect(limitSettings({ match: { kind: 'a.b' }, rate: '10/s' })).toEqual({
    match: { kind: 'a.b' },
    per: null,
    concurrency: null,
    rate: { count: 10, ms: 1_000 },
    burst: null,
    strict: false,
  });
});

test('the capacity is the override while there is one, else the concurrency', () => {
  expect(capacityOf({ concurrency: 5, override: null })).toBe(5);
  expect(capacityOf({ concurrency: 5, override: { concurrency: 2, until: new Date() } })).toBe(2);
  expect(capacityOf({ concurrency: null, override: null })).toBeNull();
});
