import { Refusal } from '@app/core';
import { readStreamTarget, targetOf, ticketIn, withTicket } from './stream-target.js';

const JOB = '/jobs/01890000-0000-7000-8000-000000000000/events';

describe('the stream that a ticket is for', () => {
  test.each([
    '/jobs/events',
    JOB,
    '/stats/stream?with=workers',
    '/webhooks/stream',
    '/streams/schedules?id=nightly',
    '/streams/dead-letters',
    '/streams/audit?action=pauseQueue',
    '/ws',
  ])('is any of the API: %s', (url) => {
    expect(readStreamTarget(url).text).toBe(url);
    expect(ticketIn(withTicket(url, 'abc'))).toBe('abc');
    expect(targetOf(withTicket(url, 'abc'))).toBe(url);
  });

  test.each([
    '/jobs',
    '/',
    '',
    'jobs/events',
    '//jobs/events',
    'https://example.org/jobs/events',
    '/jobs/a/b/events',
    '/jobs/%2e%2e/events',
    7,
    null,
    { a: 1 },
  ])('is nothing else: %p', (url) => {
    expect(() => readStreamTarget(url)).toThrow(Refusal);
  });

  test('is the same however its filter was written, and wherever its reader stands', () => {
    const { text } = readStreamTarget('/jobs/events?tag=customer%2017&kind=a.b');
    expect(targetOf('/jobs/events?kind=a.b&tag=customer+17&ticket=x&lastEventId=9')).toBe(text);
    for (const other of ['?kind=a.b', '?kind=a.c&tag=customer+17', '?kind=a.b&kind=a.b&tag=customer+17', '?kind=a.b&tag=customer+17&tag=', ''])
      expect(targetOf(`/jobs/events${other}`)).not.toBe(text);
  });

  test('takes no ticket on a route that is no stream', () => {
    expect(ticketIn('/jobs?ticket=abc')).toBeUndefined();
    expect(ticketIn('/jobs/events?kind=ticket')).toBeUndefined();
  });
});
