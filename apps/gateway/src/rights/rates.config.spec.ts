import { Environment, LOCAL } from '@app/host';
import { ratesConfig } from './rates.config.js';
import { RequestRate } from './request-rate.js';

const config = (values: NodeJS.ProcessEnv, auth = true) => ratesConfig(new Environment(values), auth);

test('requests are not limited by default, and by a burst of two seconds where nothing else is said', () => {
  expect(config({}, false)).toEqual({ requestsPerSecond: 0, requestsBurst: 1, failedSignInsOfClient: 100 });
  expect(config({ REQUESTS_PER_SECOND: '50' })).toMatchObject({ requestsPerSecond: 50, requestsBurst: 100 });
  expect(config({ REQUESTS_PER_SECOND: '50', REQUESTS_BURST: '5' })).toMatchObject({ requestsBurst: 5 });
});

test('a limit that would not hold stops the start', () => {
  expect(() => config({ REQUESTS_PER_SECOND: '50' }, false)).toThrow(
    /^expected REQUESTS_PER_SECOND to be 0 while AUTH is off, [^\n]+; set AUTH=on, got: "50"$/,
  );
});

test('each principal is counted by its subject, and the answer names the limit and its variable', () => {
  const rate = new RequestRate({ rates: { requestsPerSecond: 1, requestsBurst: 2 } });
  const ada = { ...LOCAL, subject: 'key:ada' };
  expect(rate.count(ada)).toEqual({ headers: { ratelimit: '"requests";r=1;t=1', 'ratelimit-policy': '"requests";q=2;w=2' } });
  rate.count({ ...ada, via: 'session' });
  const third = rate.count(ada);
  expect(third?.headers.ratelimit).toBe('"requests";r=0;t=2');
  expect(third?.refused).toMatchObject({
    code: 'rate_limited',
    message: 'expected at most 1 requests a second (REQUESTS_PER_SECOND), and 2 at once (REQUESTS_BURST) of key:ada, got more; repeat the request in 1 s',
    exceeded: { signal: 'requests', limit: 2, measured: 3, retryAfterSeconds: 1 },
  });
  expect(rate.count({ ...ada, subject: 'key:eve' })?.refused).toBeUndefined();
  expect(new RequestRate({ rates: { requestsPerSecond: 0, requestsBurst: 1 } }).count(ada)).toBeUndefined();
});
