import { textArray } from './array-literal.js';
import { TestStore } from '../testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());

describe('texts as an array of PostgreSQL', () => {
  test('come back as they were, whatever they hold and however long they are (E10)', async () => {
    const parts = ['', 'a', '"', '\\', '\\"', ',', '{}', 'NULL', ' ', 'ä€😀', '\n\t', "'", '$1'];
    const texts = [...parts, ...parts.map((part) => part.repeat(20_000)), parts.join('').repeat(1_000)];
    const [row] = await store.query<{ texts: string[] }>('SELECT $1::text[] AS texts', [textArray(texts)]);
    expect(row?.texts).toEqual(texts);
    expect((await store.query<{ texts: string[] }>('SELECT $1::text[] AS texts', [textArray([])]))[0]?.texts).toEqual([]);
  });
});
