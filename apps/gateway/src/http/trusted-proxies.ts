import { BlockList, isIP } from 'node:net';
import { ConfigError, type Environment } from '@app/host';

/** Longer ones are no address with a zone and a port. */
const LONGEST = 100;
const ENTRY = /^([^/]+)(?:\/(\d{1,3}))?$/;
const FAMILY = { 4: 'ipv4', 6: 'ipv6' } as const;

/** The proxies whose word on the address of a caller counts. */
export class TrustedProxies {
  private readonly list = new BlockList();

  /** Addresses, and networks such as `10.0.0.0/8`. */
  constructor(entries: readonly string[] = []) {
    for (const entry of entries) this.add(entry);
  }

  /** Throws for what is neither. */
  add(entry: string): void {
    const [, address = '', bits] = ENTRY.exec(entry) ?? [];
    const family = isIP(address);
    // A network of 0 bits is everybody.
    if ((family !== 4 && family !== 6) || Number(bits ?? 1) === 0) throw new RangeError(entry);
    if (bits === undefined) this.list.addAddress(address, FAMILY[family]);
    else this.list.addSubnet(address, Number(bits), FAMILY[family]);
  }

  has(address: string): boolean {
    const plain = withoutPrefix(address);
    const family = isIP(plain);
    return (family === 4 || family === 6) && this.list.check(plain, FAMILY[family]);
  }

  /**
   * The address of the caller: the last one of `X-Forwarded-For` that is no trusted proxy. Each proxy adds the address that it sees at the end, so what stands
   * before that of a stranger is what the stranger wrote.
   */
  callerOf(peer: string, forwardedFor: string | undefined): string {
    let caller = peer;
    const hops = forwardedFor?.split(',') ?? [];
    while (this.has(caller)) {
      const hop = hops.pop();
      const address = hop === undefined ? undefined : addressIn(hop.trim());
      if (address === undefined) break;
      caller = address;
    }
    return caller;
  }
}

/** `TRUST_PROXY`: null where no proxy is trusted. Throws a `ConfigError`. */
export function trustedProxies(env: Environment): TrustedProxies | null {
  const entries = env.list('TRUST_PROXY', /./);
  if (entries.length === 0) return null;
  const proxies = new TrustedProxies();
  for (const entry of entries) {
    try {
      proxies.add(entry);
    } catch {
      throw new ConfigError(
        'TRUST_PROXY',
        'a comma list of addresses and networks of your proxies, such as 10.0.0.7 or 10.1.0.0/16; whom it names may say who a caller is',
        entry,
      );
    }
  }
  return proxies;
}

/** Some proxies write the port too: `192.0.2.1:4711`, `[2001:db8::1]:4711`. Undefined for what is no address. */
function addressIn(hop: string): string | undefined {
  if (hop.length > LONGEST) return undefined;
  const address = /^\[([^\]]+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+)(?::\d+)?$/.exec(hop)?.[1] ?? hop;
  return isIP(address) === 0 ? undefined : address;
}

/** An IPv4 address as a socket that listens on IPv6 has it. */
function withoutPrefix(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
