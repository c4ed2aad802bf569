import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { Refusal } from '../job/errors.js';
import { isOwnKind } from '../job/kind.js';
import { markPlatformFault } from '../job/platform-fault.js';
import type { JsonText } from '../job/raw-json.js';

/** A key of 32 bytes, and the name that stands beside what it has sealed. */
export interface DataKey {
  id: string;
  bytes: Uint8Array;
}

/**
 * Where keys come from. What stands behind it may be a list in the environment, which is what there is, or a KMS: it answers from memory, so one that has to ask
 * somebody unwraps its keys before the store is opened, and may learn new ones while the process runs.
 */
export interface KeySource {
  /** Seals what is stored from now on. Undefined: nothing is sealed. */
  current(): DataKey | undefined;
  /** Opens what it has sealed. */
  find(id: string): DataKey | undefined;
  /** Those that are known, the current one first. */
  all(): readonly DataKey[];
}

/** Keeps the data of jobs from whoever reads the database alone. */
export interface DataBox {
  /** Whether anything that is stored from now on is sealed. */
  readonly isOn: boolean;
  /** Of which kinds they are, but for Longhaul's own, which are with any. */
  readonly kinds: 'all' | 'off' | ReadonlySet<string>;
  /** The id of the key that seals. */
  readonly currentId: string | undefined;
  /** Whether the data of this kind are. Null: nobody knows of which kind they are. */
  seals(kind: string | null): boolean;
  /** As it is stored, which is JSON. `place` names the row and the column: what was sealed for one place cannot be opened in another. */
  seal(data: string | Uint8Array, place: string): JsonText;
  /** What was sealed. Throws a `Refusal` that is the platform's fault when its key is not here, and when it was changed or is of another place. */
  open(stored: string, place: string): string;
  /** The same, of what was bytes. */
  openBytes(stored: string, place: string): Buffer;
  /** For digests of data that are compared: the key that makes them first, and behind it those that have made older ones. None: no digest is made with a key. */
  digestKeys(): Uint8Array[];
}

/** Two of three bytes of text stand for one more in base64, and around them stand the key's name and what GCM needs. */
export function sealedLength(bytes: number): number {
  return Math.ceil(((bytes + HEAD_BYTES) * 4) / 3) + 80;
}

/**
 * The white space before it tells it from every text that a caller can have stored: all doors take the white space around a payload away, and what we write ourselves
 * begins without any. So a caller's own object with a member `$enc` is what it is.
 */
const BEGINS = ' {"$enc":{"k":"';
const BETWEEN = '","c":"';
const ENDS = '"}}';
const FIRST = BEGINS.charCodeAt(0);

/** 15 bytes are 20 characters of base64 without a rest, so that the salt is read off the text. */
const SALT_BYTES = 15;
const SALT_TEXT = 20;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = SALT_BYTES + NONCE_BYTES + TAG_BYTES;
/** NIST SP 800-38D allows 2^32 random nonces under one key. */
const SEALS_PER_KEY = 2 ** 28;
/** Keys of other processes that are kept at hand. */
const KEPT_KEYS = 1_000;

/** How each text begins that was sealed with a key; without one, with any. */
export function sealedWith(id?: string): string {
  return id === undefined ? BEGINS : `${BEGINS}${id}"`;
}

/** At no cost for what is not sealed: it does not begin with white space. */
export function isSealed(stored: string): boolean {
  return stored.charCodeAt(0) === FIRST && stored.startsWith(BEGINS);
}

interface SealingKey {
  id: string;
  /** Of which it was made. */
  of: Uint8Array;
  salt: Buffer;
  key: KeyObject;
  left: number;
}

/**
 * AES-256-GCM. No key of the list encrypts by itself: each process makes one of it by HKDF with a salt of its own, which stands before what it has sealed. So however many
 * jobs there are, no key meets a nonce twice.
 */
export class AesDataBox implements DataBox {
  private sealing: SealingKey | undefined;
  private readonly opening = new Map<string, KeyObject>();

  constructor(
    private readonly keys: KeySource,
    readonly kinds: 'all' | 'off' | ReadonlySet<string>,
  ) {}

  get isOn(): boolean {
    return this.kinds !== 'off' && this.keys.current() !== undefined;
  }

  get currentId(): string | undefined {
    return this.keys.current()?.id;
  }

  /** What Longhaul tells of a job is the payload of a job of its own, so these are sealed with any. */
  seals(kind: string | null): boolean {
    if (!this.isOn) return false;
    return this.kinds === 'all' || kind === null || isOwnKind(kind) || (this.kinds as ReadonlySet<string>).has(kind);
  }

