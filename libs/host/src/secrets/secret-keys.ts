import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { derivedKey, keyList, type KeySource, markPlatformFault, type SecretBox } from '@app/core';
import { ConfigError, type Environment } from '../environment.js';

/** `sealed:1:<key id>:<base64 of nonce, tag and ciphertext>` */
const SEALED = /^sealed:1:([a-z0-9_-]{1,32}):([A-Za-z0-9+/]+={0,2})$/;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts with AES-256-GCM and a random nonce (NIST SP 800-38D; with so few secrets its 96 bits never repeat). The first key of the list
 * seals; every key opens the secrets that it has sealed, so that keys can be rotated. The place of a secret is authenticated with it.
 */
export class SecretKeys implements SecretBox {
  private readonly keys: ReadonlyMap<string, Buffer>;
  private readonly first: [id: string, key: Buffer] | undefined;

  constructor(keys: [id: string, key: Buffer][]) {
    this.keys = new Map(keys);
    this.first = keys[0];
  }

  /** Without a key nothing is sealed. */
  get isEmpty(): boolean {
    return this.first === undefined;
  }

  /** The keys for one purpose, as a list whose first seals. */
  sourceFor(purpose: string): KeySource {
    return keyList([...this.keys].map(([id, bytes]) => derivedKey({ id, bytes }, purpose)));
  }

  /** Other keys of the same ids, made of these for one purpose: what is sealed with them cannot be opened with these, and wears none of them out. */
  derived(purpose: string): SecretKeys {
    return new SecretKeys([...this.keys].map(([id, key]) => [id, Buffer.from(hkdfSync('sha256', key, '', purpose, KEY_BYTES))]));
  }

  seal(secret: string, place: string): string {
    if (!this.first) return secret;
    const [id, key] = this.first;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return `sealed:1:${id}:${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64')}`;
  }

  open(stored: string, place: string): string {
    const [, id, text] = SEALED.exec(stored) ?? [];
    if (id === undefined || text === undefined) return stored;
    const key = this.keys.get(id);
    if (!key) throw notHere(`a list with the key ${id}, for secrets in the database are sealed with it`, 'none of that id');
    const bytes = Buffer.from(text, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES }).setAAD(Buffer.from(place));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    try {
      return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch (cause) {
      throw Object.assign(notHere(`a list whose key ${id} opens the secret of ${place}`, 'another key of that id, or a secret that was changed'), { cause });
    }
  }

  isStale(stored: string): boolean {
    return this.first !== undefined && SEALED.exec(stored)?.[1] !== this.first[0];
  }
}

const FIX = 'put the key back; where it is lost for good, longhaul rotate-secrets --replace-lost gives these webhooks new secrets';

/** Whoever works for a job does not pay for it: its attempt is not charged, and the key may come. */
function notHere(expected: string, got: string): ConfigError {
  const error = new ConfigError('LONGHAUL_SECRET_KEYS', expected, got, FIX);
  markPlatformFault(error);
  return error;
}

/** `LONGHAUL_SECRET_KEYS`: a comma list of `id:key`, each key 32 bytes in base64 (`openssl rand -base64 32`). Errors do not repeat any value. */
export function secretKeys(env: Environment): SecretKeys {
  return new SecretKeys(keysIn(env, 'LONGHAUL_SECRET_KEYS'));
}

export function keysIn(env: Environment, variable: string): [id: string, key: Buffer][] {
  const expected = 'a comma list of id:key, each key 32 bytes in base64 (openssl rand -base64 32), each id of a-z, 0-9, "-", "_"';
  const keys = env
    .text(variable, '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry): [string, Buffer] => {
      const [, id = '', text = ''] = /^([a-z0-9_-]{1,32}):([A-Za-z0-9+/]{43}=)$/.exec(entry) ?? [];
      const key = Buffer.from(text, 'base64');
      if (key.length !== KEY_BYTES) throw new ConfigError(variable, expected, 'another text');
      return [id, key];
    });
  if (new Set(keys.map(([id]) => id)).size < keys.length) throw new ConfigError(variable, 'a list in which each id stands once', 'one twice');
  return keys;
}
