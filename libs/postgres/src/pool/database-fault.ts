import { readConnectionUrl } from './connection-url.js';

export interface DatabaseFault {
  /** What is wrong and what mends it, in one line. */
  line: string;
  /** It may pass by itself, so it is worth waiting for. */
  passes: boolean;
}

interface Failure {
  code?: string;
  message?: string;
  errors?: unknown[];
}

/** What an error means that kept a process from its database; undefined for one that is none of these. */
export function databaseFault(error: unknown, url: string): DatabaseFault | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const failure = error as Failure;
  // A name with several addresses: Node says why each of them failed.
  const { code = '', message = '' } = failure.errors?.length ? (failure.errors[0] as Failure) : failure;
  const where = new Where(url);
  const line = byState(code, message, where) ?? byTls(code, message, where) ?? byMessage(message, where);
  if (line !== undefined) return { line, passes: false };
  const passing = passes(code, message, where);
  return passing === undefined ? undefined : { line: passing, passes: true };
}

/** Names for a message; never the password. */
class Where {
  readonly database: string;
  readonly user: string;
  readonly server: string;

  constructor(url: string) {
    const { host = 'localhost', port = 5432, user = process.env['USER'] ?? '', database } = readConnectionUrl(url);
    this.user = user;
    this.database = database ?? user;
    this.server = host.startsWith('/') ? host : host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  }
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: what waiting does not mend. */
function byState(code: string, message: string, { database, user, server }: Where): string | undefined {
  switch (code) {
    case '3D000':
      return `expected the database ${quoted(database)} on ${server} to exist, got none; make it with: createdb ${database} (npm start does so itself), then run: npm run migrate (installed from npm: npx longhaul migrate)`;
    case '28P01':
      return `expected ${server} to let ${quoted(user)} in, got: wrong password; correct DATABASE_URL (a password with special characters is percent-encoded)`;
    case '28000':
      return `expected ${server} to let ${quoted(user)} in, got: ${message}; correct DATABASE_URL, make the role, or allow it in pg_hba.conf (sslmode=require where it says hostssl)`;
    case '42501':
      return `expected ${quoted(user)} to have its rights in the database ${quoted(database)}, got: ${message}; grant them, or make it the owner: ALTER DATABASE ${quoted(database)} OWNER TO ${quoted(user)}`;
    case '55000':
      return `expected the database ${quoted(database)} on ${server} to accept connections, got: ${message}; ALTER DATABASE ${quoted(database)} ALLOW_CONNECTIONS true, or use another`;
    case '08P01':
      return /startup parameter/i.test(message)
        ? `expected the pooler on ${server} to take what DATABASE_URL sets, got: ${message}; remove it from DATABASE_URL, or list it in its ignore_startup_parameters`
        : undefined;
    default:
      return undefined;
  }
}

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes */
function byTls(code: string, message: string, { server }: Where): string | undefined {
  if (message === 'The server does not support SSL connections')
    return `expected ${server} to offer TLS, got none; set ssl = on there, or use sslmode=prefer or sslmode=disable in DATABASE_URL`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `expected the certificate of ${server} to name it, got: ${message}; use the name in DATABASE_URL that it has, or sslmode=verify-ca`;
  const untrusted = /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/.test(code);
  if (!untrusted) return undefined;
  return `expected a certificate of ${server} that can be verified, got: ${message}; name its authority by sslrootcert in DATABASE_URL, or use sslmode=require, which encrypts and does not verify`;
}

function byMessage(message: string, { server, user }: Where): string | undefined {
  if (/SASL|password must be a string|scram/i.test(message))
    return `expected a password for ${quoted(user)} on ${server}, got none that fits (${message}); put it into DATABASE_URL`;
  if (/no such user|no such database|pooler error: .*(auth|database|user)/i.test(message))
    return `expected ${server} to know user and database of DATABASE_URL, got: ${message}`;
  return undefined;
}

function passes(code: string, message: string, { server }: Where): string | undefined {
  const system = /^(E[A-Z]+|EAI_AGAIN)$/.test(code);
  if (code === 'ENOTFOUND') return `expected the host of DATABASE_URL (${server}) to be known, got: ENOTFOUND; correct DATABASE_URL, or the name service`;
  if (system) return `expected PostgreSQL to answer on ${server}, got: ${code}; start it, or correct DATABASE_URL`;
  if (/^(57P0|53|08|40|25006|55P03|58)/.test(code)) return `expected PostgreSQL on ${server} to be ready, got: ${message}`;
  if (/connection (terminated|timeout|error)|timeout exceeded|timeout expired|Query read timeout/i.test(message))
    return `expected PostgreSQL to answer on ${server}, got: ${message}; start it, or correct DATABASE_URL`;
  return undefined;
}

function quoted(name: string): string {
  return `"${name}"`;
}
