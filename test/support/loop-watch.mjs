// Loaded before the built product: answers on LOOP_WATCH_PORT by how many milliseconds the event loop was late at most since it was asked last.

import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const port = Number(process.env.LOOP_WATCH_PORT ?? 0);
if (port > 0) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  createServer((_request, response) => {
    // The timer that measures must have had its turn.
    setTimeout(() => {
      const most = delay.max / 1e6;
      delay.reset();
      response.end(String(most));
    }, 5);
  })
    .listen(port, '127.0.0.1')
    .unref();
}
