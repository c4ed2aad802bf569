import { pathAndQuery, pathOf } from './target.js';

const meant = (target: string, below = '') => pathAndQuery(target, below, '/docs/');

test.each([
  ['/jobs', '/jobs'],
  ['/jobs/', '/jobs'],
  ['/jobs/?a=/', '/jobs?a=/'],
  ['/jobs?a=/', '/jobs?a=/'],
  ['/', '/'],
  ['/?a', '/?a'],
  ['//', '/'],
  ['/docs/', '/docs/'],
  ['/docs/?x', '/docs/?x'],
  ['http://localhost/jobs', '/jobs'],
  ['HTTP://localhost:3000/jobs/?a=1', '/jobs?a=1'],
  ['http://localhost', '/'],
  ['http://localhost?a=1', '/?a=1'],
  ['*', '*'],
])('%s means %s (E21)', (target, path) => {
  expect(meant(target)).toBe(path);
});

test.each([
  ['/longhaul/jobs', '/jobs'],
  ['/longhaul/jobs/?a', '/jobs?a'],
  ['/longhaul', '/'],
  ['/longhaul?a', '/?a'],
  ['/longhaul/', '/'],
  ['/jobs', '/jobs'],
  ['/longhauls/jobs', '/longhauls/jobs'],
])('%s means %s behind a proxy that leaves the prefix /longhaul in place or takes it away (E22)', (target, path) => {
  expect(meant(target, '/longhaul')).toBe(path);
});

test('the path is what comes before the query', () => {
  expect([pathOf('/jobs?a?b'), pathOf('/jobs'), pathOf('?')]).toEqual(['/jobs', '/jobs', '']);
});
