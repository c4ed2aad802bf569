import { lookup as dnsLookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Which hosts may be called besides public ones. */
export interface AddressPolicy {
  /** Of the variables that set it, for messages that tell how to let a host pass. */
  prefix: string;
  allowPrivate: boolean;
  /** Host names or addresses, lower-case, as they stand in URLs. */
  allowHosts: ReadonlySet<string>;
}

/** The host of a URL is, or resolves to, an address that is not public: a job must not reach into the network it runs in. */
export class PrivateAddressError extends Error {
  readonly code = 'private_address';

  constructor(host: string, address: string, prefix: string) {
    super(
      `expected a host with a public address, got: ${host}${host === address ? '' : ` (${address})`}; ` +
        `name it in ${prefix}_ALLOW_HOSTS, or set ${prefix}_ALLOW_PRIVATE=1 where every submitter may reach the inner network`,
    );
    this.name = 'PrivateAddressError';
  }
}

/** `<prefix>_ALLOW_PRIVATE=1` and `<prefix>_ALLOW_HOSTS=host,host`. Throws an Error that names a variable with a wrong value. */
export function addressPolicy(env: Readonly<Record<string, string | undefined>>, prefix: string): AddressPolicy {
  const allow = env[`${prefix}_ALLOW_PRIVATE`] ?? '';
  if (!['', '0', '1', 'false', 'true'].includes(allow)) throw new Error(`expected ${prefix}_ALLOW_PRIVATE to be 0 or 1, got: ${JSON.stringify(allow)}`);
  const hosts = (env[`${prefix}_ALLOW_HOSTS`] ?? '').split(',').map((host) => host.trim().toLowerCase());
  return { prefix, allowPrivate: allow === '1' || allow === 'true', allowHosts: new Set(hosts.filter((host) => host !== '')) };
}

type Resolve = (hostname: string, options: LookupAllOptions, callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void;

/** Whether anybody on the internet may be reached at this address: not loopback, private, link-local, multicast, reserved, or a wrapped form of those. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast' && !(parsed.kind() === 'ipv6' && !inGlobalUnicast(parsed as ipaddr.IPv6));
}

/** IANA has given out only 2000::/3 for global unicast. */
function inGlobalUnicast(address: ipaddr.IPv6): boolean {
  return address.match(ipaddr.IPv6.parse('2000::'), 3);
}

/** Throws for a URL whose host is written as an address that is not public: such hosts are connected to without a lookup. */
export function assertPublicHost(url: URL, policy: AddressPolicy): void {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) === 0 || allows(policy, host) || isPublicAddress(host)) return;
  throw new PrivateAddressError(host, host, policy.prefix);
}

/**
 * The DNS lookup of every connection: what it lets through is what is connected to, so a name that resolves to
 * something else a moment later (DNS rebinding) gains nothing. A name with any address that is not public is refused.
 */
export function guardedLookup(policy: AddressPolicy, resolve: Resolve = dnsLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, '', 0);
      const refused = allows(policy, hostname) ? undefined : addresses.find(({ address }) => !isPublicAddress(address));
      if (refused) return callback(new PrivateAddressError(hostname, refused.address, policy.prefix), '', 0);
      const [first] = addresses;
      if (!first) return callback(new Error(`expected an address for ${hostname}, got none`), '', 0);
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}

function allows(policy: AddressPolicy, host: string): boolean {
  return policy.allowPrivate || policy.allowHosts.has(host.toLowerCase());
}
