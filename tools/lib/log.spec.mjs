import { PlainError, textOf } from './log.mjs';

test('what the user can mend is one line, without a stack', () => {
  expect(textOf(new PlainError('expected a port, got: none'))).toBe('longhaul: expected a port, got: none');
  const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', path: '/nowhere/at-all' });
  expect(textOf(denied)).toMatch(/^longhaul: expected to be allowed to write \/nowhere\/at-all, got: .*chown.*$/);
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  expect(textOf(full)).toMatch(/^longhaul: expected room on the disk.*$/);
});

test('any other error is ours, and keeps its stack', () => {
  expect(textOf(new TypeError('a mistake'))).toMatch(/^TypeError: a mistake\n +at .*log\.spec\.mjs/);
  expect(textOf('thrown')).toBe('thrown');
});
