import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isOlder } from './node-version.mjs';

const tools = join(import.meta.dirname, '..');
const PRETEND = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.19.0' } })`;

test.each(readdirSync(tools).filter((name) => name.endsWith('.mjs')))('on a Node that is too old, %s says so in one line and does nothing', (tool) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', `data:text/javascript,${PRETEND}`, join(tools, tool), '--help'], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^longhaul: expected Node [\d.]+ or newer, got 18\.19\.0 .*\n$/);
  expect(status).toBe(1);
});

test('versions are compared by number, part by part', () => {
  expect(isOlder('20.9.0', '20.19.0')).toBe(true);
  expect(isOlder('20.19.0', '20.19.0')).toBe(false);
  expect(isOlder('22.0.0', '20.19.0')).toBe(false);
  expect(isOlder('18.20.8', '20.19')).toBe(true);
});
