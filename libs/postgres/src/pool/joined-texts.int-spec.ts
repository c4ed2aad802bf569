import { JsonBytes, type JsonText, jsonText } from '@app/core';
import { TestStore } from '../testing/test-store.js';
import { joinedTexts, textsOf } from './joined-texts.js';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());

async function backFrom(texts: (JsonText | JsonBytes | undefined)[]): Promise<(string | null)[]> {
  const rows = await store.query<{ text: string | null }>(
    `SELECT i.text FROM unnest($1::integer[], ${textsOf('$2')}) WITH ORDINALITY AS i (number, text, place) ORDER BY place`,
    [texts.map((_, index) => index), joinedTexts(texts)],
  );
  return rows.map(({ text }) => text);
}

describe('JSON texts as one parameter', () => {
  test('come back as they were, whatever they hold and however long they are (E10)', async () => {
    const parts = ['', 'a', '"', '\\', '\\"', ',', '{}', 'NULL', ' ', 'ä€😀', '\n\t', "'", '$1', '\u001F'];
    const texts = [...parts, ...parts.map((part) => part.repeat(20_000)), parts.join('').repeat(1_000)].map((value) => jsonText({ value }));
    expect(await backFrom(texts)).toEqual(texts);
    expect(await backFrom(texts.map((text) => new JsonBytes(Buffer.from(text))))).toEqual(texts);
    expect(await backFrom(texts.map((text, index) => (index % 2 === 0 ? text : new JsonBytes(Buffer.from(text)))))).toEqual(texts);
    expect(await backFrom(texts.slice(-1).map((text) => new JsonBytes(Buffer.from(text))))).toEqual(texts.slice(-1));
  });

  test('are NULL where there is none, and where there is none at all', async () => {
    const some = jsonText(null);
    expect(await backFrom([undefined, some, undefined])).toEqual([null, 'null', null]);
    expect(await backFrom([undefined])).toEqual([null]);
    expect(await backFrom([undefined, undefined])).toEqual([null, null]);
  });
});
