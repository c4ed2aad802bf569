import type { QueueAssignment } from './worker-list.js';
import { takesFrom, TakenQueues } from './taken-queues.js';

const assignment = (...queues: string[]): QueueAssignment => ({ queues, requestedAt: '2026-01-01T00:00:00Z', by: null, reason: null });

function taking(...own: string[]) {
  const told: string[] = [];
  const queues = new TakenQueues(own, () => told.push(`takes ${queues.taken.join()}`));
  queues.listen(() => told.push(`wants ${queues.wanted.join()}`));
  return { queues, told };
}

describe('the queues that a worker takes from', () => {
  test('are those of its configuration until others are assigned, and again when that ends', () => {
    const { queues, told } = taking('a', 'b');
    expect([queues.wanted, queues.taken]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    expect(queues.assign(assignment('c'))).toBe(true);
    // Until whatever takes the jobs says so.
    expect([queues.wanted, queues.taken]).toEqual([['c'], ['a', 'b']]);
    queues.took(queues.wanted);
    expect(queues.taken).toEqual(['c']);
    queues.assign(null);
    expect(queues.wanted).toEqual(['a', 'b']);
    expect(told).toEqual(['wants c', 'takes c', 'wants a,b']);
  });

  test('do not change by an assignment of the same ones in another order, or by the same answer of the store again', () => {
    const { queues, told } = taking('a', 'b');
    expect(queues.assign(assignment('b', 'a'))).toBe(false);
    expect(queues.assign(assignment('b', 'a'))).toBe(false);
    queues.took(queues.wanted);
    expect(told).toEqual([]);
    expect(queues.assigned?.queues).toEqual(['b', 'a']);
  });

  test('are all of them where none is named, which is not the same as each that there is', () => {
    expect([takesFrom([], 'a'), takesFrom(['a'], 'a'), takesFrom(['b'], 'a')]).toEqual([true, true, false]);
    const { queues } = taking();
    expect(queues.assign(assignment('a'))).toBe(true);
  });
});
