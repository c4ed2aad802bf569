import { ManualClock } from '../testing/index.js';
import { LateTimers } from './late-timers.js';

function timers() {
  const clock = new ManualClock();
  const fired: [name: string, at: number][] = [];
  const start = clock.now();
  const late = new LateTimers(clock);
  return { clock, fired, after: (ms: number, name: string) => late.after(ms, () => fired.push([name, clock.now() - start])) };
}

describe('a late timer', () => {
  test('fires at its time, whether that is soon or late', async () => {
    const { clock, fired, after } = timers();
    after(1_000, 'late');
    after(10, 'soon');
    await clock.advance(30);
    after(60, 'between');
    after(1_000, 'later');
    await clock.advance(5_000);
    expect(fired).toEqual([
      ['soon', 10],
      ['between', 90],
      ['late', 1_000],
      ['later', 1_030],
    ]);
  });

  test('that is cancelled never fires, before it has a timer of its own and after', async () => {
    const { clock, fired, after } = timers();
    const [early, late] = [after(1_000, 'early'), after(1_000, 'late')];
    early();
    await clock.advance(500);
    late();
    await clock.advance(5_000);
    expect(fired).toEqual([]);
    expect(clock.sleeping).toBe(0);
  });

  test('costs one timer, however many are asked for and cancelled in the first 50 ms', async () => {
    const { clock, after } = timers();
    for (let n = 0; n < 100; n++) after(1_000, String(n))();
    expect(clock.sleeping).toBe(1);
    await clock.advance(50);
    expect(clock.sleeping).toBe(0);
  });
});
