import { isIP } from 'node:net';

/** Which hosts may be called besides public ones. */
export interface AddressPolicy {
  /** Of the variables that set it, for messages that tell how to let a host pass. */
  prefix: string;
  allowPrivate: boolean;
  /** Host names or addresses as they stand in URLs; with `:port` where only that port is meant, then with brackets around IPv6. */
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

/** Whether the operator lets this host pass, on this port; without a port only entries without one count. */
export function allows({ allowPrivate, allowHosts }: AddressPolicy, host: string, port?: number): boolean {
  if (allowPrivate || allowHosts.size === 0) return allowPrivate;
  const name = plainHost(host);
  return allowHosts.has(name) || (port !== undefined && allowHosts.has(withPort(name, port)));
}

/** The port that a URL is connected to. */
export function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

/** Without brackets, without the final dot that only says that a name is whole, in lower case. */
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

/** As a URL would show it; undefined for what is more, or less, than a host. */
function readHost(host: string): string | undefined {
  const bracketed = isIP(host) === 6 ? `[${host}]` : host;
  if (bracketed === '' || /[\s/?#@\\\p{C}]/u.test(bracketed) || !URL.canParse(`http://${bracketed}/`)) return undefined;
  const url = new URL(`http://${bracketed}/`);
  return url.port === '' ? plainHost(url.hostname) : undefined;
}

function withPort(name: string, port: number): string {
  return isIP(name) === 6 ? `[${name}]:${port}` : `${name}:${port}`;
}
