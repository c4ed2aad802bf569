import { MicroBatcher } from './micro-batcher.js';

/** Flushes that end when the test says so. */
function controlled() {
  const flights: { items: number[]; land: () => void; crash: (error: Error) => void }[] = [];
  const flush = (items: number[]) =>
    new Promise<string[]>((resolve, reject) => {
      flights.push({ items, land: () => resolve(items.map(String)), crash: reject });
    });
  return { flights, flush };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A flush goes one turn after its items came, and what waited for another flight one turn after that has landed. */
const turns = async () => {
  await turn();
  await turn();
};

describe('MicroBatcher', () => {
  test('an item that comes while nothing is in flight goes at once; what comes meanwhile goes together', async () => {
    const { flights, flush } = controlled();
    const batcher = new MicroBatcher(flush, { maxItems: 10 });
    const first = batcher.add(1);
    await turn();
    const rest = Promise.all([batcher.add(2), batcher.addAll([3, 4])]);
    await turn();
    expect(flights.map(({ items }) => items)).toEqual([[1]]);
    flights[0]?.land();
    expect(await first).toBe('1');
    await turns();
    expect(flights.map(({ items }) => items)).toEqual([[1], [2, 3, 4]]);
    flights[1]?.land();
    expect(await rest).toEqual(['2', ['3', '4']]);
  });

  test('a flush that fails fails its own items only', async () => {
    const { flights, flush } = controlled();
    const batcher = new MicroBatcher(flush, { maxItems: 1 });
    const lost = batcher.add(1);
    const kept = batcher.add(2);
    await turn();
    flights[0]?.crash(new Error('no'));
    await expect(lost).rejects.toThrow('no');
    await turns();
    flights[1]?.land();
    expect(await kept).toBe('2');
  });

  test('items of one add are never parted, even beyond the limit', async () => {
    const { flights, flush } = controlled();
    const batcher = new MicroBatcher(flush, { maxItems: 2 });
    void batcher.addAll([1, 2, 3]);
    void batcher.add(4);
    await turn();
    expect(flights.map(({ items }) => items)).toEqual([[1, 2, 3]]);
  });

  test('a flight carries no more than its load, but always one add', async () => {
    const { flights, flush } = controlled();
    const batcher = new MicroBatcher(flush, { maxItems: 10, load: { of: (item) => item, most: 5 } });
    for (const item of [2, 3, 1, 9]) void batcher.add(item);
    for (let landed = 0; landed < 3; landed++) {
      await turn();
      flights[landed]?.land();
      await turn();
    }
    expect(flights.map(({ items }) => items)).toEqual([[2, 3], [1], [9]]);
  });

  test('what waits too long is refused and never flushed; what is in flight too long is refused too', async () => {
    const { flights, flush } = controlled();
    const error = () => new Error('too long');
    const batcher = new MicroBatcher(flush, { maxItems: 10, patience: { waitMs: 1, flightMs: 1, error } });
    const flying = batcher.add(1);
    await turn();
    const waiting = batcher.add(2);
    await expect(waiting).rejects.toThrow('too long');
    await expect(flying).rejects.toThrow('too long');
    flights[0]?.land();
    await turn();
    expect(flights.map(({ items }) => items)).toEqual([[1]]);
    const after = batcher.add(3);
    await turn();
    flights[1]?.land();
    expect(await after).toBe('3');
  });
});
