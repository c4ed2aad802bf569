import { ConfigError, type Environment } from '../environment.js';

/** The URL of the gateway for its callers. */
export interface PublicUrl {
  /** `https://jobs.example.org/longhaul`, without a slash at the end. */
  href: string;
  /** The origin in the form that browsers send: `https://jobs.example.org`. */
  origin: string;
  hostname: string;
  /** `/longhaul`, or empty. */
  path: string;
}

/** `PUBLIC_URL`; null where it is not set. Throws a `ConfigError` for what cannot be the beginning of a link. */
export function publicUrl(env: Environment): PublicUrl | null {
  const text = env.text('PUBLIC_URL', '');
  if (text === '') return null;
  env.url('PUBLIC_URL', ['http', 'https'], text);
  const { origin, hostname, pathname, username, password, search, hash } = new URL(text);
  // The URL may contain a password, so the message does not repeat it.
  if (username !== '' || password !== '')
    throw new ConfigError('PUBLIC_URL', 'a URL without a user name or password, for everybody gets to see it', 'one with');
  if (search !== '' || hash !== '' || /[?#]/.test(text)) throw new ConfigError('PUBLIC_URL', 'a URL without ? and #, for links go on after it', text);
  const path = pathname.replace(/\/+$/, '');
  return { href: origin + path, origin, hostname, path };
}
