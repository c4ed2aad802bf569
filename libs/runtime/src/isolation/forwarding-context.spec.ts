import type { AttemptDependencies, Progress } from '@app/core';
import { sampleClaim } from '@app/core/testing';
import type { EntityManager } from 'typeorm';
import { ForwardingContext } from './forwarding-context.js';

test('progress is forwarded at once and then now and then, without waiting for the event loop; the newest is kept for the end', () => {
  const forwarded: Progress[] = [];
  const context = new ForwardingContext(sampleClaim(), {} as AttemptDependencies<EntityManager>, (progress) => forwarded.push(progress));
  let done = 0;
  // A handler that never gives the event loop back.
  for (const end = performance.now() + 500; performance.now() < end;) context.progress({ done: ++done });
  expect(forwarded[0]).toEqual({ done: 1 });
  expect(forwarded.length).toBeGreaterThan(1);
  expect(forwarded.length).toBeLessThan(10);
  context.progress({ done: ++done });
  expect(context.takeProgress()).toEqual({ done });
});
