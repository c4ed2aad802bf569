import type { AttemptDependencies, Progress } from '@app/core';
import { RecordingLogger, sampleClaim } from '@app/core/testing';
import type { EntityManager } from 'typeorm';
import { ForwardingContext } from './forwarding-context.js';

test('progress is forwarded at once and then now and then, without waiting for the event loop; the newest is kept for the end', () => {
  const forwarded: Progress[] = [];
  const context = new ForwardingContext(sampleClaim(), {} as AttemptDependencies<EntityManager>, (progress) => forwarded.push(progress));
  let done = 0;
  // A handler that blocks the event loop.
  for (const end = performance.now() + 500; performance.now() < end;) context.progress({ done: ++done });
  expect(forwarded[0]).toEqual({ done: 1 });
  expect(forwarded.length).toBeGreaterThan(1);
  expect(forwarded.length).toBeLessThan(10);
  context.progress({ done: ++done });
  expect(context.takeProgress()).toEqual({ done });
});

test('log lines are logged here and forwarded, each at once and in order, fit to be stored; beyond what a worker keeps, no more', () => {
  const lines: string[] = [];
  const logger = new RecordingLogger();
  const deps = { logger } as unknown as AttemptDependencies<EntityManager>;
  const context = new ForwardingContext(
    sampleClaim(),
    deps,
    () => undefined,
    ({ message, fields }) => lines.push(`${message} ${JSON.stringify(fields)}`),
  );
  context.log('one', { n: 1 });
  context.log('two\u0000', { n: 2n });
  expect(lines).toEqual(['one {"n":1}', expect.stringContaining('two {"omitted":')]);
  expect(logger.entries).toHaveLength(2);
  for (let n = 0; n < 20_000; n++) context.log('more');
  expect(lines).toHaveLength(12_000);
});
