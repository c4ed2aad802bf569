// Where things are: in a checkout of Longhaul, or in the npm package.

import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** The npm package has the build, and no sources. */
export const inCheckout = existsSync(join(root, 'libs'));

/** Whose jobs run: of the checkout, or of the folder that the installed command is called in. */
export const project = inCheckout ? root : process.cwd();

/** What the tools keep between runs: data of services they started, test results. Ignored by git. */
export const stateDir = join(project, '.longhaul');

/** The build of this repository, or of the npm package. */
export const build = join(root, 'dist');

/** A compiled entry, for example `entry('gateway', 'migrate')`. @param {'gateway' | 'worker'} app @param {string} [file] @param {string} [below]  another build */
export function entry(app, file = 'main', below = build) {
  return join(below, 'apps', app, 'src', `${file}.js`);
}
