import { parseUrl } from '@app/core';
import { ConfigError, type Environment, isLoopbackHost } from '@app/host';

/** Other origins whose pages may call the API. */
export interface OriginsConfig {
  listed: ReadonlySet<string>;
  /** Whether pages of this machine may call it too: those of a developer's own server, on any port. */
  loopback: boolean;
}

/**
 * `CORS_ORIGINS`. Where it is not set, a gateway that is bound to loopback lets pages of this machine in while it is being developed with
 * (`NODE_ENV=development`, as `npm start` has it). Never by default: such a page is another site than ours, as any other is.
 */
export function originsConfig(env: Environment, bound: string): OriginsConfig {
  const listed = env.list('CORS_ORIGINS', /./);
  for (const origin of listed) {
    const expected = fault(origin);
    if (expected !== undefined) throw new ConfigError('CORS_ORIGINS', expected, withoutUser(origin));
  }
  const development = env.text('NODE_ENV', '') === 'development';
  return { listed: new Set(listed), loopback: development && listed.length === 0 && isLoopbackHost(bound) };
}

/** Checks an origin. Browsers send it in one form only, so any other form would never match. */
function fault(text: string): string | undefined {
  if (text === '*') return 'a list of origins, for * would let every page in the world use whatever this gateway can do';
  if (text.includes('*')) return 'origins without *, for they are compared as they are; write each one';
  const url = /^https?:\/\//i.test(text) ? parseUrl(text) : undefined;
  if (!url) return 'a comma list of origins such as https://app.example.org';
  const { origin, username, password } = url;
  if (username !== '' || password !== '') return `${origin}, for browsers send no user name in an origin`;
  return origin === text ? undefined : `${origin}, for that is how browsers send it (lower case, no path, no slash at the end, no default port)`;
}

/** The value for an error message, without a password: errors are printed and logged. */
function withoutUser(text: string): string {
  return text.replace(/\/\/[^/]*@/, '//…@');
}
