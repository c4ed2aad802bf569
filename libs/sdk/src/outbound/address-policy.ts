import { parseUrl } from '@app/core';
import { isIP } from 'node:net';

/** The hosts that may be called although they are not public. */
export interface AddressPolicy {
  /** The prefix of the environment variables of this policy, for messages that say how to allow a host. */
  prefix: string;
  allowPrivate: boolean;
  /** Host names or addresses as in URLs. `:port` allows only that port; IPv6 then has brackets. */
  allowHosts: ReadonlySet<string>;
}

/** A variable of the policy has a wrong value. */
export class AddressPolicyError extends Error {
  constructor(
    readonly variable: string,
    readonly expected: string,
    readonly got: string,
  ) {
    super(`expected ${variable} to be ${expected}, got: ${JSON.stringify(got.slice(0, 200))}`);
    this.name = 'AddressPolicyError';
  }
}

/** `<prefix>_ALLOW_PRIVATE=1` and `<prefix>_ALLOW_HOSTS=host,host:port,[v6]:port`. Throws an Error that names a variable with a wrong value. */
export function addressPolicy(env: Readonly<Record<string, string | undefined>>, prefix: string): AddressPolicy {
  const allow = env[`${prefix}_ALLOW_PRIVATE`]?.trim() ?? '';
  if (!['', '0', '1', 'false', 'true'].includes(allow)) throw new AddressPolicyError(`${prefix}_ALLOW_PRIVATE`, '0 or 1', allow);
  const entries = (env[`${prefix}_ALLOW_HOSTS`] ?? '').split(',').map((entry) => entry.trim());
  const allowHosts = new Set(entries.filter((entry) => entry !== '').map((entry) => readEntry(entry, `${prefix}_ALLOW_HOSTS`)));
  return { prefix, allowPrivate: allow === '1' || allow === 'true', allowHosts };
}

/** Whether the operator allows this host on this port. Without a port only entries without one count. */
export function allows({ allowPrivate, allowHosts }: AddressPolicy, host: string, port?: number): boolean {
  if (allowPrivate || allowHosts.size === 0) return allowPrivate;
  const name = plainHost(host);
  return allowHosts.has(name) || (port !== undefined && allowHosts.has(withPort(name, port)));
}

/** The port of a URL, or the default port of its protocol. */
export function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

/** The host in lower case, without brackets and without the final dot of a complete DNS name. */
export function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

function readEntry(entry: string, variable: string): string {
  const port = isIP(entry) === 6 ? undefined : /:(\d{1,5})$/.exec(entry)?.[1];
  const host = port === undefined ? entry : entry.slice(0, -port.length - 1);
  const name = readHost(host);
  const number = port === undefined ? undefined : Number(port);
  if (name === undefined || (number !== undefined && (number < 1 || number > 65_535)))
    throw new AddressPolicyError(variable, 'a comma list of hosts, each as host, host:port or [IPv6]:port', entry);
  return number === undefined ? name : withPort(name, number);
}

/** The host as a URL shows it; undefined for text that is not exactly a host. */
function readHost(host: string): string | undefined {
  const bracketed = isIP(host) === 6 ? `[${host}]` : host;
  if (bracketed === '' || /[\s/?#@\\\p{C}]/u.test(bracketed)) return undefined;
  const url = parseUrl(`http://${bracketed}/`);
  return url?.port === '' ? plainHost(url.hostname) : undefined;
}

function withPort(name: string, port: number): string {
  return isIP(name) === 6 ? `[${name}]:${port}` : `${name}:${port}`;
}