  seal(data: string | Uint8Array, place: string): JsonText {
    const { id, salt, key } = this.sealingKey();
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place));
    const sealed = typeof data === 'string' ? cipher.update(data, 'utf8') : cipher.update(data);
    cipher.final();
    const bytes = Buffer.concat([salt, nonce, cipher.getAuthTag(), sealed]);
    return `${BEGINS}${id}${BETWEEN}${bytes.toString('base64')}${ENDS}` as JsonText;
  }

  open(stored: string, place: string): string {
    return isSealed(stored) ? this.openBytes(stored, place).toString() : stored;
  }

  openBytes(stored: string, place: string): Buffer {
    const { id, from } = partsOf(stored);
    const salt = stored.slice(from, from + SALT_TEXT);
    const bytes = Buffer.from(stored.slice(from, -ENDS.length), 'base64');
    if (bytes.length < HEAD_BYTES) throw changed(id, place);
    const nonce = bytes.subarray(SALT_BYTES, SALT_BYTES + NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.openingKey(id, salt, place), nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(place));
    decipher.setAuthTag(bytes.subarray(SALT_BYTES + NONCE_BYTES, HEAD_BYTES));
    const data = decipher.update(bytes.subarray(HEAD_BYTES));
    try {
      decipher.final();
    } catch {
      throw changed(id, place);
    }
    return data;
  }

  digestKeys(): Uint8Array[] {
    return this.keys.all().map((key) => derivedKey(key, 'digests').bytes);
  }

  private sealingKey(): SealingKey {
    const current = this.keys.current();
    if (!current) throw new Error('expected a key that seals, got none');
    if (this.sealing?.of !== current.bytes || this.sealing.left === 0) {
      const salt = randomBytes(SALT_BYTES);
      this.sealing = { id: current.id, of: current.bytes, salt, key: processKey(current, salt), left: SEALS_PER_KEY };
    }
    this.sealing.left--;
    return this.sealing;
  }

  private openingKey(id: string, salt: string, place: string): KeyObject {
    const name = `${id}:${salt}`;
    const known = this.opening.get(name);
    if (known) return known;
    const key = this.keys.find(id);
    if (!key)
      throw unreadable(
        `expected LONGHAUL_SECRET_KEYS to have the key ${id}, with which ${shown(place)} is encrypted, got none of that id: put it back into the list`,
      );
    const made = processKey(key, Buffer.from(salt, 'base64'));
    if (this.opening.size >= KEPT_KEYS) this.opening.clear();
    this.opening.set(name, made);
    return made;
  }
}

/** For where no key is: nothing is sealed, and what is sealed is told to be. */
export function plainData(): DataBox {
  return new AesDataBox(keyList([]), 'off');
}

/** Keys of one list, for one purpose; the first seals. */
export function keyList(keys: readonly DataKey[]): KeySource {
  const byId = new Map(keys.map((key) => [key.id, key]));
  return { current: () => keys[0], find: (id) => byId.get(id), all: () => keys };
}

/** Another key of the same id: what one of them has sealed cannot be opened with the other. */
export function derivedKey({ id, bytes }: DataKey, purpose: string): DataKey {
  return { id, bytes: Buffer.from(hkdfSync('sha256', bytes, '', purpose, 32)) };
}

/** The purpose of the keys that the data of jobs are sealed with. */
export const JOB_DATA = 'job data';

/**
 * Of `LONGHAUL_SECRET_KEYS`, the keys for the data of jobs in the same form: all that a process of its own needs to read and to store them, and nothing that opens the secrets
 * of webhooks. Entries that are no keys are left out, for whoever reads the variable has refused them.
 */
export function jobKeysOf(list: string): string {
  return list
    .split(',')
    .flatMap((entry) => {
      const [, id = '', text = ''] = /^([a-z0-9_-]{1,32}):([A-Za-z0-9+/]{43}=)$/.exec(entry.trim()) ?? [];
      return id === '' ? [] : [`${id}:${Buffer.from(derivedKey({ id, bytes: Buffer.from(text, 'base64') }, JOB_DATA).bytes).toString('base64')}`];
    })
    .join(',');
}

function processKey({ bytes }: DataKey, salt: Uint8Array): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', bytes, salt, 'process', 32)));
}

function partsOf(stored: string): { id: string; from: number } {
  const end = stored.indexOf('"', BEGINS.length);
  const from = end + BETWEEN.length;
  if (!isSealed(stored) || end < 0 || !stored.startsWith(BETWEEN, end) || !stored.endsWith(ENDS))
    throw unreadable('expected data that are sealed, got another text');
  return { id: stored.slice(BEGINS.length, end), from };
}

function changed(id: string, place: string): Refusal {
  return unreadable(`expected the key ${id} of LONGHAUL_SECRET_KEYS to open ${shown(place)}, got: another key, or data that were changed in the database`);
}

/** An attempt that ends with it is not charged, and a caller may ask again: the data are there, and are read when the key is. */
function unreadable(message: string): Refusal {
  const refusal = new Refusal('unavailable', message);
  markPlatformFault(refusal);
  return refusal;
}

function shown(place: string): string {
  return place.split('\n').join(' ');
}
