// The first import of every tool: on a Node that is too old it says so and ends, before anything newer is evaluated.
// For that to work, no tool imports a recent built-in by its name: that would fail while linking, before this runs.

import { readFileSync } from 'node:fs';

const { engines } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const wanted = String(engines.node).replace('>=', '');

if (isOlder(process.versions.node, wanted)) {
  process.stderr.write(
    `longhaul: expected Node ${wanted} or newer, got ${process.versions.node} (${process.execPath}); install a newer one and run this again\n`,
  );
  process.exit(1);
}

/** @param {string} version @param {string} than */
export function isOlder(version, than) {
  const [left, right] = [version, than].map((text) => text.split('.').map(Number));
  for (let part = 0; part < 3; part++) {
    const difference = (left?.[part] ?? 0) - (right?.[part] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
