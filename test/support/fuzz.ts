import fc from 'fast-check';

const USUAL_SEED = 573_754_456;

/**
 * Settings of a property. By default the same inputs each time, so that a change is judged by what it changes; FC_RUNS (and FC_MS) make a
 * run longer and search with a new seed, which is printed. FC_SEED (and FC_PATH, from the report) replay one.
 */
export function fuzzing(runs: number, ms = 10_000): { seed: number; numRuns: number; interruptAfterTimeLimit: number; path?: string } {
  const seed = Number(process.env['FC_SEED'] ?? (process.env['FC_RUNS'] ? Math.floor(Math.random() * 2 ** 31) : USUAL_SEED));
  const path = process.env['FC_PATH'];
  process.stderr.write(`${expect.getState().currentTestName ?? 'a property'}: FC_SEED=${String(seed)}\n`);
  return {
    seed,
    numRuns: Number(process.env['FC_RUNS'] ?? runs),
    interruptAfterTimeLimit: Number(process.env['FC_MS'] ?? ms),
    ...(path === undefined ? {} : { path }),
  };
}

/** Text that has broken something somewhere. */
export const hostileText = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    '',
    ' ',
    '\u0000',
    'a\u0000b',
    '\ud800',
    '\udc00x',
    '\ufeff',
    '\u202e',
    '\r\nX: 1',
  ),
  fc.constantFrom(
    '../../etc/passwd',
    '%00',
    '%zz',
    '${7*7}',
    "'; DROP TABLE jobs; --",
    '<script>',
    'NaN',
    '-0',
    '1e999',
    '9'.repeat(400),
    'é'.repeat(300),
    'x'.repeat(70_000),
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
);

/** JSON that is valid and means nothing good. */
export const hostileJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    hostileText,
    fc.constantFrom(null, true, false, 0, -1, 2 ** 53, -1e308, 1e-320, 0.1),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(hostileText, tie('value'), { maxKeys: 5 }),
  ),
})).value;

const utf8 = (text: string): Uint8Array => Buffer.from(text);

/** What only bytes can do to a decoder. */
const hostileBytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.constantFrom(
    utf8(''),
    Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d]),
    Buffer.from([0x22, 0xc0, 0xaf, 0x22]),
    Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
    Buffer.from([0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]),
    Buffer.from('{"kind":"debug.echo","payload":{"value":1}}', 'utf16le'),
    utf8('{"kind":"debug.echo","kind":"debug.sleep","payload":{"value":1,"value":2}}'),
    utf8('{"kind":"debug.echo","payload":{"value":1e1000000}}'),
    utf8(`{"kind":"debug.echo","payload":{"value":${'9'.repeat(100_000)}}}`),
    utf8('{"kind":"debug.echo","payload":{"value":"\\u0000\\ud800"}}'),
    utf8('{"kind":"debug.echo","payload":{"value":{"__proto__":{"polluted":true}}}}'),
    utf8('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
    utf8('['.repeat(60_000)),
    utf8(`{"kind":"debug.echo","payload":{"value":${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}}}`),
    utf8(`{"kind":"debug.echo","payload":{${Array.from({ length: 9_000 }, (_, n) => `"k${String(n)}":1`).join(',')}}}`),
  ),
);

const OPTIONS = ['queue', 'priority', 'runAt', 'delay', 'timeout', 'maxAttempts', 'callbackUrl', 'notifyEmail', 'tags', '__proto__'];
/** Not those that kill or block the process on purpose. */
export const someKind = fc.constantFrom('debug.echo', 'debug.fail', 'csv.import', 'report.aggregate', 'fanout.enrich');

const submission = fc.record(
  {
    kind: fc.oneof(someKind, hostileJson),
    payload: fc.oneof(fc.record({ value: hostileJson }), fc.record({ message: hostileText, times: hostileJson }, { requiredKeys: [] }), hostileJson),
    options: fc.oneof(fc.dictionary(fc.constantFrom(...OPTIONS), hostileJson, { maxKeys: 4 }), hostileJson),
    idempotencyKey: hostileJson,
  },
  { requiredKeys: ['kind'] },
);

const mutated = (json: fc.Arbitrary<unknown>): fc.Arbitrary<Uint8Array> =>
  fc.tuple(json, fc.nat(), fc.option(fc.uint8Array({ maxLength: 4 }), { freq: 3 }), fc.nat({ max: 3 })).map(([value, at, bytes, cut]) => {
    const text = Buffer.from(JSON.stringify(value));
    if (bytes === null) return text;
    const place = at % (text.length + 1);
    return Buffer.concat([text.subarray(0, place), bytes, text.subarray(place + cut)]);
  });

/** A body for either door: JSON, nearly JSON, or anything. */
export const someBody: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 5, arbitrary: mutated(submission) },
  { weight: 2, arbitrary: mutated(fc.record({ jobs: fc.oneof(fc.array(submission, { maxLength: 4 }), hostileJson) })) },
  { weight: 2, arbitrary: mutated(hostileJson) },
  { weight: 2, arbitrary: hostileBytes },
);
