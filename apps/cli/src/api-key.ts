import { readFileSync, statSync } from 'node:fs';
import { UsageError } from './usage.js';

/** Others may read or write the file: any bit of group and others. */
const OTHERS = 0o077;

/**
 * The header with the API key of `--api-key`, of `LONGHAUL_KEY`, or of the file that `LONGHAUL_KEY_FILE` names; none where none is given. A file that others
 * can read is refused, as ssh does with its keys.
 */
export function keyHeaders(given: string | undefined, env: NodeJS.ProcessEnv): Record<string, string> {
  const key = (given ?? (env['LONGHAUL_KEY'] || fromFile(env['LONGHAUL_KEY_FILE'])))?.trim();
  if (key === undefined || key === '') return {};
  if (!/^[\x21-\x7e]+$/.test(key)) throw new UsageError('expected the API key to be one word, such as lh_…');
  return { authorization: `Bearer ${key}` };
}

function fromFile(path: string | undefined): string | undefined {
  if (path === undefined || path === '') return undefined;
  try {
    if (process.platform !== 'win32' && (statSync(path).mode & OTHERS) !== 0)
      throw new UsageError(`expected LONGHAUL_KEY_FILE ${path} to be readable by you alone; chmod 600 ${path}`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`expected to read the API key of LONGHAUL_KEY_FILE ${path}, got: ${(error as Error).message}`);
  }
}
