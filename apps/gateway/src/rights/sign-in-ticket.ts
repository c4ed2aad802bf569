import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** `Lax`, unlike the cookie of a session: the provider sends the browser back, from another site. */
export const TICKET_COOKIE = '__Host-lh-oidc';
/** How long somebody may take at the provider. */
export const TICKET_SECONDS = 600;

const CONSOLE = '/console';
const BYTES = 32;
const LONGEST_PATH = 2_000;

/**
 * What binds a sign-in to the browser that has begun it. The browser keeps one secret in a cookie that no script can read; what the provider is given
 * (`state`, `nonce`, the challenge) is made of it and does not tell it. So any gateway can end what another one began, and nothing is stored meanwhile.
 */
export interface Ticket {
  cookie: string;
  state: string;
  nonce: string;
  /** RFC 7636, 4.1 and 4.2. */
  verifier: string;
  challenge: string;
  /** The path of the console to go to afterwards. */
  goTo: string;
}

export function newTicket(goTo: unknown): Ticket {
  return ticketOf(randomBytes(BYTES).toString('base64url'), consolePath(goTo));
}

/** Of the request's cookie; undefined where there is none, or where `state` is not of this browser. */
export function readTicket(cookies: string | undefined, state: string): Ticket | undefined {
  for (const pair of (cookies ?? '').split(';')) {
    const [, secret, path] = /^__Host-lh-oidc=([\w-]{43})\.([\w-]{0,4000})$/.exec(pair.trim()) ?? [];
    if (secret === undefined || path === undefined) continue;
    const ticket = ticketOf(secret, consolePath(Buffer.from(path, 'base64url').toString()));
    return isSame(ticket.state, state) ? ticket : undefined;
  }
  return undefined;
}

function ticketOf(secret: string, goTo: string): Ticket {
  const made = (of: string) => createHash('sha256').update(`${of} ${secret}`).digest('base64url');
  const verifier = made('verifier');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  return { cookie: `${secret}.${Buffer.from(goTo).toString('base64url')}`, state: made('state'), nonce: made('nonce'), verifier, challenge, goTo };
}

/** A path of the console as it was asked for, or its beginning: nobody is led to another site, and nowhere but to the console. */
export function consolePath(asked: unknown): string {
  if (typeof asked !== 'string' || asked.length > LONGEST_PATH || !/^\/console[!-~]*$/.test(asked) || asked.includes('\\')) return CONSOLE;
  // Read as a browser does, which takes `..` and `%2e%2e` for the way up.
  const { pathname, search, hash } = new URL(asked, 'http://localhost');
  return pathname === CONSOLE || pathname.startsWith(`${CONSOLE}/`) ? pathname + search + hash : CONSOLE;
}

function isSame(expected: string, shown: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(shown)];
  return a.length === b.length && timingSafeEqual(a, b);
}
