// What the tools say: short lines on stderr, so that stdout stays for what was asked for.

/** An error whose text says all: printed without a stack. */
export class PlainError extends Error {}

export function say(/** @type {string} */ text) {
  process.stderr.write(`longhaul: ${text}\n`);
}

/** The reason of a wait that Ctrl-C or SIGTERM has ended. */
export class Stopped extends Error {}

/** Lets the process end the way its error deserves. @param {unknown} error */
export function reportAndFail(error) {
  if (error instanceof Stopped || (error instanceof Error && error.cause instanceof Stopped)) {
    process.exitCode = 130;
    return;
  }
  if (error instanceof PlainError) say(error.message);
  else process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
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
