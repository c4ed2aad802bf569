import { lookup as dnsLookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Logger } from '@nestjs/common';
import { type AddressPolicy, allows, plainHost, portOf } from './address-policy.js';
import { isPublicAddress } from './public-address.js';

/**
 * The host of a URL is, or resolves to, an address that is not public: a job must not reach into the network it runs in.
 * The caller sees the message and must not learn addresses of the inner network, so it repeats only the caller's own words.
 */
export class PrivateAddressError extends Error {
  readonly code = 'private_address';

  constructor(
    host: string,
    /** The address that the host resolved to, for the log. */
    readonly address: string,
    prefix: string,
  ) {
    super(`expected a host with a public address, got: ${host}, which is not a public address; an operator may allow it by ${prefix}_ALLOW_HOSTS`);
    this.name = 'PrivateAddressError';
    // Members of errors are logged and sent to callers; the address must not be.
    Object.defineProperty(this, 'address', { enumerable: false });
  }
}

type Resolve = (hostname: string, options: LookupAllOptions, callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void;

const logger = new Logger('AddressGuard');

/** Throws for a URL whose host is an address that is not public. Such a host needs no lookup, so {@link guardedLookup} never sees it. */
export function assertPublicHost(url: URL, policy: AddressPolicy): void {
  const host = plainHost(url.hostname);
  if (isIP(host) === 0 || allows(policy, host, portOf(url)) || isPublicAddress(host)) return;
  throw new PrivateAddressError(host, host, policy.prefix);
}

/**
 * The DNS lookup of every connection. The connection is made to the very address that was checked, so a name that resolves to
 * another one a moment later (DNS rebinding) gains nothing. A name with any address that is not public is refused.
 * `port` is the port of the connection, for allowed hosts that are allowed on one port only.
 */
export function guardedLookup(policy: AddressPolicy, resolve: Resolve = dnsLookup, port?: number): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, '', 0);
      const refused = allows(policy, hostname, port) ? undefined : addresses.find(({ address }) => !isPublicAddress(address));
      if (refused) {
        logger.warn(`${hostname} resolves to ${refused.address}, which is not a public address; it is not connected to (${policy.prefix}_ALLOW_HOSTS)`);
        return callback(new PrivateAddressError(hostname, refused.address, policy.prefix), '', 0);
      }
      const [first] = addresses;
      if (!first) return callback(new Error(`expected an address for ${hostname}, got none`), '', 0);
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}
