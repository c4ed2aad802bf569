import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = join(import.meta.dirname, '..');

/** Loads every file of this library, so that `STATEMENTS` has all that it runs; migrations are no statements of it. */
export async function loadStatements(): Promise<void> {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) => /(?<!spec)\.ts$/.test(file) && !/testing|migrations/.test(file));
  for (const file of files) await import(join(SOURCES, file));
}
