import { kindPolicy, type ListedWorker, type Refusal } from '@app/core';
import { readAssignment, requireAble, requireDeclared } from './assignment.js';

const kinds = (...policies: [kind: string, queue: string, slots: number][]) => {
  const known = new Map(policies.map(([kind, queue, slots]) => [kind, kindPolicy({ kind, queue, slots })]));
  return { names: () => [...known.keys()], policy: (kind: string) => known.get(kind) };
};
const worker = (concurrency: number, told: string[]) => ({ id: 17, concurrency, details: { kinds: told } }) as ListedWorker;

function faultsOf(check: () => unknown): string[] {
  try {
    check();
  } catch (error) {
    return (error as Refusal).faults.map(({ pointer, detail }) => `${pointer} ${detail}`);
  }
  return [];
}

describe('an assignment of queues', () => {
  test('is read with who and why, and null means those of the configuration', () => {
    expect(readAssignment({ queues: ['a', 'b'], by: 'anna' }, 2)).toEqual({ queues: ['a', 'b'], note: { by: 'anna' } });
    expect(readAssignment({ queues: null, reason: 'over' }, 2)).toEqual({ queues: null, note: { reason: 'over' } });
  });

  test.each([
    [undefined, '/queues must be a list of 1 to 2 names of queues, or null for those of its WORKER_QUEUES again; got nothing'],
    [{ queues: ['a', 'b', 'c'] }, 'got 3 of them'],
    [{ queues: [] }, 'POST /workers/{id}/drain lets a worker end'],
    [{ queues: ['a', 'a'] }, '/queues/1 must be there once, got "a" at /queues/0 too'],
    [{ queues: ['A:20'] }, 'a worker has WORKER_CONCURRENCY slots of each queue, and none of its own for one'],
    [{ queues: [null] }, '/queues/0 must match'],
    [{ queues: ['a'], reason: '' }, '/reason must be a printable text'],
  ])('%j is refused: %s', (body, fault) => {
    expect(faultsOf(() => readAssignment(body, 2)).join()).toContain(fault);
  });

  test('names declared queues alone, and a slip of the pen is found', () => {
    expect(faultsOf(() => requireDeclared(['reports', 'reprots', 'x'], ['reports', 'default']))).toEqual([
      '/queues/1 must be a declared queue, got "reprots"; did you mean "reports"?',
      '/queues/2 must be a declared queue, got "x"; GET /queues lists the declared ones, PUT /queues/{name} declares one',
    ]);
  });

  test('gives a worker no jobs that it does not know, or has not the slots for', () => {
    const known = kinds(['a.light', 'a', 1], ['a.heavy', 'a', 3], ['b.new', 'b', 1], ['c.any', 'c', 1]);
    expect(faultsOf(() => requireAble(worker(2, ['a.light', 'a.heavy', 'c.any']), ['c', 'a', 'b'], known))).toEqual([
      '/queues/1 has jobs of kind a.heavy, which take 3 slots, and worker 17 has 2',
      '/queues/2 has jobs of kind b.new, which worker 17 does not know',
    ]);
    expect(faultsOf(() => requireAble(worker(3, ['a.light', 'a.heavy', 'c.any']), ['c', 'a'], known))).toEqual([]);
  });

  test('is not refused for kinds of which a worker tells a part only', () => {
    const told = Array.from({ length: 1_000 }, (_, number) => `k.${number}`);
    expect(faultsOf(() => requireAble(worker(1, told), ['a'], kinds(['a.light', 'a', 1])))).toEqual([]);
  });
});
