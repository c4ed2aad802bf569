import { Pauses } from './pauses.js';

describe('the pauses between tries', () => {
  test('double up to the longest, and begin again after a success', () => {
    const pauses = new Pauses(100, 350);
    expect([pauses.next(), pauses.next(), pauses.next(), pauses.next()]).toEqual([100, 200, 350, 350]);
    pauses.reset();
    expect(pauses.next()).toBe(100);
  });

  test('are as long as was said once, and the longest after that', () => {
    const pauses = new Pauses(100, 350);
    pauses.set(1_000);
    expect(pauses.coming).toBe(1_000);
    expect([pauses.next(), pauses.next()]).toEqual([1_000, 350]);
  });
});
