import { RouteTable } from './route-table.js';

const table = new RouteTable();
for (const [method, url] of [
  ['GET', '/jobs'],
  ['POST', '/jobs'],
  ['POST', '/jobs/batch'],
  ['GET', '/jobs/events'],
  ['GET', '/jobs/:id'],
  ['POST', '/jobs/:id/cancel'],
  ['GET', '/docs/*'],
] as const)
  table.add(url, method);

test.each([
  ['/jobs', 'GET, HEAD, POST'],
  ['/jobs/batch', 'POST'],
  ['/jobs/events', 'GET, HEAD'],
  ['/jobs/1', 'GET, HEAD'],
  ['/jobs/1/cancel', 'POST'],
  ['/docs/a/b.css', 'GET, HEAD'],
  ['/nope', undefined],
  ['/jobs/1/2', undefined],
  ['/jobs/1/cancel/2', undefined],
  ['/jobsx', undefined],
])('%s has %s (E21)', (path, allow) => {
  expect(table.allowed(path)).toBe(allow);
});

test('a path that is written out is not taken for a parameter of another route (E21)', () => {
  expect(table.mistaken('/jobs/:id', '/jobs/batch')).toBe('POST');
  expect(table.mistaken('/jobs/:id', '/jobs/1')).toBeUndefined();
  expect(table.mistaken('/jobs', '/jobs')).toBeUndefined();
  expect(table.mistaken(undefined, '/jobs/batch')).toBeUndefined();
});
