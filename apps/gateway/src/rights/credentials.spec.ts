import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { nameOf } from '@app/host';
import { credentialsOf, credentialsShown } from './credentials.js';

test.each<[IncomingHttpHeaders, ReturnType<typeof credentialsOf>]>([
  [{}, null],
  [{ authorization: 'Bearer lh_a_b' }, { bearer: 'lh_a_b' }],
  [{ authorization: 'bearer  lh_a_b' }, { bearer: 'lh_a_b' }],
  [{ authorization: 'Basic YTpi' }, { bearer: '' }],
  [{ authorization: 'Bearer a b' }, { bearer: '' }],
  [{ cookie: 'a=b; __Host-lh=token; c=d' }, { session: 'token' }],
  [{ cookie: '__Host-lh=' }, null],
  [{ cookie: 'x__Host-lh=token' }, null],
  // A key that is wrong is not made up for by a cookie.
  [{ authorization: 'Basic YTpi', cookie: '__Host-lh=token' }, { bearer: '' }],
])('%j shows %j', (headers, credentials) => expect(credentialsOf(headers)).toEqual(credentials));

test('a connection that shows the same again is known by it, and one that shows another key, a cookie or nothing is known by that', () => {
  const socket = {};
  const shown = (headers: IncomingHttpHeaders, connection = socket) => credentialsShown({ headers, socket: connection } as IncomingMessage);
  const first = shown({ authorization: 'Bearer lh_a_b' });
  expect(first).toEqual({ bearer: 'lh_a_b', name: nameOf('lh_a_b') });
  expect(shown({ authorization: 'Bearer lh_a_b' })).toBe(first);
  expect(shown({ cookie: '__Host-lh=token' })).toEqual({ session: 'token' });
  expect(shown({})).toBeNull();
  expect(shown({ authorization: 'Bearer lh_a_c' })).toEqual({ bearer: 'lh_a_c', name: nameOf('lh_a_c') });
  expect(shown({ authorization: 'Basic YTpi' })).toEqual({ bearer: '', name: nameOf('') });
  expect(shown({ authorization: 'Bearer lh_a_b' })).toEqual(first);
  expect(shown({ authorization: 'Bearer lh_a_b' }, {})).not.toBe(first);
});
