import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { NumberText, readJson } from '@app/client';
import { UsageError } from './usage.js';

/** Reads a payload: JSON text, `@file`, or `-` for stdin. Its numbers keep all digits. */
export async function readPayload(operand: string | undefined, stdin: NodeJS.ReadableStream): Promise<object> {
  if (operand === undefined) return {};
  const [source, where] = await sourceOf(operand, stdin);
  let value: unknown;
  try {
    value = readJson(source, (literal) => new NumberText(literal));
  } catch (error) {
    throw new UsageError(`expected the payload${where} to be JSON, got: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || value instanceof NumberText)
    throw new UsageError(`expected the payload${where} to be a JSON object, got: ${source.slice(0, 100)}`);
  return value;
}

async function sourceOf(operand: string, stdin: NodeJS.ReadableStream): Promise<[source: string, where: string]> {
  if (operand === '-') return [await text(stdin), ' from stdin'];
  if (!operand.startsWith('@')) return [operand, ''];
  const path = operand.slice(1);
  try {
    return [await readFile(path, 'utf8'), ` in ${path}`];
  } catch (error) {
    throw new UsageError(`expected a file ${path}, got: ${(error as Error).message}`);
  }
}
