// dist: compiled when missing or when a source file has changed since.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './commands.mjs';
import { withLock } from './lock.mjs';
import { say } from './log.mjs';
import { entry, root } from './paths.mjs';

const stampFile = join(root, 'dist/.longhaul-build');

export async function ensureBuild() {
  if (isStamped()) return;
  await withLock('build', async () => {
    if (isStamped()) return;
    say('building (npm run build)');
    const hash = sourceHash(); // Before the build: a file that changes during it makes the build stale again.
    await run('npm', ['run', '--silent', 'build']);
    writeFileSync(stampFile, hash);
  });
}

function isStamped() {
  const built = existsSync(stampFile) && existsSync(entry('gateway')) && existsSync(entry('worker'));
  return built && readFileSync(stampFile, 'utf8') === sourceHash();
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
  const compiled = ['apps', 'libs'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((item) => item.isFile() && !/\.(spec|int-spec)\.ts$/.test(item.name))
      .map((item) => join(item.parentPath, item.name).slice(root.length + 1))
      .filter((file) => !file.includes('node_modules/')),
  );
  const settings = readdirSync(root).filter((name) => /^(tsconfig.*|nest-cli|package-lock)\.json$/.test(name));
  return [...compiled, ...settings].sort();
}
