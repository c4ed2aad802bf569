import { loadStatements } from '../testing/load-statements.js';
import { STATEMENTS } from './database.js';

beforeAll(loadStatements);

test('a backslash stands in an escape string only: what it means in another text is for each session to say', () => {
  expect(STATEMENTS.length).toBeGreaterThan(100);
  const texts = STATEMENTS.flatMap(({ name, text }) => [...text.matchAll(/(E?)'(?:[^']|'')*'/g)].map(([literal, escape]) => ({ name, literal, escape })));
  expect(texts.filter(({ escape }) => escape !== '').map(({ name }) => name)).toContain('job:settle');
  expect(texts.filter(({ escape, literal }) => escape === '' && literal.includes('\\'))).toEqual([]);
});
