import { systemClock } from '@app/core';
import { RecordingLogger } from '@app/core/testing';
import type { ApiKey, ValidSession } from '@app/postgres';
import { newApiKey } from './api-key.js';
import { Principals } from './principals.js';

const KEY: ApiKey = {
  id: 'aaaaaaaaaaaaaaaa',
  tenant: 'default',
  name: 'billing',
  scopes: ['jobs:read', 'no such scope'],
  kinds: null,
  requestsPerSecond: null,
  expiresAt: null,
  lastUsedAt: null,
  createdAt: new Date(0),
  createdBy: 'test',
  revokedAt: null,
  revokedBy: null,
};

/** Keys of which one is valid, and whose answers a test may change. */
class FakeKeys {
  asked = 0;
  at = '1';
  answer: (hash: Buffer) => Promise<ApiKey | null>;

  constructor(hash: Buffer) {
    this.answer = async (asked) => (asked.equals(hash) ? KEY : null);
  }

  valid(hash: Buffer): Promise<ApiKey | null> {
    this.asked++;
    return this.answer(hash);
  }

  async revision(): Promise<string> {
    return this.at;
  }

  async used(): Promise<void> {
    return undefined;
  }
}

class FakeSessions {
  asked = 0;

  async valid(): Promise<ValidSession> {
    this.asked++;
    return { ...KEY, subject: `key:${KEY.id}`, until: new Date(1_000_000) };
  }

  async used(): Promise<void> {
    return undefined;
  }
}

function setUp() {
  const { text, hash } = newApiKey();
  const keys = new FakeKeys(hash);
  const sessions = new FakeSessions();
  const time = { at: 1_000, now: () => time.at };
  // It never looks by itself: the tests say when.
  const clock = { ...systemClock, sleep: () => new Promise<void>(() => undefined) };
  const principals = new Principals(keys, sessions, clock, time, new RecordingLogger());
  return { text, keys, sessions, time, principals, look: () => (principals as unknown as { look(): Promise<void> }).look() };
}

test('a key is looked up once, and known afterwards without the database', async () => {
  const { text, keys, principals, look } = setUp();
  await look();
  expect(await principals.ofKey(text)).toMatchObject({ subject: 'key:aaaaaaaaaaaaaaaa', scopes: ['jobs:read'], via: 'key' });
  expect(principals.ofKey(text)).toMatchObject({ subject: 'key:aaaaaaaaaaaaaaaa' });
  expect(keys.asked).toBe(1);
});

test('a text that is no key is refused without the database, and an unknown key by it', async () => {
  const { keys, principals, look } = setUp();
  await look();
  expect(principals.ofKey('lh_nonsense')).toBeUndefined();
  expect(keys.asked).toBe(0);
  expect(await principals.ofKey(newApiKey().text)).toBeUndefined();
});

test('requests that ask for the same key at once share one look-up', async () => {
  const { text, keys, principals, look } = setUp();
  await look();
  const found = await Promise.all([principals.ofKey(text), principals.ofKey(text), principals.ofKey(text)]);
  expect(found.map((principal) => principal?.name)).toEqual(['billing', 'billing', 'billing']);
  expect(keys.asked).toBe(1);
});

test('what a look-up found that was under way when rights changed is not kept', async () => {
  const { text, keys, principals, look } = setUp();
  await look();
  let answer: (key: ApiKey | null) => void = () => undefined;
  keys.answer = () => new Promise((resolve) => (answer = resolve));
  const first = principals.ofKey(text);
  keys.at = '2';
  await look();
  answer(KEY);
  expect(await first).toMatchObject({ name: 'billing' });
  keys.answer = async () => null;
  expect(await principals.ofKey(text)).toBeUndefined();
});

test('a key that is over is not valid any more, though nothing was revoked', async () => {
  const { text, keys, time, principals, look } = setUp();
  keys.answer = async () => ({ ...KEY, expiresAt: new Date(2_000) });
  await look();
  expect(await principals.ofKey(text)).toBeDefined();
  time.at = 2_000;
  keys.answer = async () => null;
  expect(await principals.ofKey(text)).toBeUndefined();
});

test('a change of rights is told to those who listen, once', async () => {
  const { keys, principals, look } = setUp();
  await look();
  let changes = 0;
  principals.listen(() => changes++);
  await look();
  expect(changes).toBe(0);
  keys.at = '2';
  await look();
  await look();
  expect(changes).toBe(1);
});

test('a session that is in use is known, and one that nobody uses is asked for again, for only the database knows how long it was idle', async () => {
  const { sessions, principals, look } = setUp();
  await look();
  await principals.ofSession('token');
  void principals.ofSession('token');
  await look();
  expect(principals.ofSession('token')).toMatchObject({ via: 'session' });
  expect(sessions.asked).toBe(1);
  await look();
  await look();
  await principals.ofSession('token');
  expect(sessions.asked).toBe(2);
});
