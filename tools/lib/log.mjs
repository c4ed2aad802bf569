// What the tools say: short lines on stderr, so that stdout stays for what was asked for.

/** An error whose text says all: printed without a stack. */
export class PlainError extends Error {}

export function say(/** @type {string} */ text) {
  process.stderr.write(`longhaul: ${text}\n`);
}

/** The reason of a wait that Ctrl-C or SIGTERM has ended. */
export class Stopped extends Error {}

/**
 * Lets the process end the way its error deserves. Once it has been told to stop, whatever then fails (a child that the
 * same Ctrl-C has reached, say) is no news.
 * @param {unknown} error @param {AbortSignal} [stopping]
 */
export function reportAndFail(error, stopping) {
  if (stopping?.aborted) {
    process.exitCode = 130;
    return;
  }
  process.stderr.write(`${textOf(error)}\n`);
  process.exitCode = 1;
}

/** One line for what the user can mend; the stack for what only we can. @param {unknown} error */
export function textOf(error) {
  if (error instanceof PlainError) return `longhaul: ${error.message}`;
  const { code, path, message = String(error), stack = message } = /** @type {Partial<NodeJS.ErrnoException>} */ (error ?? {});
  if (path && ['EACCES', 'EPERM', 'EROFS'].includes(code ?? '')) {
    return `longhaul: expected to be allowed to write ${path}, got: ${message}; give this user the checkout (chown), or run as its owner`;
  }
  if (code === 'ENOSPC') return `longhaul: expected room on the disk, got: ${message}; make some and run this again`;
  return stack;
}

/**
 * Calls `onLine` for each whole line, and for what is left at the end.
 * @param {import('node:stream').Readable} stream @param {(line: string) => void} onLine
 */
export function eachLine(stream, onLine) {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}

export function seconds(/** @type {number} */ since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

/** A URL as it may be shown: without its password. */
export function withoutPassword(/** @type {string} */ url) {
  return url.replace(/(\/\/[^:@/]*):[^@/]*@/, '$1:…@');
}
