import ipaddr from 'ipaddr.js';

/**
 * Ranges that are not public, in addition to those that `ipaddr.js` knows. IPv4: the host agent of Azure, which looks public and answers for the machine;
 * AS112, AMT and other blocks of IANA's registry of special purposes. IPv6: all protocol assignments (2001::/23), the former
 * 6bone, which nobody announces, and addresses for documentation.
 * https://www.iana.org/assignments/iana-ipv4-special-registry https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const NOT_PUBLIC = [
  '0.0.0.0/8',
  '100.64.0.0/10',
  '168.63.129.16/32',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '240.0.0.0/4',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '2620:4f:8000::/48',
  '3ffe::/16',
  '3fff::/20',
].map((range) => ipaddr.parseCIDR(range));

/** IANA has assigned only this range for global unicast. Outside it lie the mapped, compatible and translated (NAT64) forms of IPv4. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/** Whether this is an address of the public internet: not loopback, private, link-local, multicast, reserved, or a wrapped form of those. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  if (NOT_PUBLIC.some((range) => range[0].kind() === parsed.kind() && parsed.match(range))) return false;
  return !(parsed instanceof ipaddr.IPv6) || (parsed.match(GLOBAL_UNICAST) && !isIsatap(parsed));
}

/** An address that ends with `:5efe:a.b.c.d` leads to that IPv4 host through a tunnel (RFC 5214), with any prefix. */
function isIsatap({ parts }: ipaddr.IPv6): boolean {
  return ((parts[4] ?? 0) & ~0x0300) === 0 && parts[5] === 0x5efe;
}
