// The load driver, apart from what it drives.

import autocannon from 'autocannon';
import { clock, serve } from '../lib/role.mjs';

serve({
  /** POSTs `body` for so many seconds, or so many times. */
  run: async ({ url, body, connections, seconds, amount }) => {
    const began = clock();
    const result = await autocannon({
      url,
      connections,
      timeout: 60,
      ...(amount ? { amount } : { duration: seconds }),
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return {
      began,
      perSecond: result['2xx'] / result.duration,
      p50: result.latency.p50,
      p99: result.latency.p99,
      max: result.latency.max,
      accepted: result['2xx'],
      refused: result.non2xx + result.errors + result.timeouts,
    };
  },
});
