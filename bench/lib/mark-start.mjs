// Loaded into a process that runs the product's handlers, before its main module: notes when each handler begins, and tells when asked.

import 'reflect-metadata';
import { join } from 'node:path';
import { root } from '../../tools/lib/paths.mjs';
import { clock } from './role.mjs';

/** @type {[string, number][]} */
const starts = [];
const { debugKinds } = await import(join(root, 'dist/test/kinds/index.js'));
const echo = debugKinds.find((/** @type {Function} */ { name }) => name === 'DebugEcho').prototype;
const run = echo.run;
/** @param {object} payload @param {{ id: string }} job */
echo.run = function (payload, job) {
  starts.push([job.id, clock()]);
  return run.call(this, payload, job);
};
process.on('message', (/** @type {any} */ { id, method }) => method === 'starts' && process.send?.({ id, result: starts }));
