// dist/console: the console's files, each compressed once for all. A part of `npm run build`; the gateway serves what it finds there.

import './lib/node-version.mjs';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { reportAndFail, say } from './lib/log.mjs';
import { root } from './lib/paths.mjs';

const folder = join(root, 'dist/console');

try {
  // Packages that only the build needs: a checkout that was installed before they were added, or without them, still makes its processes.
  if (existsSync(join(root, 'node_modules/vite'))) await build();
  else say('the console is not built: expected the package vite, which npm ci installs; the gateway answers 404 at /console until then');
} catch (error) {
  reportAndFail(error);
}

async function build() {
  const { build: bundle } = await import('vite');
  await bundle({ configFile: join(root, 'apps/console/vite.config.ts'), logLevel: 'warn' });
  // Every browser takes gzip: the few clients that do not get it unpacked by the gateway. One copy keeps the package small.
  for (const { name, path } of files()) {
    if (name === 'index.html' || name === 'manifest.json') continue;
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
    rmSync(path);
  }
}

function files() {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => ({ name: item.name, path: join(item.parentPath, item.name) }));
}
