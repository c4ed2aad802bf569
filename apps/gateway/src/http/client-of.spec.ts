import type { IncomingMessage } from 'node:http';
import { clientOf, clientOfRequest, seeClient } from './client-of.js';
import { TrustedProxies } from './trusted-proxies.js';

describe('whom a bound counts', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('of %s is %s', (remoteAddress, client) => expect(clientOf({ remoteAddress })).toBe(client));
});

test('the client of a request over a trusted proxy is the one that the proxy has seen, and over any other connection its own', () => {
  const from = (remoteAddress: string) => {
    const request = { socket: { remoteAddress }, headers: { 'x-forwarded-for': '127.0.0.1, 2001:db8:1:2:3::4' } } as unknown as IncomingMessage;
    seeClient(request, new TrustedProxies(['10.0.0.0/8']));
    return clientOfRequest(request);
  };
  expect(from('10.0.0.7')).toBe('2001:db8:1:2::/64');
  expect(from('192.0.2.1')).toBe('192.0.2.1');
});
