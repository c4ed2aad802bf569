import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { NumberText } from '@app/client';
import { readExactly, utf8 } from './json-text.js';
import { UsageError } from './usage.js';

/** Reads a payload: JSON text, `@file`, or `-` for stdin. Its numbers keep all digits. */
export async function readPayload(operand: string | undefined, stdin: NodeJS.ReadableStream): Promise<object> {
  if (operand === undefined) return {};
  const [source, what] = await sourceOf(operand, stdin);
  const value = readExactly(source, what);
  if (typeof value !== 'object' || value === null || value instanceof NumberText)
    throw new UsageError(`expected ${what} to be a JSON object, got: ${source.slice(0, 100)}`);
  return value;
}

async function sourceOf(operand: string, stdin: NodeJS.ReadableStream): Promise<[source: string, what: string]> {
  if (operand === '-') return read(await buffer(stdin), 'the payload from stdin');
  if (!operand.startsWith('@')) return [operand, 'the payload'];
  const path = operand.slice(1);
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new UsageError(`expected a file ${path}, got: ${(error as Error).message}`);
  });
  return read(bytes, `the payload in ${path}`);
}

function read(bytes: Uint8Array, what: string): [source: string, what: string] {
  return [utf8(bytes, what), what];
}
