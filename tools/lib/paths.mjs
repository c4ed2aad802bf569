// Where things are, relative to this checkout.

import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

/** What the tools keep between runs: data of services they started, test results. Ignored by git. */
export const stateDir = join(root, '.longhaul');

/** A compiled entry, for example `entry('gateway', 'migrate')`. */
export function entry(/** @type {'gateway' | 'worker'} */ app, file = 'main') {
  return join(root, 'dist/apps', app, 'src', `${file}.js`);
}
