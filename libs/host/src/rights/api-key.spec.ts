import { createHash } from 'node:crypto';
import { newApiKey, readApiKey } from './api-key.js';

test('a key that was made is read back, and its hash is that of its text', () => {
  const { id, hash, text } = newApiKey();
  expect(text).toMatch(/^lh_[a-z2-7]{16}_[a-z2-7]{52}[0-9a-f]{8}$/);
  expect(readApiKey(text)).toEqual({ id, hash });
  expect(hash).toEqual(createHash('sha256').update(text).digest());
});

test('two keys have nothing in common', () => {
  const keys = Array.from({ length: 1_000 }, () => newApiKey());
  expect(new Set(keys.map(({ id }) => id)).size).toBe(1_000);
  expect(new Set(keys.map(({ text }) => text.slice(20))).size).toBe(1_000);
});

test('a key with one letter changed, cut off or added is no key', () => {
  const { text } = newApiKey();
  for (let at = 0; at < text.length; at++) expect(readApiKey(text.slice(0, at) + (text[at] === 'a' ? 'b' : 'a') + text.slice(at + 1))).toBeUndefined();
  for (const wrong of ['', 'lh_', text.slice(0, -1), `${text}a`, ` ${text}`, text.toUpperCase()]) expect(readApiKey(wrong)).toBeUndefined();
});
