import { ListTurns } from './list-turns.js';

const page = (items: number) => ({ items: Array.from({ length: items }, () => 0) });

/** A read that ends when it is told to. */
function held(turns: ListTurns): { begun: boolean; end: () => void; result: Promise<unknown> } {
  const read = { begun: false, end: (): void => undefined, result: Promise.resolve() as Promise<unknown> };
  read.result = turns.take(() => {
    read.begun = true;
    return new Promise((resolve) => (read.end = () => resolve(page(0))));
  });
  read.result.catch(() => undefined);
  return read;
}

describe('lists that are read at once', () => {
  test('are as many as there are slots; the others take turns in the order in which they came (E10)', async () => {
    const turns = new ListTurns({ slots: 2 });
    const [a, b, c, d] = [held(turns), held(turns), held(turns), held(turns)];
    expect([a, b, c, d].map(({ begun }) => begun)).toEqual([true, true, false, false]);
    a.end();
    await a.result;
    await new Promise(setImmediate);
    while (!c.begun) await new Promise(setImmediate);
    expect(d.begun).toBe(false);
    b.end();
    while (!d.begun) await new Promise(setImmediate);
  });

  test('leave the process a rest in proportion to what was read (E10)', async () => {
    const turns = new ListTurns({ slots: 1, restMsPerItem: 0.5 });
    const start = performance.now();
    await turns.take(async () => page(100));
    const first = performance.now() - start;
    await turns.take(async () => page(1));
    expect(first).toBeLessThan(45);
    expect(performance.now() - start).toBeGreaterThanOrEqual(49);
  });

  test('are refused as unavailable when their turn does not come in time, or too many wait; and a failed read gives its slot back (E10)', async () => {
    const turns = new ListTurns({ slots: 1, patienceMs: 20, maxWaiting: 1 });
    await expect(turns.take(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
    const first = await new Promise<ReturnType<typeof held>>((resolve) => setTimeout(() => resolve(held(turns)), 5));
    expect(first.begun).toBe(true);
    const second = held(turns);
    await expect(turns.take(async () => page(0))).rejects.toMatchObject({ code: 'unavailable' });
    await expect(second.result).rejects.toMatchObject({ code: 'unavailable' });
    first.end();
    await expect(turns.take(async () => page(3))).resolves.toEqual(page(3));
  });
});
