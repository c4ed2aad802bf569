import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type pg from 'pg';

/** A URL of PostgreSQL that cannot be used. Its message names no part of the URL that may be secret. */
export class ConnectionUrlError extends Error {
  constructor(expected: string, got: string) {
    super(`expected DATABASE_URL ${expected}, got: ${got}`);
    this.name = 'ConnectionUrlError';
  }
}

export type Connection = Pick<pg.ClientConfig, 'host' | 'port' | 'user' | 'password' | 'database' | 'options' | 'application_name'> & {
  ssl?: boolean | ConnectionOptions;
  connectionTimeoutMillis?: number;
  /** `sslmode=prefer`: encrypted where the server offers it. */
  prefersTls: boolean;
};

/** As https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS has it; the driver's own reading differs in hosts and TLS. */
const FORM = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/;

export function readConnectionUrl(url: string): Connection {
  const [, login = '', authority = '', path = '', query = ''] = FORM.exec(url) ?? refuse('to begin with postgres:// or postgresql://', 'another text');
  const given = new Map([...new URLSearchParams(query.replaceAll('+', '%2B'))].filter(([, value]) => value !== ''));
  const colon = login.indexOf(':');
  const [user, password] = colon < 0 ? [login, ''] : [login.slice(0, colon), login.slice(colon + 1)];
  const { host, port } = oneHost(given.get('host') ?? given.get('hostaddr'), given.get('port'), authority);
  const seconds = Number(given.get('connect_timeout') ?? 0);
  const tls = tlsOf(given, host);
  return defined({
    host,
    port,
    user: given.get('user') ?? decode(user),
    password: given.get('password') ?? decode(password),
    database: given.get('dbname') ?? decode(path),
    options: given.get('options'),
    application_name: given.get('application_name'),
    connectionTimeoutMillis: seconds > 0 ? seconds * 1_000 : undefined,
    ...tls,
  }) as Connection;
}

function oneHost(named: string | undefined, namedPort: string | undefined, authority: string): { host: string | undefined; port: number | undefined } {
  const hosts = (named ?? authority).split(',');
  if (hosts.length > 1) {
    const fix = 'to name one host; name the one that takes writes, or a proxy or a DNS name that leads to it';
    throw new ConnectionUrlError(fix, `${hosts.length} hosts`);
  }
  const [, bracketed, plain, own] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(authority) ?? refuse('to have a host with at most one port', 'something else');
  const text = namedPort ?? own ?? '';
  const port = text === '' ? undefined : Number(text);
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535)) throw new ConnectionUrlError('to have a port from 1 to 65535', text);
  return { host: (named ?? decode(bracketed ?? plain ?? '')) || undefined, port };
}

const MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'] as const;

/** As libpq: `require` encrypts and verifies nothing, unless there is a root certificate; `verify-full` without one uses those of Node. */
function tlsOf(given: Map<string, string>, host: string | undefined): Pick<Connection, 'ssl' | 'prefersTls'> {
  const usual = ['1', 'true'].includes(given.get('ssl') ?? '') ? 'verify-full' : undefined;
  const mode = (given.get('sslmode') ?? usual) as (typeof MODES)[number] | undefined;
  if (mode !== undefined && !MODES.includes(mode)) throw new ConnectionUrlError(`to have one of the sslmodes ${MODES.join(', ')}`, mode);
  if (mode === undefined) return { prefersTls: false };
  // A socket in a folder has none.
  if (mode === 'disable' || host?.startsWith('/')) return { ssl: false, prefersTls: false };
  const root = given.get('sslrootcert');
  const hasRoot = root !== undefined && root !== 'system';
  if (mode === 'verify-ca' && !hasRoot) {
    throw new ConnectionUrlError(
      'to have sslrootcert with sslmode=verify-ca; add it, or use verify-full, which checks by the certificates of the system',
      'none',
    );
  }
  const verifies = mode === 'verify-full' || mode === 'verify-ca' || (mode === 'require' && hasRoot);
  const ssl: ConnectionOptions = defined({
    rejectUnauthorized: verifies,
    passphrase: given.get('sslpassword'),
    // Only verify-full compares the name.
    checkServerIdentity: verifies && mode !== 'verify-full' ? () => undefined : undefined,
  });
  if (hasRoot) readEachTime(ssl, 'ca', 'sslrootcert', root, verifies);
  for (const [member, name] of [
    ['cert', 'sslcert'],
    ['key', 'sslkey'],
  ] as const) {
    const path = given.get(name);
    if (path !== undefined) readEachTime(ssl, member, name, path);
  }
  return { ssl, prefersTls: mode === 'prefer' || mode === 'allow' };
}

/**
 * The member is what the file has when it is asked for, which the driver does for each connection: a certificate that was renewed needs no restart. A file that cannot be read
 * any more, because it is being replaced, leaves what it had. Configurable, because the driver hides the key.
 */
function readEachTime(ssl: ConnectionOptions, member: 'ca' | 'cert' | 'key', name: string, path: string, isUsed = true): void {
  let text = file(name, path);
  const get = (): string => {
    try {
      text = readFileSync(path, 'utf8');
    } catch {
      // What it had is as good as before.
    }
    return text;
  };
  if (isUsed) Object.defineProperty(ssl, member, { get, enumerable: true, configurable: true });
}

function file(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConnectionUrlError(`to name a file by ${name} that can be read`, (error as Error).message);
  }
}

function decode(text: string): string | undefined {
  if (text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse('to be percent-encoded; write % itself as %25', 'a % that is not followed by two hexadecimal digits');
  }
}

function refuse(expected: string, got: string): never {
  throw new ConnectionUrlError(expected, got);
}

function defined<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Value;
}
