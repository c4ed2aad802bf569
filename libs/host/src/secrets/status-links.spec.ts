import { randomBytes } from 'node:crypto';
import type { JobId } from '@app/core';
import { SecretKeys } from './secret-keys.js';
import { type StatusLink, StatusLinks } from './status-links.js';

const key = (id: string): [string, Buffer] => [id, randomBytes(32)];
const HOUR = 3_600_000;
const link: StatusLink = {
  jobId: '01890000-0000-7000-8000-000000000000' as JobId,
  until: HOUR,
  shows: ['result'],
  title: 'Wetter in Köln',
  timezone: 'Europe/Berlin',
};

describe('the token of a status page', () => {
  const [one, other] = [key('one'), key('other')];
  const links = new StatusLinks(new SecretKeys([one]), HOUR);

  test('says what its maker has said, to its end, and can be in a URL', () => {
    const token = links.token(link);
    expect(token).toMatch(/^one\.[A-Za-z0-9_-]+$/);
    expect(token.length).toBeLessThan(300);
    expect(links.read(token, HOUR - 1)).toEqual(link);
    expect(links.read(token, HOUR)).toBeUndefined();
  });

  test('does not show the job, and no two are alike', () => {
    const token = links.token(link);
    expect(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('latin1')).not.toContain('01890000');
    expect(links.token(link)).not.toBe(token);
  });

  test('that was changed anywhere, was made by nobody, or is a secret of another purpose is none', () => {
    const token = links.token(link);
    // The last character has bits that no byte needs.
    for (let at = 0; at < token.length - 1; at++) {
      const changed = token.slice(0, at) + (token[at] === 'a' ? 'b' : 'a') + token.slice(at + 1);
      expect([at, links.read(changed, 0)]).toEqual([at, undefined]);
    }
    const secret = new SecretKeys([one]).seal(JSON.stringify([link.jobId, HOUR, [], null, 'UTC']), 'status link').split(':')[3] ?? '';
    const forged = `one.${Buffer.from(secret, 'base64').toString('base64url')}`;
    for (const wrong of ['', 'x', forged, `${token}.`, `nobody.${token.slice(4)}`, '../jobs', 'a'.repeat(5_000)]) expect(links.read(wrong, 0)).toBeUndefined();
  });

  test('works while the key that has sealed it is in the list, and no longer', () => {
    const token = links.token(link);
    expect(new StatusLinks(new SecretKeys([other, one]), HOUR).read(token, 0)).toEqual(link);
    expect(new StatusLinks(new SecretKeys([other]), HOUR).read(token, 0)).toBeUndefined();
    expect(new StatusLinks(new SecretKeys([]), HOUR).read(token, 0)).toBeUndefined();
  });

  test('is not made without a key', () => {
    const off = new StatusLinks(new SecretKeys([]), HOUR);
    expect(off.areOn).toBe(false);
    expect(() => off.token(link)).toThrow('expected LONGHAUL_SECRET_KEYS to be set');
  });
});
