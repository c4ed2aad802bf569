// A release: the version in the files that have it, the changelog by version, one commit and one tag. Nothing is pushed or published.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from './commands.mjs';
import { PlainError } from './log.mjs';

const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;
const BUMPS = ['major', 'minor', 'patch'];
const UNRELEASED = '## Unreleased\n';
/** Those that have the version, or ask for it. */
const FILES = ['package.json', 'package-lock.json', 'examples/hello/package.json', 'examples/nest-app/package.json', 'CHANGELOG.md'];

/**
 * The version that is asked for: one of its own, or the next one. A version that was never tagged may be released as it stands.
 * @param {string} current @param {string | undefined} asked @param {string[]} tags
 */
export function versionFor(current, asked, tags) {
  if (asked === undefined || !(VERSION.test(asked) || BUMPS.includes(asked)))
    throw new PlainError(`expected a version such as 1.2.3, or ${BUMPS.join(', ')}, got: ${asked ?? 'nothing'}; npm run release -- minor`);
  const version = BUMPS.includes(asked) ? next(current, asked) : asked;
  if (tags.includes(`v${version}`)) throw new PlainError(`expected a version that is not released, got: ${version}, whose tag v${version} is there`);
  if (compare(version, current) < 0) throw new PlainError(`expected a version from ${current} on, got: ${version}`);
  return version;
}

/**
 * The changelog with what is unreleased under its version and its day.
 * @param {string} text @param {string} version @param {string} day
 */
export function releasedChangelog(text, version, day) {
  const at = text.indexOf(UNRELEASED);
  if (at < 0) throw new PlainError(`expected a line "${UNRELEASED.trim()}" in CHANGELOG.md, got none`);
  const after = text.slice(at + UNRELEASED.length);
  const end = after.search(/^## /m);
  if ((end < 0 ? after : after.slice(0, end)).trim() === '')
    throw new PlainError('expected something under "## Unreleased" in CHANGELOG.md, got nothing to release');
  return `${text.slice(0, at)}${UNRELEASED}\n## ${version} - ${day}\n${after}`;
}

/**
 * Writes the version, commits and tags it in the checkout at `folder`. With `dryRun` it only says what it would do.
 * @param {string} folder @param {string | undefined} asked @param {{ day: string, dryRun?: boolean }} options
 */
export async function release(folder, asked, { day, dryRun = false }) {
  const current = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version;
  const tags = (await git(folder, 'tag', '--list', 'v*')).split('\n');
  const version = versionFor(current, asked, tags);
  const changelog = releasedChangelog(readFileSync(join(folder, 'CHANGELOG.md'), 'utf8'), version, day);
  const open = await git(folder, 'status', '--porcelain');
  if (open !== '') throw new PlainError(`expected a checkout without open changes, got:\n${open}`);
  if (dryRun) return { version, tag: undefined };
  writeFileSync(join(folder, 'CHANGELOG.md'), changelog);
  for (const file of FILES.filter((name) => name.endsWith('.json'))) {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, withVersion(text, file, version));
  }
  await git(folder, 'commit', '--quiet', '--message', `Release ${version}`, '--', ...FILES);
  await git(folder, 'tag', '--annotate', '--message', `Longhaul ${version}`, `v${version}`);
  return { version, tag: `v${version}` };
}

/** @param {string} text @param {string} file @param {string} version */
function withVersion(text, file, version) {
  const json = JSON.parse(text);
  if (file.startsWith('examples/')) json.dependencies.longhaul = `^${version}`;
  else json.version = version;
  if (json.packages?.['']) json.packages[''].version = version;
  return `${JSON.stringify(json, null, 2)}\n`;
}

/** @param {string} current @param {string} bump */
function next(current, bump) {
  const [major = 0, minor = 0, patch = 0] = numbers(current);
  if (bump === 'major') return `${major + 1}.0.0`;
  return bump === 'minor' ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`;
}

/** @param {string} a @param {string} b */
function compare(a, b) {
  const [left, right] = [numbers(a), numbers(b)];
  return left.map((number, index) => number - (right[index] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

/** @param {string} version */
function numbers(version) {
  return version.split('.').map(Number);
}

/** @param {string} folder @param {string[]} args */
async function git(folder, ...args) {
  const { code, output } = await capture('git', args, { cwd: folder });
  if (code !== 0) throw new PlainError(`expected "git ${args.join(' ')}" to work, got: ${output}`);
  return output;
}
