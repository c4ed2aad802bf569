import { Environment } from '@app/host';
import { OriginRule } from './origin-rule.js';
import { originsConfig } from './origins.config.js';

const config = (values: NodeJS.ProcessEnv, bound = '127.0.0.1') => originsConfig(new Environment(values), bound);
const rule = (values: NodeJS.ProcessEnv = {}, publicUrl: { origin: string; hostname: string } | null = null) => new OriginRule(config(values), publicUrl);
const HOST = '127.0.0.1:3000';

describe('a request that changes something', () => {
  test.each([
    ['no browser', {}],
    ['our own page', { origin: 'http://127.0.0.1:3000' }],
    ['our own page, with fetch metadata', { origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-origin' }],
    ['our own page behind a proxy that ends TLS', { origin: 'https://127.0.0.1:3000' }],
    ['a person at the address bar', { 'sec-fetch-site': 'none' }],
    ['a page of a listed origin', { origin: 'https://app.example.org', 'sec-fetch-site': 'cross-site' }],
  ])('is let in from %s (E2)', (_, headers) => {
    expect(rule({ CORS_ORIGINS: 'https://app.example.org' }).isForeign(headers, HOST)).toBe(false);
  });

  test.each([
    ['a page without an origin', { origin: 'null' }],
    ['a page without an origin that says it is ours', { origin: 'null', 'sec-fetch-site': 'same-origin' }],
    ['a page of another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['a page of another port of this machine', { origin: 'http://127.0.0.1:8080', 'sec-fetch-site': 'same-site' }],
    ['a page of this machine by another name', { origin: 'http://localhost:3000' }],
    ['another site that sends no Origin', { 'sec-fetch-site': 'cross-site' }],
    ['the same site that sends no Origin', { 'sec-fetch-site': 'same-site' }],
    ['a site of a kind that is not known', { 'sec-fetch-site': 'x' }],
    ['our own host from another scheme', { origin: 'https://127.0.0.1:3000', 'sec-fetch-site': 'cross-site' }],
    ['an origin that only begins like ours', { origin: 'http://127.0.0.1:30001' }],
    ['an origin that only ends like ours', { origin: 'http://evil.example/127.0.0.1:3000' }],
    ['an origin with our name as its user', { origin: 'http://127.0.0.1:3000@evil.example' }],
    ['two origins', { origin: 'http://127.0.0.1:3000, https://evil.example' }],
    ['an empty origin', { origin: '' }],
    ['an origin that only looks listed', { origin: 'https://app.example.org.evil.example' }],
    ['a listed origin by another scheme', { origin: 'http://app.example.org' }],
  ])('is refused from %s (E2)', (_, headers) => {
    expect(rule({ CORS_ORIGINS: 'https://app.example.org' }).isForeign(headers, HOST)).toBe(true);
  });

  test('is let in from PUBLIC_URL, whatever Host a proxy sends, and by its own scheme only (E2)', () => {
    const behind = rule({}, { origin: 'https://jobs.example.org', hostname: 'jobs.example.org' });
    expect(behind.isForeign({ origin: 'https://jobs.example.org' }, 'gateway:3000')).toBe(false);
    expect(behind.isForeign({ origin: 'https://jobs.example.org' }, 'jobs.example.org')).toBe(false);
    expect(behind.isForeign({ origin: 'http://jobs.example.org' }, 'jobs.example.org')).toBe(true);
  });
});

describe('pages of this machine', () => {
  const origins = ['http://localhost:5173', 'http://127.0.0.1:8080', 'http://[::1]:8080', 'http://app.localhost:1'];
  test('may call a gateway in development that is bound to loopback (C32)', () => {
    for (const origin of origins) expect(rule({ NODE_ENV: 'development' }).isForeign({ origin, 'sec-fetch-site': 'same-site' }, HOST)).toBe(false);
    for (const origin of ['http://evil.example', 'http://localhost.evil.example', 'http://127.0.0.1.evil.example', 'null', 'http://10.0.0.1'])
      expect(rule({ NODE_ENV: 'development' }).isForeign({ origin }, HOST)).toBe(true);
  });

  test.each([
    ['by default', {}, '127.0.0.1'],
    ['in production', { NODE_ENV: 'production' }, '127.0.0.1'],
    ['where others reach it', { NODE_ENV: 'development' }, '0.0.0.0'],
    ['where CORS_ORIGINS says who may', { NODE_ENV: 'development', CORS_ORIGINS: 'https://app.example.org' }, '127.0.0.1'],
  ])('are another site than ours %s (C32, E2)', (_, values, bound) => {
    const strict = new OriginRule(config(values, bound), null);
    for (const origin of origins) expect(strict.isForeign({ origin }, HOST)).toBe(true);
  });
});

describe('CORS_ORIGINS', () => {
  test('takes origins as browsers send them (E4)', () => {
    expect([...config({ CORS_ORIGINS: 'https://app.example.org, http://localhost:5173,http://[::1]:1' }).listed]).toHaveLength(3);
  });

  test.each([
    ['*', 'every page in the world'],
    ['https://*.example.org', 'without \\*'],
    ['https://user:secret@app.example.org', 'no user name'],
    ['https://app.example.org:443', 'https://app.example.org, for'],
    ['http://app.example.org:80', 'no default port'],
    ['https://app.example.org/', 'no slash at the end'],
    ['https://app.example.org/path', 'no path'],
    ['https://App.example.org', 'lower case'],
    ['https://ä.example', 'https://xn--4ca.example'],
    ['app.example.org', 'a comma list of origins'],
    ['null', 'a comma list of origins'],
    ['ftp://app.example.org', 'a comma list of origins'],
    ['https://', 'a comma list of origins'],
  ])('with %s is refused at start with the reason (E4)', (text, reason) => {
    expect(() => config({ CORS_ORIGINS: `https://good.example,${text}` })).toThrow(new RegExp(`^expected CORS_ORIGINS to be .*${reason}`));
    expect(() => config({ CORS_ORIGINS: text })).not.toThrow('secret');
  });
});
