import { Pauses } from './pauses.js';
import { ManualClock, turns } from '../testing/index.js';
import { PollingLoop } from './polling-loop.js';

function loop(look: () => Promise<number>) {
  const clock = new ManualClock();
  const failures: unknown[] = [];
  const polling = new PollingLoop({ clock, look, everyMs: 100, failed: (error) => failures.push(error) });
  polling.start();
  return { clock, polling, failures };
}

describe('a polling loop', () => {
  test('looks again after the pause that a look asks for, and after a nudge at once', async () => {
    let looks = 0;
    const { clock, polling } = loop(() => Promise.resolve(++looks === 1 ? 0 : 50));
    await turns();
    expect(looks).toBe(2);
    await clock.advance(49);
    expect(looks).toBe(2);
    await clock.advance(1);
    expect(looks).toBe(3);
    polling.nudge();
    await turns();
    expect(looks).toBe(4);
    await polling.close();
  });

  test('does not lose a nudge that comes while it looks', async () => {
    let looks = 0;
    let answer: () => void = () => undefined;
    const { polling } = loop(() => {
      looks++;
      return new Promise((resolve) => (answer = () => resolve(1_000_000)));
    });
    polling.nudge();
    answer();
    await turns();
    expect(looks).toBe(2);
    answer();
    await polling.close();
  });

  test('goes on after a look that failed, and says why', async () => {
    let looks = 0;
    const { clock, polling, failures } = loop(() => (++looks === 1 ? Promise.reject(new Error('away')) : Promise.resolve(1_000)));
    await turns();
    await clock.advance(100);
    expect([looks, failures]).toEqual([2, [new Error('away')]]);
    await polling.close();
  });

  test('is closed when the look that is under way has ended, and looks no more', async () => {
    let looks = 0;
    let answer: () => void = () => undefined;
    const { polling } = loop(() => {
      looks++;
      return new Promise((resolve) => (answer = () => resolve(0)));
    });
    let closed = false;
    const closing = polling.close().then(() => (closed = true));
    await turns();
    expect(closed).toBe(false);
    answer();
    await closing;
    expect(looks).toBe(1);
  });
});

test('pauses double up to the longest, and begin anew after a success', () => {
  const pauses = new Pauses(100, 350);
  const four = [pauses.next(), pauses.next(), pauses.next(), pauses.next()];
  pauses.reset();
  expect([...four, pauses.next()]).toEqual([100, 200, 350, 350, 100]);
});
