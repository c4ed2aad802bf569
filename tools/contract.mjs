// `npm run contract`: writes what is generated for the client and the console: types from the OpenAPI document, and the options of a job. `--check` changes
// nothing: it lints the document, counts what it describes, and says what has drifted. With a path it writes the document there.

import './lib/node-version.mjs';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import prettier from 'prettier';
import { apiDocument } from './lib/api-document.mjs';
import { ensureBuild } from './lib/build.mjs';
import { clientOptions } from './lib/client-options.mjs';
import { consoleApi } from './lib/console-api.mjs';
import { describedOperations } from './lib/described-operations.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { lintApi } from './lib/lint-api.mjs';
import { reportAndFail } from './lib/log.mjs';
import { root } from './lib/paths.mjs';
import { wireTypes } from './lib/wire-types.mjs';

const [argument] = process.argv.slice(2);

try {
  await ensureDependencies();
  await ensureBuild();
  const document = await apiDocument();
  const generated = {
    'libs/client/src/wire.ts': wireTypes(document),
    'libs/client/src/job-options.ts': await clientOptions(),
    'apps/console/src/api/operations.ts': consoleApi(document),
  };
  const files = await Promise.all(Object.entries(generated).map(([path, text]) => formatted(path, text)));
  if (argument === '--check') await check(document, files);
  else if (argument === undefined) for (const { path, text } of files) writeFileSync(join(root, path), text);
  else writeFileSync(resolve(argument), `${JSON.stringify(document, null, 2)}\n`);
} catch (error) {
  reportAndFail(error);
}

/** @param {string} path @param {string} text */
async function formatted(path, text) {
  const file = join(root, path);
  return { path, text: await prettier.format(text, { ...(await prettier.resolveConfig(file)), filepath: file }) };
}

/** @param {import('./lib/api-document.mjs').OpenApi} document @param {{ path: string, text: string }[]} files */
async function check(document, files) {
  const faults = await lintApi(document);
  for (const { path, text } of files)
    if (readFileSync(join(root, path), 'utf8') !== text) faults.push(`expected ${path} to be what the contracts say, got something else; run npm run contract`);
  for (const fault of faults) console.error(fault);
  const { all, answers, problems } = describedOperations(document);
  console.log(`${all} operations, ${answers} with schemas of all their answers, ${problems} with schemas of all their problems`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
