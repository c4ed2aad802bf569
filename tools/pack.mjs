// `npm run pack`: the npm packages `longhaul`, `@longhaul/client` and `create-longhaul`, as files in .longhaul/packages/.

import './lib/node-version.mjs';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuild } from './lib/build.mjs';
import { capture } from './lib/commands.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { PlainError, reportAndFail } from './lib/log.mjs';
import { makeClient, makeCreate, makeLonghaul } from './lib/packages.mjs';
import { stateDir } from './lib/paths.mjs';

const folder = join(stateDir, 'packages');
const PACKAGES = { longhaul: makeLonghaul, client: makeClient, create: makeCreate };

try {
  await ensureDependencies();
  await ensureBuild();
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (name.endsWith('.tgz')) rmSync(join(folder, name));
  for (const [name, make] of Object.entries(PACKAGES)) {
    const contents = join(folder, name);
    await make(contents);
    console.log(await pack(contents));
  }
} catch (error) {
  reportAndFail(error);
}

/** Name and size of what npm makes of a folder. @param {string} contents */
async function pack(contents) {
  const { code, output } = await capture('npm', ['pack', contents, '--json', '--loglevel=error', '--pack-destination', folder]);
  if (code !== 0) throw new PlainError(`expected npm pack to work in ${contents}, got: ${output}`);
  const [{ filename, size, unpackedSize, entryCount }] = JSON.parse(output);
  const kB = (/** @type {number} */ bytes) => `${(bytes / 1_000).toFixed(0)} kB`;
  return `${join('.longhaul/packages', filename)}: ${kB(size)}, unpacked ${kB(unpackedSize)} in ${entryCount} files`;
}
