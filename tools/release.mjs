// `npm run release -- <x.y.z|major|minor|patch> [--dry-run]`: the version, the changelog, a commit and a tag.

import './lib/node-version.mjs';
import { reportAndFail, say } from './lib/log.mjs';
import { root } from './lib/paths.mjs';
import { release } from './lib/release.mjs';

try {
  const dryRun = process.argv.includes('--dry-run');
  const asked = process.argv.slice(2).find((arg) => arg !== '--dry-run');
  const { version, tag } = await release(root, asked, { day: new Date().toISOString().slice(0, 10), dryRun });
  if (tag === undefined) say(`would release ${version}; nothing was changed`);
  else
    say(`${version} is committed and tagged as ${tag}. To publish it:
  .ci/run
  git push --follow-tags
  npm run pack
  for file in .longhaul/packages/*.tgz; do npm publish "$file"; done`);
} catch (error) {
  reportAndFail(error);
}
