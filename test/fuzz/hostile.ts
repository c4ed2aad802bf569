import type { Random } from '../simulation/random.js';

/** Texts that have broken something somewhere. */
const TEXTS = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', '', ' ', '*', '.', '..', '-', '/', '\\', '%', '%00', '%zz', '%2e%2e%2f'],
  ...['\u0000', 'a\u0000b', '\ud800', '\udc00x', '\ufeff', '\u202e', '\r\nX: 1', '\n', 'acme\nnightly', '\t', 'é'.repeat(300), '𝟘', 'ß', 'İ'],
  ...['../../etc/passwd', '${7*7}', '{{7*7}}', "'; DROP TABLE jobs; --", "' OR '1'='1", '"', '<script>alert(1)</script>', '%s%n', '$1', '\\x00', '{', '[]'],
  ...['NaN', '-0', '-1', '1e999', '0x10', '9'.repeat(400), '9007199254740993', 'true', 'null', 'undefined', 'default', 'acme', 'globex', 'nobody'],
  ...[
    '2026-01-31T08:00:00Z',
    '0000-00-00',
    '9999-12-31T23:59:59Z',
    '-271821-04-20T00:00:00Z',
    '2026-02-30',
    '10000-01-01T00:00:00Z',
    'P1D',
    '1h',
    '-1s',
    '1e9d',
  ],
  ...['* * * * *', '*/0 * * * *', '0 0 31 2 *', 'http://127.0.0.1:1/', 'http://[::1]/', 'http://169.254.169.254/', 'https://u:p@example.org/', 'javascript:1'],
  ...['x'.repeat(256), 'x'.repeat(5_000), 'a,'.repeat(500), ','.repeat(50), 'a@example.org', 'a@[127.0.0.1]', 'csv.*', 'debug.echo,debug.fail', '*.*'],
];

const NUMBERS = [0, -0, 1, -1, 2, 0.1, 1e-320, 1e308, -1e308, 2 ** 31, 2 ** 31 - 1, -(2 ** 31), 2 ** 53, 2 ** 63, 99_999, 1_000_001, 86_400_000];

export function hostileText(random: Random): string {
  if (random.chance(0.8)) return random.pick(TEXTS);
  return Array.from({ length: random.int(0, 40) }, () => String.fromCharCode(random.int(0, random.chance(0.5) ? 127 : 0xffff))).join('');
}

/** JSON that is valid and means nothing good. */
export function hostileJson(random: Random, depth = 3): unknown {
  const what = random.int(0, depth > 0 ? 9 : 6);
  if (what <= 3) return hostileText(random);
  if (what === 4) return random.pick(NUMBERS);
  if (what === 5) return random.pick([null, true, false]);
  if (what === 6) return random.chance(0.5) ? [] : {};
  if (what === 7) return Array.from({ length: random.int(1, 5) }, () => hostileJson(random, depth - 1));
  return Object.fromEntries(Array.from({ length: random.int(1, 5) }, () => [hostileText(random), hostileJson(random, depth - 1)]));
}

const utf8 = (text: string): Buffer => Buffer.from(text);

/** Bodies that no JSON is written as. */
const BYTES = [
  ...[utf8(''), utf8('{'), utf8('null'), utf8('[]'), utf8('"x"'), utf8('{}{}'), utf8('a=1&b=2'), Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d])],
  ...[Buffer.from([0x22, 0xc0, 0xaf, 0x22]), Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), Buffer.from([0x1f, 0x8b, 8, 0, 0]), Buffer.alloc(1_000)],
  ...[Buffer.from('{"kind":"debug.echo","payload":{"value":1}}', 'utf16le'), utf8('['.repeat(60_000)), utf8(`{"a":${'9'.repeat(50_000)}}`)],
  ...[utf8('{"kind":"debug.echo","kind":"debug.fail","payload":{"value":1,"value":2}}'), utf8('{"kind":"debug.echo","payload":{"value":1e1000000}}')],
  utf8('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
  utf8(`{"kind":"debug.echo","payload":{"value":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}}`),
  utf8(`{"jobs":[${'{"kind":"debug.echo","payload":{"value":1}},'.repeat(1_500)}{}]}`),
  utf8(`--x\r\nContent-Disposition: form-data; name="file"; filename="../../a\u0000.csv"\r\n\r\na,b\r\n--x--\r\n`),
];

/** The bytes of a body: the JSON as it is, damaged, or something else. */
export function bodyBytes(random: Random, json: unknown): Buffer {
  if (random.chance(0.08)) return random.pick(BYTES);
  const text = utf8(JSON.stringify(json));
  if (!random.chance(0.08) || text.length === 0) return text;
  const at = random.int(0, text.length);
  const damage = Buffer.from(Array.from({ length: random.int(0, 4) }, () => random.int(0, 255)));
  return Buffer.concat([text.subarray(0, at), damage, text.subarray(at + random.int(0, 3))]);
}

const HEADERS: Readonly<Record<string, readonly string[]>> = {
  'idempotency-key': ['order-1', '"order 1"', '"', 'k'.repeat(256), '', '\xff', 'a b', '*'],
  'if-match': ['*', '"1"', 'W/"1"', '"', '1', '"x", "y"', '"99999999999999999999"'],
  'if-none-match': ['*', '"1"', 'W/"x"', '"'],
  prefer: ['respond-async', 'wait=0', 'wait=-1', 'wait="', 'wait=1e9', 'wait=0, wait=1', 'return=minimal', '"'],
  accept: ['text/html', 'text/event-stream', '*/*', 'application/json;q=0', 'x', '', 'application/problem+json', 'text/html,'.repeat(100)],
  'content-type': [
    'text/plain',
    'application/json; charset=utf-16',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    '',
    '/',
    'application/json;',
    'text/csv',
  ],
  'content-encoding': ['gzip', 'br', 'identity', 'deflate, gzip', 'x'],
  origin: ['http://evil.example', 'null', '', 'http://127.0.0.1'],
  'sec-fetch-site': ['cross-site', 'same-origin', 'none', 'x'],
  cookie: ['__Host-lh=x', '__Host-lh=', 'a=b; __Host-lh="', ';;;'],
  'x-requested-by': ['x', ''],
  range: ['bytes=0-', 'bytes=5-1', 'bytes=-1', 'bytes=0-0,2-3', 'bytes=99999999999999999999-', 'x'],
  'last-event-id': ['1', '-1', 'x', '9'.repeat(30), '\u00e9'],
  traceparent: ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', '00-0-0-00', 'x'],
  'x-forwarded-for': ['10.0.0.1', '::1, 1.2.3.4', 'x'],
  'x-forwarded-host': ['evil.example'],
  'x-http-method-override': ['DELETE'],
  host: ['evil.example', 'localhost', '127.0.0.1:1', '[::1]', ''],
  te: ['trailers'],
  expect: ['x'],
};
const NAMES = Object.keys(HEADERS);

export function hostileHeaders(random: Random): Record<string, string> {
  const headers: Record<string, string> = {};
  while (random.chance(0.3)) {
    const name = random.pick(NAMES);
    headers[name] = random.pick(HEADERS[name] as string[]);
  }
  return headers;
}
