// `npm run bench [scenario …] [-- options]`: installs and builds what is missing, then measures; see bench/README.md.

import './lib/node-version.mjs';
import { join } from 'node:path';
import { ensureBuild } from './lib/build.mjs';
import { run } from './lib/commands.mjs';
import { ensureDependencies, isInstalled } from './lib/dependencies.mjs';
import { reportAndFail, say } from './lib/log.mjs';
import { root } from './lib/paths.mjs';
import { onStopSignal } from './lib/signals.mjs';

const bench = join(root, 'bench');
const CLEAN_UP_MS = 30_000;
const { signal } = onStopSignal();
// Whatever then keeps from ending: its children are killed when this process exits.
signal.addEventListener('abort', () => setTimeout(() => process.exit(130), CLEAN_UP_MS).unref());
try {
  await ensureDependencies(signal);
  await ensureBuild(signal);
  if (!isInstalled(bench)) {
    say('installing what Longhaul is measured against (npm ci in bench/)');
    await run('npm', ['ci', '--prefix', bench, '--no-audit', '--no-fund', '--loglevel=error'], { signal });
  }
  const { measure } = await import(join(bench, 'run.mjs'));
  await measure(process.argv.slice(2), signal);
} catch (error) {
  reportAndFail(error, signal);
}
process.exit();
