// Loaded before the built product: answers on LOOP_WATCH_PORT by how many milliseconds work held up the event loop at most since it was asked last.
// A neighbour on the machine holds it up too, but takes no CPU time of this process: what is longer than that time is the neighbour's.

import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const port = Number(process.env.LOOP_WATCH_PORT ?? 0);
if (port > 0) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let since = process.cpuUsage();
  createServer((_request, response) => {
    // The timer that measures must have had its turn.
    setTimeout(() => {
      const { user, system } = process.cpuUsage(since);
      response.end(String(Math.min(delay.max / 1e6, (user + system) / 1e3)));
      delay.reset();
      since = process.cpuUsage();
    }, 5);
  })
    .listen(port, '127.0.0.1')
    .unref();
}
