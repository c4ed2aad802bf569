import { promisify } from 'node:util';
import { ConsoleLogger, Logger } from '@nestjs/common';
import { assertPublicHost, guardedLookup, PrivateAddressError } from './address-guard.js';
import { addressPolicy } from './address-policy.js';
import { isPublicAddress } from './public-address.js';

const closed = addressPolicy({}, 'FANOUT');

describe('the address guard', () => {
  let warned: string[];
  beforeEach(() => {
    warned = [];
    const ignore = (): void => undefined;
    Logger.overrideLogger({ log: ignore, error: ignore, warn: (message: unknown) => void warned.push(String(message)) });
  });
  afterEach(() => {
    Logger.overrideLogger(new ConsoleLogger());
  });

  it.each(['8.8.8.8', '2606:4700::1111', '1.1.1.1'])('lets %s pass, which is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    '127.0.0.1',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fc00::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    '4000::1',
    '::ffff:0:7f00:1',
    '::7f00:1',
    '64:ff9b:1::1',
    '2001::1',
    '2001:0:4136:e378:8000:63bf:3fff:fdd2',
    '168.63.129.16',
    '::ffff:168.63.129.16',
    '0.1.2.3',
    '192.0.0.192',
    '192.0.2.1',
    '192.31.196.1',
    '192.52.193.1',
    '192.88.99.1',
    '192.175.48.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '3ffe::1',
    '3fff::1',
    '5f00::1',
    '2606:4700::5efe:10.0.0.1',
    '2606:4700::200:5efe:8.8.8.8',
    'fe80::1%eth0',
    'nonsense',
  ])('stops %s, which is not (E23)', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    'http://127.1/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://2130706433/',
    'http://169.254.169.254/latest/meta-data',
    'http://[::1]/',
    'http://[::ffff:10.0.0.1]/',
  ])('sees through %s', (url) => {
    expect(() => assertPublicHost(new URL(url), closed)).toThrow(PrivateAddressError);
  });

  it('refuses a name that resolves to an inner address, and lets the allowed ones pass', async () => {
    const lookup = (policy: typeof closed) => promisify(guardedLookup(policy))('localhost', { all: true });
    await expect(lookup(closed)).rejects.toThrow(/FANOUT_ALLOW_HOSTS/);
    await expect(lookup(addressPolicy({ FANOUT_ALLOW_HOSTS: 'other, LOCALHOST' }, 'FANOUT'))).resolves.toContainEqual({ address: '127.0.0.1', family: 4 });
    await expect(lookup(addressPolicy({ FANOUT_ALLOW_PRIVATE: '1' }, 'FANOUT'))).resolves.toContainEqual({ address: '127.0.0.1', family: 4 });
  });

  it('checks every lookup by itself, so a name that resolves to something else the second time (DNS rebinding) is refused then', async () => {
    const answers = ['93.184.215.14', '127.0.0.1'].map((address) => [{ address, family: 4 }]);
    const lookup = promisify(guardedLookup(closed, (_, __, callback) => callback(null, answers.shift() ?? [])));
    await expect(lookup('rebinding.example', { all: true })).resolves.toEqual([{ address: '93.184.215.14', family: 4 }]);
    await expect(lookup('rebinding.example', { all: true })).rejects.toThrow('rebinding.example, which is not a public address');
  });

  it('refuses a name of which only one of the addresses is not public', async () => {
    const both = [{ address: '93.184.215.14', family: 4 }, { address: '::ffff:127.0.0.1', family: 6 }]; // prettier-ignore
    const lookup = promisify(guardedLookup(closed, (_, __, callback) => callback(null, both)));
    await expect(lookup('half.example', { all: true })).rejects.toThrow(PrivateAddressError);
  });

  it('tells the caller no inner address, and the log which it was (E24)', async () => {
    const lookup = promisify(guardedLookup(closed, (_, __, callback) => callback(null, [{ address: '10.11.12.13', family: 4 }])));
    const error = await lookup('inner.example', { all: true }).then(
      () => undefined,
      (error: unknown) => error as Error,
    );
    expect(error?.message).toContain('not a public address');
    expect(`${error?.message} ${JSON.stringify(error)}`).not.toContain('10.11.12.13');
    expect(warned).toEqual([expect.stringContaining('10.11.12.13')]);
  });

  it.each([
    ['127.0.0.1:8080', 'http://127.0.0.1:8080/', 'http://127.0.0.1:8081/'],
    ['127.0.0.1:443', 'https://127.0.0.1/', 'http://127.0.0.1/'],
    ['[::1]:8080', 'http://[::1]:8080/', 'http://[::1]/'],
    ['::1', 'http://[::1]:9/', 'http://[::2]/'],
    ['[::1]', 'http://[0:0:0:0:0:0:0:1]:9/', 'http://127.0.0.1/'],
    ['0x7f.1:80', 'http://127.0.0.1/', 'http://127.0.0.1:81/'],
  ])('lets an allowed %s pass as %s, and not as %s (E1)', (entry, passes, stopped) => {
    const policy = addressPolicy({ FANOUT_ALLOW_HOSTS: entry }, 'FANOUT');
    expect(() => assertPublicHost(new URL(passes), policy)).not.toThrow();
    expect(() => assertPublicHost(new URL(stopped), policy)).toThrow(PrivateAddressError);
  });

  it('resolves an allowed name on its port alone (E1)', async () => {
    const policy = addressPolicy({ FANOUT_ALLOW_HOSTS: 'inner.example:8080' }, 'FANOUT');
    const lookup = (port?: number) =>
      promisify(guardedLookup(policy, (_, __, callback) => callback(null, [{ address: '10.0.0.1', family: 4 }]), port))('Inner.example.', { all: true });
    await expect(lookup(8_080)).resolves.toEqual([{ address: '10.0.0.1', family: 4 }]);
    await expect(lookup(8_081)).rejects.toThrow(PrivateAddressError);
    await expect(lookup()).rejects.toThrow(PrivateAddressError);
  });

  it.each(['http://a', 'a/b', 'a:0', 'a:70000', 'a@b', '[::1', 'a b', 'a:b'])('refuses the entry %j of an allow list (E1)', (entry) => {
    expect(() => addressPolicy({ FANOUT_ALLOW_HOSTS: entry }, 'FANOUT')).toThrow(/FANOUT_ALLOW_HOSTS/);
  });

  it('names the variable that is wrong', () => {
    expect(() => addressPolicy({ FANOUT_ALLOW_PRIVATE: 'yes' }, 'FANOUT')).toThrow('expected FANOUT_ALLOW_PRIVATE to be 0 or 1, got: "yes"');
  });
});
