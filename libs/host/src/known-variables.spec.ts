import { readFileSync } from 'node:fs';
import { RecordingLogger } from '@app/core/testing';
import { KNOWN_VARIABLES, slips, warnOfQueues } from './known-variables.js';

test('the variables that are known are those of the page of the configuration (C14)', () => {
  const table = readFileSync(new URL('../../../docs/reference/configuration.md', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => /^\| `[A-Z]/.test(line))
    .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([A-Z][A-Z0-9_]+)`/g)].map(([, name]) => name));
  expect(table.filter((name) => !KNOWN_VARIABLES.includes(name ?? ''))).toEqual([]);
});

test.each([
  ['WORKER_CONCURENCY', 'WORKER_CONCURRENCY'],
  ['LONGHAUL_DEBUG_KIND', 'LONGHAUL_DEBUG_KINDS'],
  ['DATABSE_URL', 'DATABASE_URL'],
  ['DRAIN_SECOND', 'DRAIN_SECONDS'],
  ['worker_queues', 'WORKER_QUEUES'],
])('%s is seen as a slip of %s (C14)', (variable, meant) => {
  expect(slips({ [variable]: '1' })).toEqual([{ variable, meant }]);
});

test('what is known, and what has nothing to do with Longhaul, is no slip (C14)', () => {
  expect(
    slips({ WORKER_QUEUES: '', PATH: '', HOSTNAME: '', PORTS: '', LOGNAME: '', HOSTS: '', EDITOR: '', PGHOST: '', AWS_REGION: '', npm_config_cache: '' }),
  ).toEqual([]);
});

test('a queue to which nothing sends jobs is told, with the near match (C14)', () => {
  const logger = new RecordingLogger();
  warnOfQueues(['reports', 'mail'], ['default', 'report'], logger);
  expect(logger.entries.map(({ message }) => message)).toEqual([
    expect.stringContaining('"reports", to which no kind and no setting sends jobs; did you mean "report"?'),
    expect.stringContaining('"mail", to which no kind and no setting sends jobs; there are default, report'),
  ]);
});
