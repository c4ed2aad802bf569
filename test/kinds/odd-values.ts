/* What a handler may hand over by mistake, each made anew. For tests. */

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
}

class Secretive {
  readonly #held = 1;
  get held(): number {
    return this.#held;
  }
}

const fails = (): never => {
  throw new Error('it fails when it is read');
};
const hostile = () => new Proxy({}, Object.fromEntries(['get', 'has', 'ownKeys', 'getPrototypeOf', 'getOwnPropertyDescriptor'].map((trap) => [trap, fails])));

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function circle(): unknown {
  const value: { name: string; self?: unknown } = { name: 'circle' };
  value.self = value;
  return value;
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

function circularError(): Error {
  const error = new Error('first');
  error.cause = new Error('second', { cause: error });
  return error;
}

/** By name: what makes the value. */
export const ODD_VALUES = {
  undefined: () => undefined,
  null: () => null,
  function: () => () => 1,
  symbol: () => Symbol('s'),
  NaN: () => NaN,
  infinity: () => Infinity,
  'minus zero': () => -0,
  'minus zero within': () => ({ zeros: [-0, 0] }),
  bigint: () => 9_007_199_254_740_993n,
  'bigint within': () => ({ id: 9_007_199_254_740_993n }),
  date: () => new Date('2026-03-01T10:00:00Z'),
  'invalid date': () => new Date(NaN),
  map: () => new Map([['a', 1]]),
  'map within': () => ({ deep: [new Map([['a', 1]])] }),
  set: () => new Set([1]),
  'empty object': () => ({}),
  buffer: () => Buffer.from('abc'),
  'typed array': () => new Float64Array([1, NaN]),
  'array buffer': () => new ArrayBuffer(8),
  instance: () => new Point(1, 2),
  'instance with an accessor': () => new Secretive(),
  'a toJSON': () => ({ toJSON: () => ({ said: 1 }) }),
  'a toJSON that throws': () => ({ toJSON: fails }),
  'a toJSON of undefined': () => ({ toJSON: () => undefined }),
  'a getter that throws': () => Object.defineProperty({ a: 1 }, 'b', { get: fails, enumerable: true }),
  proxy: () => new Proxy({ a: 1 }, {}),
  'hostile proxy': hostile,
  'revoked proxy': revoked,
  'hostile proxy within': () => ({ a: hostile() }),
  circle,
  'nested 64 deep': () => nested(64),
  'nested 100,000 deep': () => nested(100_000),
  'half of a surrogate pair': () => 'a\ud800b',
  'a name with half of a pair': () => ({ 'a\udc00': 1 }),
  'NUL character': () => 'a\u0000b',
  'two megabytes': () => 'x'.repeat(2 * 1024 * 1024),
  'text beyond the plane': () => '𓀀'.repeat(1_100),
  // eslint-disable-next-line no-sparse-arrays -- what is tried
  'sparse array': () => [1, , 3],
  'array of billions': () => new Array<unknown>(4_000_000_000),
  'boxed number': () => Object(5) as unknown,
  'boxed text': () => Object('t') as unknown,
  'boxed bigint': () => Object(5n) as unknown,
  'boxed symbol': () => Object(Symbol('s')) as unknown,
  error: () => new TypeError('no'),
  'error with a circle of causes': circularError,
  'error with hostile causes': () => new AggregateError([hostile(), revoked()], '', { cause: hostile() }),
  'error of hostile errors': () => Object.assign(new AggregateError([]), { errors: new Proxy([], { get: fails }) }),
  'error with half of a pair at the cut': () => new AggregateError([new Error(`${'x'.repeat(499)}𓀀`)], ''),
  'error with a hostile code': () => Object.defineProperty(new Error('coded'), 'code', { get: fails }),
  'object with a toString that throws': () => ({ toString: fails, [Symbol.toPrimitive]: fails }),
  'object without a prototype': () => Object.create(null) as unknown,
  promise: () => Promise.resolve(1),
  'regular expression': () => /x/,
  'a then that throws': () => Object.defineProperty({}, 'then', { get: fails }),
} satisfies Record<string, () => unknown>;

export type OddValue = keyof typeof ODD_VALUES;
export const ODD_NAMES = Object.keys(ODD_VALUES) as OddValue[];
