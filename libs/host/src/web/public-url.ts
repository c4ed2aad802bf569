import { ConfigError, type Environment } from '../environment.js';

/** The gateway as its callers see it. */
export interface PublicUrl {
  /** `https://jobs.example.org/longhaul`, without a slash at the end. */
  href: string;
  /** As browsers send it: `https://jobs.example.org`. */
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
  // It may hold a password: it is not repeated.
  if (username !== '' || password !== '')
    throw new ConfigError('PUBLIC_URL', 'a URL without a user name or password, for everybody gets to see it', 'one with');
  if (search !== '' || hash !== '' || /[?#]/.test(text)) throw new ConfigError('PUBLIC_URL', 'a URL without ? and #, for links go on after it', text);
  const path = pathname.replace(/\/+$/, '');
  return { href: origin + path, origin, hostname, path };
}
