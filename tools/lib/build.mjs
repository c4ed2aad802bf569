// dist: compiled when missing or when a source file has changed since.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './commands.mjs';
import { withLock } from './lock.mjs';
import { say } from './log.mjs';
import { entry, root } from './paths.mjs';

const stampFile = join(root, 'dist/.longhaul-build');

/** @param {AbortSignal} [signal] */
export async function ensureBuild(signal) {
  if (isCurrent()) return;
  const build = async () => {
    if (isCurrent()) return;
    say('building (npm run build)');
    const hash = sourceHash(); // Before the build: a file that changes during it makes the build stale again.
    rmSync(stampFile, { force: true }); // A build that is cut off leaves a mixture, which no sources describe.
    await run('npm', ['run', '--silent', 'build'], { signal });
    writeFileSync(stampFile, hash);
  };
  await withLock('build', build, signal);
}

function isCurrent() {
  const entries = [entry('gateway'), entry('worker')];
  if (![stampFile, ...entries].every((file) => existsSync(file))) return false;
  // Newer than the stamp: someone has built by hand since, from sources that we have not seen.
  const stamped = statSync(stampFile).mtimeMs;
  if (entries.some((file) => statSync(file).mtimeMs > stamped)) return false;
  return readFileSync(stampFile, 'utf8') === sourceHash();
}

/** Of contents, not of times: a checkout or a rebase touches files without changing them. */
function sourceHash() {
  const hash = createHash('sha256');
  for (const file of sources())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  return hash.digest('hex');
}

function sources() {
  const compiled = ['apps', 'libs', 'test/kinds', 'test/fixtures'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((item) => item.isFile() && !/\.(spec|int-spec)\.ts$/.test(item.name))
      .map((item) => join(item.parentPath, item.name).slice(root.length + 1))
      .filter((file) => !file.includes('node_modules/')),
  );
  const settings = readdirSync(root).filter((name) => /^(tsconfig.*|nest-cli|package-lock)\.json$/.test(name));
  return ['longhaul.config.ts', ...compiled, ...settings].sort();
}
