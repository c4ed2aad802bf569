import { promisify } from 'node:util';
import { addressPolicy, assertPublicHost, guardedLookup, isPublicAddress, PrivateAddressError } from './address-guard.js';

const closed = addressPolicy({}, 'FANOUT');

describe('the address guard', () => {
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
    'nonsense',
  ])('stops %s, which is not', (address) => {
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
    await expect(lookup('rebinding.example', { all: true })).rejects.toThrow('got: rebinding.example (127.0.0.1)');
  });

  it('refuses a name of which only one of the addresses is not public', async () => {
    const both = [{ address: '93.184.215.14', family: 4 }, { address: '::ffff:127.0.0.1', family: 6 }]; // prettier-ignore
    const lookup = promisify(guardedLookup(closed, (_, __, callback) => callback(null, both)));
    await expect(lookup('half.example', { all: true })).rejects.toThrow(PrivateAddressError);
  });

  it('names the variable that is wrong', () => {
    expect(() => addressPolicy({ FANOUT_ALLOW_PRIVATE: 'yes' }, 'FANOUT')).toThrow('expected FANOUT_ALLOW_PRIVATE to be 0 or 1, got: "yes"');
  });
});
