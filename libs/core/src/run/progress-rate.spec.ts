import { ProgressRate } from './progress-rate.js';

describe('the rate of progress', () => {
  test('tells units in a second and the end at that rate', () => {
    const rate = new ProgressRate();
    expect(rate.estimate({ done: 0, total: 100 }, 0)).toEqual({});
    const told = rate.estimate({ done: 20, total: 100 }, 10_000);
    expect(told.rate).toBe(2);
    expect(Date.parse(told.estimatedEnd ?? '') - Date.now()).toBeGreaterThan(39_000);
    expect(Date.parse(told.estimatedEnd ?? '') - Date.now()).toBeLessThan(41_000);
  });

  test('goes by the last while, not by how it began', () => {
    const rate = new ProgressRate();
    for (let second = 0; second <= 60; second++) rate.estimate({ done: second, total: 10_000 }, second * 1_000);
    for (let second = 61; second <= 200; second++) rate.estimate({ done: 60 + (second - 60) * 10, total: 10_000 }, second * 1_000);
    expect(rate.estimate({ done: 1_470, total: 10_000 }, 201_000).rate).toBe(10);
  });

  test('is not told without a total, without progress, in the first second, or when it began anew', () => {
    const rate = new ProgressRate();
    rate.estimate({ done: 1, total: 10 }, 0);
    expect(rate.estimate({ done: 2, total: 10 }, 500)).toEqual({});
    expect(rate.estimate({ done: 2 }, 5_000)).toEqual({});
    expect(rate.estimate({ done: 0, total: 10 }, 6_000)).toEqual({});
    expect(rate.estimate({ done: 0, total: 10 }, 9_000)).toEqual({});
  });

  test('of what is through has no end to come', () => {
    const rate = new ProgressRate();
    rate.estimate({ done: 0, total: 10 }, 0);
    expect(rate.estimate({ done: 10, total: 10 }, 5_000)).toEqual({ rate: 2 });
  });

  test('that is hopelessly slow has no end', () => {
    const rate = new ProgressRate();
    rate.estimate({ done: 0, total: 1e12 }, 0);
    const told = rate.estimate({ done: 0.001, total: 1e12 }, 10_000);
    expect(told).toEqual({ rate: 0.0001 });
  });
});
