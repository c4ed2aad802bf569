// `npm run longhaul -- <command>`: the command line of apps/cli, built if need be.

import './lib/node-version.mjs';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { ensureBuild } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { reportAndFail } from './lib/log.mjs';
import { root } from './lib/paths.mjs';

try {
  await ensureDependencies();
  await ensureBuild();
  await import(pathToFileURL(join(root, 'dist/apps/cli/src/main.js')).href);
} catch (error) {
  reportAndFail(error);
}
