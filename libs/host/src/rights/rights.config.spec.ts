import { Environment } from '../environment.js';
import { rightsConfig } from './rights.config.js';

const config = (values: NodeJS.ProcessEnv, host: string) => rightsConfig(new Environment(values), host);

test.each(['127.0.0.1', 'localhost', '::1', '127.8.8.8'])('on %s AUTH may be off', (host) => expect(config({}, host).auth).toBe(false));

test.each(['0.0.0.0', '::', '10.0.0.7', 'gateway.example.org'])('a process that listens on %s does not start without AUTH', (host) => {
  expect(() => config({}, host)).toThrow(/^expected HOST to be 127\.0\.0\.1 while AUTH is off; set AUTH=on, or LONGHAUL_INSECURE=1 [^\n]+, got: [^\n]+$/);
  expect(config({ AUTH: 'on' }, host).auth).toBe(true);
  expect(config({ LONGHAUL_INSECURE: '1' }, host).auth).toBe(false);
});

test('a wrong value is refused in one line that names its variable and does not repeat a secret', () => {
  expect(() => config({ AUTH: 'yes' }, '127.0.0.1')).toThrow('expected AUTH to be on or off, got: "yes"');
  expect(() => config({ LONGHAUL_BOOTSTRAP_KEY_HASH: 'lh_secret' }, '127.0.0.1')).toThrow(
    'expected LONGHAUL_BOOTSTRAP_KEY_HASH to be the SHA-256 of a key as 64 hex digits, got: "another text"',
  );
});
