import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface PackedLonghaul {
  /** A new folder for projects. It is within the repository, so that the peers of the package are found. */
  folder: string;
  /** The command line of the package in it. */
  longhaul: string;
}

/** Longhaul as `npm run pack` makes it, installed for the projects of one folder. The caller removes the folder. */
export function packLonghaul(name: string): PackedLonghaul {
  mkdirSync(join(root, '.longhaul'), { recursive: true });
  const folder = mkdtempSync(join(root, `.longhaul/${name}-`));
  const installed = join(folder, 'node_modules/longhaul');
  const packages = pathToFileURL(join(root, 'tools/lib/packages.mjs')).href;
  const code = `await (await import('${packages}')).makeLonghaul(${JSON.stringify(installed)})`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`expected the package to be made, got exit ${String(status)}:\n${stdout}${stderr}`);
  return { folder, longhaul: join(installed, 'dist/apps/cli/src/main.js') };
}
