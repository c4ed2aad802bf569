// `npm run contract`: writes what is generated from the OpenAPI document, the types of the client. `--check` changes nothing: it lints the document,
// counts what it describes, and says what has drifted. With a path it writes the document there.

import './lib/node-version.mjs';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import prettier from 'prettier';
import { apiDocument } from './lib/api-document.mjs';
import { ensureBuild } from './lib/build.mjs';
import { ensureDependencies } from './lib/dependencies.mjs';
import { lintApi } from './lib/lint-api.mjs';
import { reportAndFail } from './lib/log.mjs';
import { root } from './lib/paths.mjs';
import { wireTypes } from './lib/wire-types.mjs';

const WIRE = 'libs/client/src/wire.ts';
const [argument] = process.argv.slice(2);

try {
  await ensureDependencies();
  await ensureBuild();
  const document = await apiDocument();
  const file = join(root, WIRE);
  const wire = await prettier.format(wireTypes(document), { ...(await prettier.resolveConfig(file)), filepath: file });
  if (argument === '--check') await check(document, readFileSync(file, 'utf8') === wire);
  else if (argument === undefined) writeFileSync(file, wire);
  else writeFileSync(resolve(argument), `${JSON.stringify(document, null, 2)}\n`);
} catch (error) {
  reportAndFail(error);
}

/** @param {import('./lib/api-document.mjs').OpenApi} document @param {boolean} isCurrent */
async function check(document, isCurrent) {
  const faults = await lintApi(document);
  if (!isCurrent) faults.push(`expected ${WIRE} to be what the contracts say, got something else; run npm run contract`);
  for (const fault of faults) console.error(fault);
  console.log(numbers(document));
  process.exitCode = faults.length > 0 ? 1 : 0;
}

/** @param {import('./lib/api-document.mjs').OpenApi} document */
function numbers({ paths }) {
  const operations = Object.values(paths).flatMap((item) => Object.values(item));
  const described = (/** @type {(status: string) => boolean} */ which) =>
    operations.filter(({ responses }) =>
      Object.entries(responses)
        .filter(([status]) => which(status))
        .every(([status, { content }]) => ['204', '304'].includes(status) || Object.values(content ?? {}).some(({ schema }) => schema)),
    ).length;
  const answers = described((status) => status < '400');
  const problems = described((status) => status >= '400');
  return `${operations.length} operations, ${answers} with schemas of all their answers, ${problems} with schemas of all their problems`;
}
