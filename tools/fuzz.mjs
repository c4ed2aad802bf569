// `node tools/fuzz.mjs --requests 1000000`: hostile requests to every route of a gateway with rights, by callers of two tenants with canaries in all that
// they have. Prints its seed, its rate and PASS or FAIL; `--seed 1` sends the same requests again. test/e2e/fuzz-rights.e2e.ts is what it runs.

import './lib/node-version.mjs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ended } from './lib/commands.mjs';
import { PlainError, reportAndFail } from './lib/log.mjs';
import { root } from './lib/paths.mjs';

const HELP = `Usage: node tools/fuzz.mjs [--requests 100000] [--seed 1]

Without --seed another one each time, which it prints.
`;

try {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const requests = numberOf(args, '--requests') ?? '100000';
  const seed = numberOf(args, '--seed') ?? String(Math.floor(Math.random() * 2 ** 31));
  if (args.length > 0) throw new PlainError(`expected --requests and --seed, got: ${args.join(' ')}; --help says more`);
  const child = spawn(process.execPath, [join(root, 'tools/test.mjs'), '--only=e2e', '--testPathPatterns', 'e2e/fuzz-rights'], {
    env: { ...process.env, FUZZ_REQUESTS: requests, FUZZ_SEED: seed },
    stdio: 'inherit',
  });
  process.exitCode = (await ended(child)).code ?? 1;
} catch (error) {
  reportAndFail(error);
}

/** @param {string[]} args  it is taken out of them, with its value @param {string} option */
function numberOf(args, option) {
  const at = args.indexOf(option);
  if (at < 0) return undefined;
  const [, value] = args.splice(at, 2);
  if (!/^[1-9]\d{0,9}$/.test(value ?? '')) throw new PlainError(`expected ${option} to be a whole number from 1, got: ${value ?? 'nothing'}`);
  return value;
}
