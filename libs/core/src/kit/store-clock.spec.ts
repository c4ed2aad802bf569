import { StoreClock } from './store-clock.js';

describe("the store's clock", () => {
  /** A store whose answers take `takes` ms each way. */
  function clockOf(time: { store: number; steady: number; takes: number }): StoreClock {
    const ask = async () => {
      time.steady += time.takes;
      time.store += time.takes;
      const answer = time.store;
      time.steady += time.takes;
      time.store += time.takes;
      return answer;
    };
    return new StoreClock(ask, () => time.steady);
  }

  test('is carried on between two looks by a steady clock, whatever the wall clock says (C30)', async () => {
    const time = { store: 1_000_000, steady: 5, takes: 20 };
    const clock = clockOf(time);
    await clock.look();
    expect(clock.now()).toBe(time.store);
    time.steady += 7_000;
    time.store += 7_000;
    expect(clock.now()).toBe(time.store);
  });

  test('follows a store whose clock was set, and not an answer that was long on its way (C30)', async () => {
    const time = { store: 1_000_000, steady: 0, takes: 1 };
    const clock = clockOf(time);
    await clock.look();
    time.store += 3_600_000;
    await clock.look();
    expect(clock.now()).toBe(time.store);
    time.takes = 5_000;
    const before = clock.now();
    await clock.look();
    expect(clock.now()).toBe(before + 10_000);
  });

  test('goes on while the store does not answer (C30)', async () => {
    let answers = [Promise.resolve(50_000), Promise.reject(new Error('away'))];
    let steady = 0;
    const clock = new StoreClock(
      () => answers.shift() as Promise<number>,
      () => steady,
    );
    await clock.look();
    await expect(clock.look()).rejects.toThrow('away');
    answers = [];
    steady = 300;
    expect(clock.now()).toBe(50_300);
  });
});
