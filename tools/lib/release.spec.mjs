import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { release, releasedChangelog, versionFor } from './release.mjs';

test.each([
  ['patch', '0.1.1'],
  ['minor', '0.2.0'],
  ['major', '1.0.0'],
  ['0.1.0', '0.1.0'],
  ['3.0.0', '3.0.0'],
])('the version after 0.1.0 for %s is %s', (asked, version) => {
  expect(versionFor('0.1.0', asked, [])).toBe(version);
});

test.each([
  [undefined, 'got: nothing'],
  ['1.2', 'got: 1.2'],
  ['01.2.3', 'got: 01.2.3'],
  ['1.0.0-beta', 'got: 1.0.0-beta'],
  ['0.0.9', 'expected a version from 0.1.0 on, got: 0.0.9'],
  ['0.1.0', 'whose tag v0.1.0 is there'],
])('no version is made of %s', (asked, message) => {
  expect(() => versionFor('0.1.0', asked, ['v0.1.0'])).toThrow(message);
});

test('the changelog has what was unreleased under its version, and a place for what comes next', () => {
  const text = '# Changelog\n\n## Unreleased\n\n### Added\n\n- It.\n\n## 0.1.0 - 2026-01-01\n\n- First.\n';
  expect(releasedChangelog(text, '0.2.0', '2026-02-03')).toBe(
    '# Changelog\n\n## Unreleased\n\n## 0.2.0 - 2026-02-03\n\n### Added\n\n- It.\n\n## 0.1.0 - 2026-01-01\n\n- First.\n',
  );
  expect(() => releasedChangelog('## Unreleased\n\n## 0.1.0 - 2026-01-01\n\n- First.\n', '0.2.0', '2026-02-03')).toThrow('nothing to release');
  expect(() => releasedChangelog('# Changelog\n', '0.2.0', '2026-02-03')).toThrow('got none');
});

describe('a release', () => {
  /** @type {string} */
  let folder;
  /** @param {string[]} args */
  const git = (...args) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();
  /** @param {string} file */
  const json = (file) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'longhaul-release-'));
    const files = {
      'package.json': { name: 'longhaul', version: '0.1.0' },
      'package-lock.json': { version: '0.1.0', packages: { '': { version: '0.1.0' }, 'node_modules/a': { version: '0.1.0' } } },
      'examples/hello/package.json': { dependencies: { longhaul: '^0.1.0' } },
      'examples/nest-app/package.json': { dependencies: { longhaul: '^0.1.0' } },
    };
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), JSON.stringify(content));
    }
    writeFileSync(join(folder, 'CHANGELOG.md'), '## Unreleased\n\n- It.\n');
    git('init', '--quiet');
    git('config', 'user.email', 'test@example.org');
    git('config', 'user.name', 'Test');
    git('add', '--all');
    git('commit', '--quiet', '--message', 'Begin');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('is one commit and one tag, with its version in each file that has it', async () => {
    expect(await release(folder, 'minor', { day: '2026-02-03' })).toEqual({ version: '0.2.0', tag: 'v0.2.0' });
    expect(json('package.json').version).toBe('0.2.0');
    expect(json('package-lock.json')).toEqual({ version: '0.2.0', packages: { '': { version: '0.2.0' }, 'node_modules/a': { version: '0.1.0' } } });
    expect(json('examples/nest-app/package.json').dependencies.longhaul).toBe('^0.2.0');
    expect(readFileSync(join(folder, 'CHANGELOG.md'), 'utf8')).toContain('## 0.2.0 - 2026-02-03');
    expect(git('status', '--porcelain')).toBe('');
    expect(git('log', '-1', '--format=%s %D')).toContain('Release 0.2.0 HEAD');
    expect(git('describe')).toBe('v0.2.0');
    await expect(release(folder, '0.2.0', { day: '2026-02-03' })).rejects.toThrow('whose tag v0.2.0 is there');
  });

  test('of a version that was never tagged leaves the number as it is', async () => {
    expect(await release(folder, '0.1.0', { day: '2026-02-03' })).toEqual({ version: '0.1.0', tag: 'v0.1.0' });
  });

  test('changes nothing in a dry run, nor in a checkout with open changes', async () => {
    const before = git('log', '-1', '--format=%H');
    expect(await release(folder, 'patch', { day: '2026-02-03', dryRun: true })).toEqual({ version: '0.1.1', tag: undefined });
    writeFileSync(join(folder, 'open.txt'), '');
    await expect(release(folder, 'patch', { day: '2026-02-03' })).rejects.toThrow('expected a checkout without open changes');
    expect([git('log', '-1', '--format=%H'), git('tag'), json('package.json').version]).toEqual([before, '', '0.1.0']);
  });
});
