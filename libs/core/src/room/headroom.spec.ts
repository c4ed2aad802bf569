import { Headroom } from './headroom.js';

/** Looks each quarter of a second. */
function looking(workers = 0, fair = false) {
  const headroom = new Headroom();
  let now = 0;
  return (ready: number, published = 0, waits = true) => headroom.seen({ ready, published, workers, waits, fair, now: (now += 250) });
}

describe('the headroom of a queue', () => {
  test('is sixteen jobs where nobody takes from it, so that whoever looks at its queue finds some there', () => {
    const look = looking();
    expect([look(0), look(16, 16), look(16), look(16)]).toEqual([16, 16, 16, 16]);
  });

  test('is two jobs for each live worker where those are more', () => {
    expect(looking(20)(0)).toBe(40);
  });

  test('is what is started in a quarter of a second, by what was published and by how much the queue has grown', () => {
    const look = looking(4);
    look(0, 0, false);
    expect(look(200, 1_000, false)).toBe(800);
    // It gets less slowly: one quiet look says little.
    expect(look(200, 0, false)).toBe(560);
  });

  test('doubles while the queue is found empty and jobs wait, to sixteen times at most, and halves again', () => {
    const look = looking(1);
    look(1);
    const grown = Array.from({ length: 8 }, () => look(0, 1));
    expect(grown.slice(0, 3)).toEqual([32, 64, 128]);
    expect(grown.at(-1)).toBe(256);
    expect([look(200), look(200), look(200)].map((jobs) => jobs <= 256)).toEqual([true, true, true]);
    expect(look(200)).toBe(16);
  });

  test('is a fifth of that where several share the queue, and eight at least: whoever comes new starts behind it', () => {
    const look = looking(4, true);
    expect(look(0, 0, false)).toBe(8);
    expect(look(200, 1_000, false)).toBe(160);
  });

  test('does not grow for a queue without a worker, however long its jobs wait', () => {
    const look = looking(0);
    for (let looks = 0; looks < 10; looks++) look(0, 16);
    expect(look(0, 16)).toBeLessThanOrEqual(32);
  });
});
