import { RecordingLogger } from '@app/core/testing';
import { slips, warnOfQueues } from './known-variables.js';

test.each([
  ['WORKER_CONCURENCY', 'WORKER_CONCURRENCY'],
  ['LONGHAUL_DEBUG_KIND', 'LONGHAUL_DEBUG_KINDS'],
  ['DATABSE_URL', 'DATABASE_URL'],
  ['DRAIN_SECOND', 'DRAIN_SECONDS'],
  ['worker_queues', 'WORKER_QUEUES'],
])('%s is seen as a slip of %s (C14)', (variable, meant) => {
  expect(slips({ [variable]: '1' })).toEqual([{ variable, meant }]);
});

test('the variables of a channel are known as ours are, and so is what begins like them (C14)', () => {
  const more = { variables: [{ names: ['PAGER_FROM', 'PAGER_PER_HOUR'], text: '' }], prefixes: ['PAGER'] };
  expect(slips({ PAGER_FROM: '1', PAGER_FORM: '1', PAGER_PER_H: '1' }, more)).toEqual([
    { variable: 'PAGER_FORM', meant: 'PAGER_FROM' },
    { variable: 'PAGER_PER_H', meant: 'PAGER_PER_HOUR' },
  ]);
  expect(slips({ PAGER_FROM: '1' })).toEqual([]);
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
