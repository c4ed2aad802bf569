// The load driver, apart from what it drives.

import autocannon from 'autocannon';
import { clock, serve } from '../lib/role.mjs';

/** @param {{ url: string, body?: object, method?: 'GET' | 'POST', headers?: Record<string, string>, connections: number }} request */
const optionsOf = ({ url, body, method = 'POST', headers = {}, connections }) => ({
  url,
  connections,
  timeout: 60,
  method,
  headers: { ...headers, 'content-type': 'application/json' },
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
});

serve({
  /** POSTs `body`, or GETs, for so many seconds. */
  run: async ({ seconds, ...request }) => {
    const result = await autocannon({ ...optionsOf(request), duration: seconds });
    return {
      perSecond: result['2xx'] / result.duration,
      p50: result.latency.p50,
      p99: result.latency.p99,
      accepted: result['2xx'],
      refused: result.non2xx + result.errors + result.timeouts,
    };
  },
  /**
   * POSTs `body` so many times, each of which has to be accepted. Milliseconds from the first request to the last answer, and when it
   * began: autocannon's own clock ticks in seconds.
   */
  submit: ({ amount, ...request }) =>
    new Promise((resolve, reject) => {
      const began = clock();
      let accepted = 0;
      const run = autocannon({ ...optionsOf(request), amount }, (error, result) =>
        reject(error ?? new Error(`expected ${amount} accepted submissions, got: ${result['2xx']}`)),
      );
      run.on('response', (_client, status) => {
        if (status >= 200 && status < 300 && ++accepted === amount) resolve({ began, ms: clock() - began });
      });
    }),
});
