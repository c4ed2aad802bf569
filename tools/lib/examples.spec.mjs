import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.mjs';

const about = (/** @type {string} */ folder) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
const { version, dependencies, devDependencies } = about('.');
const ranges = { ...devDependencies, ...dependencies, longhaul: `^${version}` };

test.each(['hello', 'nest-app'])('the example %s takes packages in the versions that this repository is tested with', (name) => {
  const own = about(`examples/${name}`);
  const all = { ...own.dependencies, ...own.devDependencies };
  expect(all).toEqual(Object.fromEntries(Object.keys(all).map((each) => [each, ranges[each]])));
});
