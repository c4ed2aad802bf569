import { withoutPayloads } from './hidden.js';

test('what callers and handlers have written is null, at any depth, and the answer says so', () => {
  const answer = { items: [{ id: '1', payload: { name: 'Ada' }, result: [1], errors: [{ message: 'no', stack: 'at x' }] }], nextCursor: null };
  expect(JSON.parse(withoutPayloads(JSON.stringify(answer)))).toEqual({
    items: [{ id: '1', payload: null, result: null, errors: [{ message: 'no', stack: null }] }],
    nextCursor: null,
    payloadHidden: true,
  });
});

test('an answer without such fields stays as it is', () => {
  for (const text of ['{"id":"1","result":null}', '[1,"result"]', '"payload"', 'null']) expect(withoutPayloads(text)).toBe(text);
});

test('what is no JSON is not passed on', () => expect(withoutPayloads('{"payload": 1')).toBe('null'));
