import { Environment } from '../environment.js';
import { allowedHosts, hostRule } from './host-rule.js';

const allowed = (text: string) => allowedHosts(new Environment({ ALLOWED_HOSTS: text }));
const rule = hostRule('127.0.0.1', 'jobs.example.org', allowed('gateway, Proxy.example.net:8080, *.inner.example'));

test.each([
  ...['127.0.0.1', '127.0.0.1:3000', '10.1.2.3:1', '192.0.2.1:80', '[::1]', '[::1]:3000', '[fe80::1%eth0]:3000', '[::ffff:127.0.0.1]'],
  ...['localhost', 'localhost:3000', 'LOCALHOST:1', 'localhost.', 'localhost.:80', 'app.localhost', 'a.b.localhost:3000'],
  ...[
    'jobs.example.org',
    'jobs.example.org:8443',
    'JOBS.Example.org',
    'gateway',
    'gateway:3000',
    'proxy.example.net:8080',
    'a.inner.example',
    'a.b.inner.example:9',
  ],
])('%s is ours: a page cannot rebind an address, and the names are allowed (E1)', (host) => {
  expect(rule(host)).toBe('allowed');
});

test.each([
  ...['evil.example', 'evil.example:3000', '127.0.0.1.evil.example', 'localhost.evil.example', 'evil-localhost', 'xlocalhost', 'jobs.example.org.evil.example'],
  ...['sub.jobs.example.org', 'example.org', 'gateway.evil.example', 'proxy.example.net', 'proxy.example.net:8081', 'inner.example', 'xinner.example'],
  ...['127.1', '2130706433', '0x7f000001', '0177.0.0.1', '127.0.0.1..', 'localhost..', 'localhost,evil.example', '0.0.0.0.example'],
])('%s is foreign, however much it looks like ours (E1)', (host) => {
  expect(rule(host)).toBe('foreign');
});

test.each([
  '',
  ' ',
  'a b',
  'localhost:x',
  'localhost:99999',
  'localhost:3000:1',
  'user@localhost',
  'localhost/',
  'localhost/x',
  '[::1',
  '::1',
  '[1.2.3.4]',
  'http://localhost',
  'ä',
  'localhost, evil.example',
  'a'.repeat(300),
])('a Host of %j is none (E21)', (host) => {
  expect(rule(host)).toBe('malformed');
});

test.each(['*', 'https://jobs.example.org', 'jobs.example.org/', 'a b', 'gateway:0x1', 'gateway:99999', '*.', 'a.*.example'])(
  'ALLOWED_HOSTS=%s is refused at start with the reason (E1)',
  (text) => {
    expect(() => allowed(text)).toThrow(/^expected ALLOWED_HOSTS to be .*(DNS rebinding|a comma list of host names)/);
  },
);

test('a name that the process is bound to is ours', () => {
  expect(hostRule('Worker-1.internal', undefined, [])('worker-1.internal:3001')).toBe('allowed');
});

test('a hostile Host of 16 kB takes no longer than any other', () => {
  for (const host of ['.'.repeat(16_000), 'a.'.repeat(8_000), `[${':'.repeat(16_000)}`, `a:${'1'.repeat(16_000)}`]) expect(rule(host)).toBe('malformed');
});
