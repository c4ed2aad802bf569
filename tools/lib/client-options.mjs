// The options of a job as libs/client/src/job-options.ts has them, for the command line, which is a client like any other and cannot read the core's.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './paths.mjs';

const HEAD = `// Generated from the options of the core by \`npm run contract\`: change libs/core/src/job/job-options.ts, and run it again.

/** The options of a job, each with what it is, and with what stands for a value in a text of usage. */
`;

export async function clientOptions() {
  const { JOB_OPTIONS } = await import(pathToFileURL(join(root, 'dist/libs/core/src/index.js')).href);
  const options = Object.entries(/** @type {Record<string, { form: string, shown: string }>} */ (JOB_OPTIONS)).map(
    ([name, { form, shown }]) => `${name}: ${JSON.stringify({ is: kindOf(form), shown })}`,
  );
  return `${HEAD}export const JOB_OPTIONS: Readonly<Record<string, { is: 'text' | 'integer' | 'texts' | 'unique'; shown: string }>> = {${options.join(',')}};\n`;
}

/** @param {string} form */
function kindOf(form) {
  if (form === 'tags') return 'texts';
  if (form === 'unique') return 'unique';
  return form === 'integer' ? 'integer' : 'text';
}
