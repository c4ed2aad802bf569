import { Environment } from '@app/host';
import { TrustedProxies, trustedProxies } from './trusted-proxies.js';

const proxies = new TrustedProxies(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32']);

test.each<[string, string | undefined, string]>([
  ['198.51.100.9', '203.0.113.5', '198.51.100.9'],
  ['10.0.0.7', '203.0.113.5', '203.0.113.5'],
  ['::ffff:10.0.0.7', '203.0.113.5', '203.0.113.5'],
  ['2001:db8::1', '2001:db9::5', '2001:db9::5'],
  // What the caller itself wrote stands first, and is not believed.
  ['10.0.0.7', '127.0.0.1, 203.0.113.5', '203.0.113.5'],
  ['10.0.0.7', '6.6.6.6, 203.0.113.5, 192.0.2.1, 10.9.9.9', '203.0.113.5'],
  ['10.0.0.7', '10.1.1.1,10.2.2.2', '10.1.1.1'],
  ['10.0.0.7', undefined, '10.0.0.7'],
  ['10.0.0.7', '', '10.0.0.7'],
  ['10.0.0.7', 'unknown', '10.0.0.7'],
  ['10.0.0.7', '203.0.113.5, _hidden', '10.0.0.7'],
  ['10.0.0.7', '203.0.113.5:4711', '203.0.113.5'],
  ['10.0.0.7', '[2001:db9::5]:4711', '2001:db9::5'],
  ['10.0.0.7', '::ffff:203.0.113.5', '::ffff:203.0.113.5'],
])('at %s a request that was forwarded for %j is of %s', (peer, forwarded, caller) => expect(proxies.callerOf(peer, forwarded)).toBe(caller));

test.each(['x', ',', '[', '1.', ':'])('a header that is full of %j is read at once, and says nothing', (text) => {
  const since = performance.now();
  expect(proxies.callerOf('10.0.0.7', text.repeat(16_000))).toBe('10.0.0.7');
  expect(performance.now() - since).toBeLessThan(100);
});

const config = (value: string) => trustedProxies(new Environment({ TRUST_PROXY: value }));

test('without TRUST_PROXY no proxy is trusted', () => expect(config('')).toBeNull());

test.each(['1', 'true', '*', 'proxy.example.org', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '0.0.0.0/0', '::/0', '2001:db8::/129', '10.0.0.1/8/8'])(
  'a gateway with TRUST_PROXY=%s does not start',
  (value) => expect(() => config(value)).toThrow(/^expected TRUST_PROXY to be a comma list of addresses and networks [^\n]+, got: "/),
);

test('addresses and networks of both families are trusted', () => {
  const trusted = config('127.0.0.1, ::1, 10.0.0.0/8');
  expect(['127.0.0.1', '127.0.0.2', '::1', '10.255.0.1', 'nonsense'].map((address) => trusted?.has(address))).toEqual([true, false, true, true, false]);
});
