import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { nameOf } from '@app/host';

/** The prefix binds the cookie to this host, to https (or loopback) and to the path `/` (RFC 6265bis, 4.1.3.2). */
export const SESSION_COOKIE = '__Host-lh';

/** What a request shows of who sends it. A bearer token that is no valid one is not made up for by a cookie. */
export type Credentials = { bearer: string; name?: string } | { session: string } | null;

/** A JWT with the groups of its holder is longer than a key. */
const BEARER = /^bearer +([\w.~+/=-]{1,8192})$/i;

/** RFC 6750, section 2.1. A token in the query or the body is not looked at: URLs are logged, and stay in histories. */
export function credentialsOf({ authorization, cookie }: IncomingHttpHeaders): Credentials {
  if (authorization !== undefined) return { bearer: BEARER.exec(authorization)?.[1] ?? '' };
  const session = cookie === undefined ? undefined : sessionIn(cookie);
  return session === undefined ? null : { session };
}

interface Shown {
  authorization: string;
  credentials: NonNullable<Credentials>;
}

/** What a connection has shown last: with keep-alive it shows the same with each request. */
const SHOWN = Symbol('shown');

/**
 * As `credentialsOf`, with the name that a bearer token is kept by: both are found out once for all requests of a connection that show the same. What is shown is
 * compared with what came on the same connection alone, so that nobody learns another's key from how long that takes.
 */
export function credentialsShown({ headers, socket }: IncomingMessage): Credentials {
  const { authorization } = headers;
  if (authorization === undefined) return credentialsOf(headers);
  const connection = socket as Socket & { [SHOWN]?: Shown };
  const last = connection[SHOWN];
  if (last?.authorization === authorization) return last.credentials;
  const { bearer } = credentialsOf(headers) as { bearer: string };
  const credentials = { bearer, name: nameOf(bearer) };
  connection[SHOWN] = { authorization, credentials };
  return credentials;
}

function sessionIn(cookie: string): string | undefined {
  for (const pair of cookie.split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === SESSION_COOKIE && value !== undefined && value !== '') return value.slice(0, 200);
  }
  return undefined;
}
