import { fairnessFaults, toFairness } from './queue-fairness.js';

describe('how a queue is to share its workers', () => {
  test.each<[value: unknown, pointer: string | null, detail: string]>([
    [{ by: 'kind' }, null, ''],
    [{ by: 'tag:tenant', cost: 'time', weights: { acme: 3, 'a/b': 0.001 } }, null, ''],
    ['kind', '/fair', 'must be an object'],
    [[], '/fair', 'must be an object'],
    [{}, '/fair/by', 'must be "kind" or "tag:<name>"'],
    [{ by: 'tenant' }, '/fair/by', 'got: "tenant"'],
    [{ by: 'tag:a:b' }, '/fair/by', 'got: "tag:a:b"'],
    [{ by: 'kind', cost: 'money' }, '/fair/cost', 'must be "count" or "time", got: "money"'],
    [{ by: 'kind', weights: [1] }, '/fair/weights', 'must be an object'],
    [{ by: 'kind', weights: { a: 0 } }, '/fair/weights/a', 'must be a number from 0.001 to 1000, got: 0'],
    [{ by: 'kind', weights: { 'a/b': '3' } }, '/fair/weights/a~1b', 'got: "3"'],
    [{ by: 'kind', weights: { a: 1e-300 } }, '/fair/weights/a', 'must be a number from 0.001'],
    [{ by: 'tag:a\u0000' }, '/fair/by', 'got: "tag:a\\u0000"'],
    [{ by: 'tag:\ud800' }, '/fair/by', 'must be "kind" or "tag:<name>"'],
    [{ by: 'tag:größe', weights: { '日本 1': 2 } }, null, ''],
    [{ by: 'kind', weights: { 'a\u0000': 1 } }, '/fair/weights', 'printable characters, as keys have them, got: "a\\u0000"'],
    [{ by: 'kind', weights: { '\udc00': 1 } }, '/fair/weights', 'printable characters'],
    [{ by: 'kind', weights: { '': 1 } }, '/fair/weights', 'names of 1 to 100'],
    [{ by: 'kind', wieghts: {} }, '/fair/wieghts', 'is not a known field'],
  ])('%j', (value, pointer, detail) => {
    const faults = fairnessFaults('/fair', value);
    expect(faults).toEqual(pointer === null ? [] : [{ pointer, detail: expect.stringContaining(detail) as string }]);
  });

  test('counts jobs, and weighs all keys alike, where nothing else is said', () => {
    expect(toFairness({ by: 'kind' })).toEqual({ by: 'kind', cost: 'count', weights: {} });
  });
});
