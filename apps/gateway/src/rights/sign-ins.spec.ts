import { newApiKey, type Principal, type Principals, RightsUnknown, type JwtTokens } from '@app/host';
import { RateExceeded } from '../http/rate-exceeded.js';
import { SignIns } from './sign-ins.js';

const ADA: Principal = { tenant: 'default', subject: 'key:a', via: 'key', name: 'Ada', scopes: [], kinds: null, until: null };

/** One valid key, and what was looked up. */
function setUp(perMinute: number) {
  const right = newApiKey().text;
  const known = new Set<string>();
  const looked: string[] = [];
  const ofKey = async (text: string) => {
    looked.push(text);
    if (text !== right) return undefined;
    known.add(text);
    return ADA;
  };
  const principals = { ofKey, knownKey: (text: string) => (known.has(text) ? ADA : undefined) } as unknown as Principals;
  const tokens = { known: () => undefined, of: (text: string) => (text === 'away' ? Promise.reject(new RightsUnknown()) : undefined) } as unknown as JwtTokens;
  const signIns = new SignIns(principals, tokens, { rates: { failedSignInsOfClient: perMinute } });
  return { right, looked, signIns, guess: (client = '192.0.2.1') => signIns.of({ bearer: newApiKey().text }, client) };
}

test('a client that has shown too many wrong keys is told when to come again, and nothing of it is looked up, not even a right one', async () => {
  const { right, looked, signIns, guess } = setUp(3);
  for (let i = 0; i < 3; i++) expect(await guess()).toBeUndefined();
  await expect(guess()).rejects.toMatchObject({ code: 'rate_limited', exceeded: { signal: 'failed_sign_ins', limit: 3, retryAfterSeconds: 20 } });
  await expect(signIns.of({ bearer: right }, '192.0.2.1')).rejects.toThrow(RateExceeded);
  expect(looked).toHaveLength(3);
  expect(signIns.known({ bearer: right })).toBeUndefined();
});

test('other clients go on, and so do credentials of the same client that are known', async () => {
  const { right, signIns, guess } = setUp(1);
  expect(await signIns.of({ bearer: right }, '192.0.2.1')).toBe(ADA);
  await guess();
  await expect(guess()).rejects.toThrow(RateExceeded);
  expect(signIns.known({ bearer: right })).toBe(ADA);
  expect(await guess('192.0.2.2')).toBeUndefined();
});

test('the same wrong key again is no guess: it is refused without a look, and not counted', async () => {
  const { looked, signIns } = setUp(2);
  const bearer = newApiKey().text;
  for (let i = 0; i < 100; i++) expect(await signIns.of({ bearer }, '192.0.2.1')).toBeUndefined();
  expect(looked).toEqual([bearer]);
});

test('what is under way at once is counted, too', async () => {
  const { guess } = setUp(2);
  const ended = await Promise.allSettled(Array.from({ length: 10 }, () => guess()));
  expect(ended.filter(({ status }) => status === 'rejected')).toHaveLength(8);
});

test('credentials that nobody can judge now are not counted, nor remembered as wrong', async () => {
  const { signIns } = setUp(1);
  for (let i = 0; i < 3; i++) await expect(signIns.of({ bearer: 'away' }, '192.0.2.1')).rejects.toThrow(RightsUnknown);
});

test('with 0 there is no bound', async () => {
  const { guess, looked } = setUp(0);
  for (let i = 0; i < 300; i++) expect(await guess()).toBeUndefined();
  expect(looked).toHaveLength(300);
});
