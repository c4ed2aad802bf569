import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isInstalled } from './dependencies.mjs';

/** @type {string} */
let folder;
const lock = {
  packages: {
    '': { name: 'longhaul' },
    'node_modules/one': { version: '1.0.0' },
    'node_modules/one/node_modules/two': { version: '2.0.0' },
    'node_modules/elsewhere': { version: '3.0.0', optional: true },
  },
};
const record = {
  packages: {
    'node_modules/one': { version: '1.0.0' },
    'node_modules/one/node_modules/two': { version: '2.0.0' },
  },
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'longhaul-'));
  write('package-lock.json', lock);
  write('node_modules/.package-lock.json', record);
  for (const path of Object.keys(record.packages)) write(`${path}/package.json`, {});
});
afterEach(() => rmSync(folder, { recursive: true }));

/** @param {string} path @param {object} content */
function write(path, content) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), JSON.stringify(content));
}

test('what npm ci has installed is not installed again, without packages for other platforms', () => {
  expect(isInstalled(folder)).toBe(true);
});

test('an installation that was cut off, which has no record, is made again', () => {
  rmSync(join(folder, 'node_modules/.package-lock.json'));
  expect(isInstalled(folder)).toBe(false);
});

test('a package that is gone, or of which only the folder is left, is installed again', () => {
  rmSync(join(folder, 'node_modules/one/node_modules/two/package.json'));
  expect(isInstalled(folder)).toBe(false);
});

test('another version in the lock file is installed', () => {
  write('package-lock.json', { packages: { ...lock.packages, 'node_modules/one': { version: '1.0.1' } } });
  expect(isInstalled(folder)).toBe(false);
});
