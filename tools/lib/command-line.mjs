// What a tool says of itself: `--help`, `--version`; and the environment file that it reads. Built-ins only.

import fs from 'node:fs'; // Not by name: see node-version.mjs.
import { join } from 'node:path';
import { PlainError } from './log.mjs';
import { root } from './paths.mjs';

/**
 * Answers `--help` and `--version` and ends; refuses any other argument, which would be ignored silently. Then reads the
 * environment file.
 * @param {string} help
 */
export function readCommandLine(help, args = process.argv.slice(2)) {
  const [first] = args;
  if (first === '--help' || first === '-h') answer(help);
  if (first === '--version' || first === '-v') answer(`longhaul ${JSON.parse(fs.readFileSync(join(root, 'package.json'), 'utf8')).version}\n`);
  if (first !== undefined) throw new PlainError(`expected no arguments, got: ${args.join(' ')}; --help says more`);
  readEnvironmentFile();
}

/** `.env` of the working directory; LONGHAUL_ENV_FILE names another file, empty for none. What the environment has already wins. */
export function readEnvironmentFile() {
  const named = process.env.LONGHAUL_ENV_FILE;
  const path = named ?? '.env';
  if (path === '' || (named === undefined && !fs.existsSync(path))) return;
  try {
    process.loadEnvFile(path);
  } catch (error) {
    throw new PlainError(`expected to read the environment file ${path}, got: ${/** @type {Error} */ (error).message}`);
  }
}

/** @param {string} text @returns {never} */
function answer(text) {
  process.stdout.write(text);
  process.exit(0);
}
