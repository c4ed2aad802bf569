import { startTimer } from './long-timer.js';

describe('startTimer', () => {
  test('calls once after the time', async () => {
    await new Promise<void>((resolve) => startTimer(1, resolve));
  });

  test.each([2 ** 31, 365 * 86_400_000])('%p ms do not fire at once, as setTimeout would', async (ms) => {
    let fired = false;
    const clear = startTimer(ms, () => (fired = true));
    await new Promise((resolve) => setTimeout(resolve, 5));
    clear();
    expect(fired).toBe(false);
  });
});
