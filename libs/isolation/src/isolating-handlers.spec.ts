import { jsonText, type Handlers, kindPolicy, type KindPolicy, type RunningAttempt } from '@app/core';
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

const attempt = (crashes: number) => ({ job: { crashes } }) as RunningAttempt<EntityManager>;

test('a kind that asks for it runs in a process with its memory limit; the others run here', async () => {
  const handlers = new IsolatingHandlers(registry, { run: async ({ kind }, memoryMb) => `${kind} ran elsewhere in ${memoryMb} MiB` });
  expect(await handlers.run('in.worker', jsonText(null), attempt(0))).toBe('in.worker ran here');
  expect(await handlers.run('in.process', jsonText(null), attempt(0))).toBe('in.process ran elsewhere in 1024 MiB');
  expect(handlers.names()).toEqual(['in.worker', 'in.process']);
});

test('a job that has crashed a worker before runs in a process of its own, whatever its kind says', async () => {
  const handlers = new IsolatingHandlers(registry, { run: async ({ kind }, memoryMb) => `${kind} ran elsewhere in ${memoryMb} MiB` });
  expect(await handlers.run('in.worker', jsonText(null), attempt(1))).toBe('in.worker ran elsewhere in 512 MiB');
});
