import { limitOfKey, LimitsAt, type MatchingLimit, NO_LIMITS } from './matching.js';

const job = { kind: 'partner.call', queue: 'partners', tags: ['tenant:acme', 'nightly'] };
const limit = (more: Partial<MatchingLimit>): MatchingLimit => ({ name: 'one', match: {}, per: null, ...more });
const keysOf = (limits: Partial<MatchingLimit>[], of = job as Parameters<LimitsAt['keysOf']>[0]) => new LimitsAt(1, limits.map(limit)).keysOf(of);

describe('the keys of a job', () => {
  test('without limits there are none', () => {
    expect(NO_LIMITS.keysOf(job)).toBeNull();
  });

  test.each<[string, MatchingLimit['match'], boolean]>([
    ['every job', {}, true],
    ['its kind', { kind: 'partner.call' }, true],
    ['a prefix of its kind', { kind: 'partner.*' }, true],
    ['another kind', { kind: 'partner.calls' }, false],
    ['its queue', { queue: 'partners' }, true],
    ['another queue', { queue: 'reports' }, false],
    ['one of its tags', { tag: 'nightly' }, true],
    ['a prefix of one of its tags', { tag: 'tenant:*' }, true],
    ['a tag that it does not have', { tag: 'tenant:other' }, false],
    ['its kind and another queue', { kind: 'partner.call', queue: 'reports' }, false],
  ])('a limit for %s', (_, match, fits) => {
    expect(keysOf([{ match }])).toEqual(fits ? ['one'] : null);
  });

  test.each<[MatchingLimit['per'], string[]]>([
    ['kind', ['one/partner.call']],
    ['queue', ['one/partners']],
    ['tag:tenant', ['one/tenant:acme']],
    ['tag:region', ['one']],
  ])('per %s have its value, and none where the job has none', (per, keys) => {
    expect(keysOf([{ per }], job)).toEqual(keys);
  });

  test('a job without the tag of a limit shares one key with all such jobs', () => {
    expect(keysOf([{ per: 'tag:tenant' }], { ...job, tags: [] })).toEqual(['one']);
  });

  test('a job with two values of a tag has a key for each', () => {
    expect(keysOf([{ per: 'tag:tenant' }], { ...job, tags: ['tenant:b', 'tenant:a', 'tenant:a'] })).toEqual(['one/tenant:a', 'one/tenant:b']);
  });

  test('are sorted, so that all jobs take their slots in one order', () => {
    expect(keysOf([{ name: 'z' }, { name: 'a', per: 'queue' }, { name: 'm' }])).toEqual(['a/partners', 'm', 'z']);
  });

  test("none of Longhaul's own jobs is under a limit", () => {
    expect(keysOf([{}], { ...job, kind: 'longhaul.webhook' })).toBeNull();
  });

  test('a job that is under more than eight limits is refused, by name', () => {
    const limits = new LimitsAt(
      1,
      Array.from({ length: 9 }, (_, n) => limit({ name: `limit-${String(n)}` })),
    );
    expect(() => limits.keysOfNew(job)).toThrow(/^the job is under 9 limits \(limit-0, .*limit-8\), and a job may be under 8/);
    expect(new LimitsAt(1, limits.limits.slice(1)).keysOfNew(job)).toHaveLength(8);
  });
});

test('a key says which limit it belongs to', () => {
  expect(limitOfKey('partner.call/tenant:a/b')).toBe('partner.call');
  expect(limitOfKey('partner.call')).toBe('partner.call');
});
