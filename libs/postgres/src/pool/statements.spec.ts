import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { STATEMENTS } from './database.js';

const SOURCES = join(import.meta.dirname, '..');

beforeAll(async () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) => /(?<!spec)\.ts$/.test(file) && !/testing|migrations/.test(file));
  for (const file of files) await import(join(SOURCES, file));
});

test('a backslash stands in an escape string only: what it means in another text is for each session to say', () => {
  expect(STATEMENTS.length).toBeGreaterThan(100);
  const texts = STATEMENTS.flatMap(({ name, text }) => [...text.matchAll(/(E?)'(?:[^']|'')*'/g)].map(([literal, escape]) => ({ name, literal, escape })));
  expect(texts.filter(({ escape }) => escape !== '').map(({ name }) => name)).toContain('job:settle');
  expect(texts.filter(({ escape, literal }) => escape === '' && literal.includes('\\'))).toEqual([]);
});
