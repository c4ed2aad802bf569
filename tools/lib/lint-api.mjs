// Redocly's `recommended` and Spectral's `spectral:oas`, on the OpenAPI document: each fault as a line. Warnings are faults.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import os from 'node:os';
import { join } from 'node:path';
import spectral from '@stoplight/spectral-core';
import rulesets from '@stoplight/spectral-rulesets';
import { root } from './paths.mjs';

/** @param {object} document @returns {Promise<string[]>} */
export async function lintApi(document) {
  return [...redocly(document), ...(await spectralOas(document))];
}

/** @param {object} document */
async function spectralOas(document) {
  const linter = new spectral.Spectral();
  linter.setRuleset(/** @type {any} */ ({ extends: [rulesets.oas] }));
  const found = await linter.run(/** @type {any} */ (document));
  return found.map(({ code, path, message }) => `spectral ${code} at ${path.join('.')}: ${message}`);
}

/** By its command line, in a process of its own: without a configuration file it takes `recommended`. @param {object} document */
function redocly(document) {
  const folder = mkdtempSync(join(os.tmpdir(), 'longhaul-lint-'));
  try {
    const file = join(folder, 'openapi.json');
    writeFileSync(file, JSON.stringify(document));
    const args = [join(root, 'node_modules/@redocly/cli/bin/cli.js'), 'lint', file, '--extends=recommended', '--format=json', '--max-problems=1000'];
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' });
    const start = stdout.indexOf('{');
    if (start < 0) throw new Error(`expected redocly to answer with JSON, got: ${stdout}${stderr}`);
    /** @type {{ problems: { ruleId: string, severity: string, message: string, location: { pointer?: string }[] }[] }} */
    const { problems } = JSON.parse(stdout.slice(start));
    return problems.map(({ ruleId, message, location }) => `redocly ${ruleId} at ${location[0]?.pointer ?? ''}: ${message}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
