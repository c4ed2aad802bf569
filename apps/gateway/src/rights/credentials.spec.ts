import type { IncomingHttpHeaders } from 'node:http';
import { credentialsOf } from './credentials.js';

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
