import { QueryReader, readListQuery } from './list-query.js';

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

describe('the query of a list of jobs', () => {
  test('has its conditions once or several times, and where the page begins', () => {
    const cursor = '-019364d2-7c1e-7a33-8f3e-0b9f6a1d2c3e';
    expect(
      readListQuery({ state: ['failed', 'cancelled'], kind: 'a', createdFrom: '2026-01-31T08:00:00 01:00', order: 'oldest', count: 'true', cursor }),
    ).toEqual({
      filter: { states: ['failed', 'cancelled'], kinds: ['a'], createdFrom: new Date('2026-01-31T07:00:00Z'), order: 'oldest', cursor, limit: 50 },
      counted: true,
    });
  });

  test('takes an empty parameter for none, as forms send it', () => {
    expect(readListQuery({ state: '', tag: ['', 'a'], createdTo: '' })).toEqual({ filter: { tags: ['a'], limit: 50 }, counted: false });
  });

  test.each([
    [{ state: 'done' }, 'expected query parameter "state" to be one of scheduled, queued, running, succeeded, failed, cancelled, got: "done"'],
    [{ queue: ['a', 'b'] }, 'expected query parameter "queue" to be a printable text of 1 to 500 characters, got: ["a","b"]'],
    [{ kinds: 'a' }, 'expected query parameter "kinds" to be one of state, kind, queue'],
    [{ order: 'random' }, 'expected query parameter "order" to be newest, oldest'],
    [{ cursor: '--019364d2-7c1e-7a33-8f3e-0b9f6a1d2c3e' }, 'expected query parameter "cursor" to be what nextCursor or previousCursor'],
    [{ createdFrom: 'yesterday' }, 'expected query parameter "createdFrom" to be a date, or an RFC 3339 time'],
    [{ count: 'yes' }, 'expected query parameter "count" to be true, false'],
  ])('%j is refused, with the name of the parameter', (query, message) => {
    expect(() => readListQuery(query)).toThrow(message);
  });
});
