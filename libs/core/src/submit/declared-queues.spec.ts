import type { Refusal } from '../job/errors.js';
import type { KindPolicy } from '../job/kind.js';
import { DeclaredQueues } from './declared-queues.js';

function queues(declared: string[]) {
  const ensured: string[] = [];
  const kinds = {
    policy: (kind: string) => (kind === 'a.b' ? ({ kind, queue: 'default' } as KindPolicy) : undefined),
    names: () => ['a.b'],
    validate: () => [],
  };
  const store = { ensure: async (names: string[]) => void ensured.push(...names), declared: async () => declared };
  return { ensured, queues: new DeclaredQueues(store, kinds) };
}

const refusal = (work: Promise<unknown>): Promise<Refusal> =>
  work.then(
    () => Promise.reject(new Error('expected a refusal')),
    (error: unknown) => error as Refusal,
  );

describe('the queue that a submission names', () => {
  it('is refused when nobody has declared it, with the near match (E15)', async () => {
    const { queues: door, ensured } = queues(['reports', 'default']);
    const { code, message, faults } = await refusal(door.require('report'));
    expect([code, faults[0]?.pointer]).toEqual(['unknown_queue', '/options/queue']);
    expect(message).toContain('did you mean "reports"?');
    expect(ensured).toEqual([]);
  });

  it('is known to all once a worker has declared it, and that of a kind always is (E15)', async () => {
    const { queues: door, ensured } = queues(['reports']);
    await door.require('default');
    await door.require('reports');
    expect(ensured).toEqual(['default', 'reports']);
    expect(['default', 'reports', 'other'].map((queue) => door.known(queue))).toEqual([true, true, false]);
  });

  it('costs one look for all that ask meanwhile, and each is judged by a look that began after it asked', async () => {
    const declared = ['reports'];
    let looks = 0;
    let answer!: () => void;
    const held = new Promise<void>((resolve) => (answer = resolve));
    const store = {
      ensure: async () => undefined,
      declared: async () => {
        looks++;
        const seen = [...declared];
        await held;
        return seen;
      },
    };
    const door = new DeclaredQueues(store, queues([]).queues['kinds' as never]);
    const first = door.require('reports');
    await new Promise(setImmediate);
    declared.push('new');
    const others = [...Array.from({ length: 50 }, () => door.require('reports')), door.require('new')];
    const missing = refusal(door.require('missing'));
    answer();
    await Promise.all([first, ...others]);
    expect([(await missing).code, looks]).toEqual(['unknown_queue', 2]);
  });

  it('is not judged while the store does not answer', async () => {
    const door = new DeclaredQueues({ ensure: () => Promise.reject(new Error('away')) }, queues([]).queues['kinds' as never]);
    expect((await refusal(door.require('x'))).code).toBe('unavailable');
  });
});
