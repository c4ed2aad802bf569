import { allows, allowsKind, LOCAL } from './principal.js';

test('a scope allows itself alone, and admin allows all', () => {
  expect(allows({ scopes: ['jobs:read'] }, 'jobs:read')).toBe(true);
  expect(allows({ scopes: ['jobs:read'] }, 'jobs:payload')).toBe(false);
  expect(allows({ scopes: ['admin'] }, 'jobs:payload')).toBe(true);
  expect(allows(LOCAL, 'audit:read')).toBe(true);
});

test.each<[string[] | null, string, boolean]>([
  [null, 'report.render', true],
  [['report.render'], 'report.render', true],
  [['report.render'], 'report.renderer', false],
  [['report.*'], 'report.render', true],
  [['report.*'], 'reports.render', false],
  [['report.*'], 'report', false],
  [['a.b', 'report.*'], 'report.x.y', true],
])('a key for %j may %s: %p', (kinds, kind, may) => expect(allowsKind({ kinds }, kind)).toBe(may));
