import { QueryReader } from './list-query.js';

const known = ['kind', 'lastEventId'];

test('a stream ignores what a stand-in for EventSource adds, and takes the last of what it repeats (C31)', () => {
  const reader = QueryReader.tolerant({ kind: 'a', lastEventId: ['3', '7'], _: '1701', r: '0.5' }, known, ['lastEventId']);
  expect([reader.text('kind'), reader.text('lastEventId')]).toEqual(['a', '7']);
});

test('a stream with two filters of one name is refused, for which one is meant is not known', () => {
  expect(() => QueryReader.tolerant({ kind: ['a', 'b'] }, known, ['lastEventId']).text('kind')).toThrow('"kind"');
});

test('a list refuses what it does not know', () => {
  expect(() => new QueryReader({ _: '1701' }, known)).toThrow('"_"');
});
