import { createHash } from 'node:crypto';
import { consolePath, newTicket, readTicket, TICKET_COOKIE } from './sign-in-ticket.js';

test.each([
  ['/console', '/console'],
  ['/console/', '/console/'],
  ['/console/jobs?state=failed&tag=a%20b#x', '/console/jobs?state=failed&tag=a%20b#x'],
  ['/console?a=//evil.example', '/console?a=//evil.example'],
  ['/console/../console/jobs', '/console/jobs'],
])('a path of the console is gone back to: %j', (asked, path) => expect(consolePath(asked)).toBe(path));

test.each([
  [undefined],
  [['/console/jobs']],
  [''],
  ['//evil.example/console'],
  ['https://evil.example/console'],
  ['/console.evil.example'],
  ['/consoles'],
  ['/console/../keys'],
  ['/console/%2e%2e/keys'],
  ['/console\\..\\..\\evil.example'],
  ['/console/\r\nset-cookie: a=b'],
  ['/console/\u0000'],
  ['/\\evil.example'],
  ['/jobs'],
  [`/console/${'a'.repeat(2_000)}`],
])('anything else leads to the beginning of the console: %j', (asked) => expect(consolePath(asked)).toBe('/console'));

test('the browser that has begun has its ticket again from its cookie, with what it was made with, and no other has', () => {
  const { cookie, ...ticket } = newTicket('/console/jobs?state=failed');
  const header = `a=b; ${TICKET_COOKIE}=${cookie}; c=d`;
  expect(readTicket(header, ticket.state)).toEqual({ cookie, ...ticket });
  expect(ticket.goTo).toBe('/console/jobs?state=failed');
  expect(readTicket(header, newTicket('/console').state)).toBeUndefined();
  for (const nothing of [undefined, '', `${TICKET_COOKIE}=`, `${TICKET_COOKIE}=x.y`, `x${header.trim().slice(5)}`])
    expect(readTicket(nothing, ticket.state)).toBeUndefined();
});

test('a path that somebody has written into the cookie is judged anew', () => {
  const { cookie, state } = newTicket('/console');
  const [secret = ''] = cookie.split('.');
  const path = Buffer.from('//evil.example').toString('base64url');
  expect(readTicket(`${TICKET_COOKIE}=${secret}.${path}`, state)?.goTo).toBe('/console');
});

test('what the provider is given does not tell the secret, and the challenge is that of the verifier', () => {
  const { cookie, state, nonce, verifier, challenge } = newTicket('/console');
  const values = [cookie.split('.')[0], state, nonce, verifier, challenge];
  expect(new Set(values).size).toBe(5);
  for (const value of values) expect(value).toMatch(/^[\w-]{43}$/);
  expect(challenge).toBe(createHash('sha256').update(verifier).digest('base64url'));
});
