import { type Handlers, kindPolicy, type KindPolicy, type RunningAttempt } from '@app/core';
import type { EntityManager } from 'typeorm';
import { IsolatingHandlers } from './isolating-handlers.js';

const policies: Record<string, KindPolicy> = {
  'in.worker': kindPolicy({ kind: 'in.worker' }),
  'in.process': kindPolicy({ kind: 'in.process', isolated: { memoryMb: 1_024 } }),
};

const registry: Handlers<EntityManager> = {
  names: () => Object.keys(policies),
  policy: (kind) => policies[kind],
  validate: () => [],
  run: async (kind) => `${kind} ran here`,
};

test('a kind that asks for it runs in a process with its memory limit; the others run here', async () => {
  const handlers = new IsolatingHandlers(registry, { run: async ({ kind }, memoryMb) => `${kind} ran elsewhere in ${memoryMb} MiB` });
  const attempt = {} as RunningAttempt<EntityManager>;
  expect(await handlers.run('in.worker', null, attempt)).toBe('in.worker ran here');
  expect(await handlers.run('in.process', null, attempt)).toBe('in.process ran elsewhere in 1024 MiB');
  expect(handlers.names()).toEqual(['in.worker', 'in.process']);
});
