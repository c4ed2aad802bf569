import { kindPolicy, type KindPolicy } from '@app/core';
import { requireSlots, severalSlots } from './slots.js';

const policies = new Map<string, KindPolicy>(
  [
    kindPolicy({ kind: 'mail.send' }),
    kindPolicy({ kind: 'video.cut', queue: 'video', slots: 4 }),
    kindPolicy({ kind: 'video.join', queue: 'video', slots: 2 }),
  ].map((policy) => [policy.kind, policy]),
);
const kinds = { names: () => [...policies.keys()], policy: (kind: string) => policies.get(kind) };

describe('the slots of a worker', () => {
  test('are enough for each kind whose queue it takes, else it does not start, and says what to do', () => {
    expect(() => requireSlots(kinds, { concurrency: 4, queues: [] })).not.toThrow();
    expect(() => requireSlots(kinds, { concurrency: 3, queues: ['default'] })).not.toThrow();
    const few = 'expected WORKER_CONCURRENCY to be at least 4, the slots that one job of video.cut takes, got: 3; raise it, lower slots';
    expect(() => requireSlots(kinds, { concurrency: 3, queues: [] })).toThrow(few);
    expect(() => requireSlots(kinds, { concurrency: 3, queues: ['mail', 'video'] })).toThrow(few);
  });

  test('are taken several at a time by some kinds, and by none more than there are', () => {
    expect(severalSlots(kinds, 10)).toEqual(new Map([['video.cut', 4], ['video.join', 2]])); // prettier-ignore
    expect(severalSlots(kinds, 3)).toEqual(new Map([['video.cut', 3], ['video.join', 2]])); // prettier-ignore
    expect(severalSlots(kinds, 1)).toEqual(new Map());
  });
});
