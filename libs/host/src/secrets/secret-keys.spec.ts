import { randomBytes } from 'node:crypto';
import { isPlatformFault } from '@app/core';
import { Environment } from '../environment.js';
import { SecretKeys, secretKeys } from './secret-keys.js';

const key = (id: string): [string, Buffer] => [id, randomBytes(32)];

describe('a secret under a key (E26)', () => {
  const old = key('old');
  const current = key('new');

  test('is not readable as it is stored, and is opened in its own place only', () => {
    const keys = new SecretKeys([current]);
    const stored = keys.seal('whsec_secret', 'endpoint 1');
    expect(stored).toMatch(/^sealed:1:new:/);
    expect(stored).not.toContain('secret_');
    expect(keys.open(stored, 'endpoint 1')).toBe('whsec_secret');
    expect(() => keys.open(stored, 'endpoint 2')).toThrow('opens the secret of endpoint 2');
    expect(keys.seal('whsec_secret', 'endpoint 1')).not.toBe(stored);
  });

  test('of a former key is opened, and is told to be stale', () => {
    const stored = new SecretKeys([old]).seal('x', 'here');
    const both = new SecretKeys([current, old]);
    expect(both.open(stored, 'here')).toBe('x');
    expect([both.isStale(stored), both.isStale('plain'), both.isStale(both.seal('x', 'here'))]).toEqual([true, true, false]);
  });

  test('whose key is gone names the key that is missing', () => {
    const stored = new SecretKeys([old]).seal('x', 'here');
    expect(() => new SecretKeys([current]).open(stored, 'here')).toThrow(
      /^expected LONGHAUL_SECRET_KEYS to be a list with the key old.*longhaul rotate-secrets --replace-lost gives these webhooks new secrets$/,
    );
    expect(() => new SecretKeys([key('old')]).open(stored, 'here')).toThrow(/another key of that id.*--replace-lost/);
    // A delivery that meets it is tried again, and not charged.
    const met = () => {
      try {
        return new SecretKeys([current]).open(stored, 'here');
      } catch (error) {
        return error;
      }
    };
    expect(isPlatformFault(met())).toBe(true);
  });

  test('that was changed in the database is refused', () => {
    const keys = new SecretKeys([current]);
    const stored = keys.seal('x', 'here');
    const bytes = Buffer.from(stored.slice('sealed:1:new:'.length), 'base64');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    expect(() => keys.open(`sealed:1:new:${bytes.toString('base64')}`, 'here')).toThrow('a secret that was changed');
  });

  test('that was stored before there were keys is read as it is', () => {
    expect(new SecretKeys([current]).open('whsec_plain', 'here')).toBe('whsec_plain');
    expect(new SecretKeys([]).seal('whsec_plain', 'here')).toBe('whsec_plain');
  });
});

describe('LONGHAUL_SECRET_KEYS', () => {
  const read = (text: string) => secretKeys(new Environment({ LONGHAUL_SECRET_KEYS: text }));
  const good = randomBytes(32).toString('base64');

  test('is a list whose first key seals', () => {
    expect(read(`b:${good}, a:${randomBytes(32).toString('base64')}`).seal('x', 'y')).toMatch(/^sealed:1:b:/);
    expect(read('').seal('x', 'y')).toBe('x');
  });

  test.each(['short:AAAA', good, `UPPER:${good}`, `a:${good},a:${good}`, `a:${good.slice(1)}`])('%s is refused, and not repeated', (text) => {
    expect(() => read(text)).toThrow(/^expected LONGHAUL_SECRET_KEYS to be a/);
    expect(() => read(text)).not.toThrow(good);
  });
});
