import { spawnRole } from '../lib/child.mjs';
import { percentiles } from '../lib/statistics.mjs';

/** @type {import('../lib/run-scenario.mjs').Scenario} */
export const sse = {
  what: 'GET /jobs/{id}/events: as many open streams as told on one gateway, each of a job of its own; then a worker starts. From when a result is stored (finished_at) to its terminal event at the client, and memory per stream.',
  subjects: () => [{ id: 'longhaul', peer: 'longhaul' }],
  metrics: [
    { name: 'eventP50', title: 'settle to event p50 ms', better: 'less' },
    { name: 'eventP99', title: 'p99 ms', better: 'less' },
    { name: 'kBPerStream', title: 'kB of the gateway per stream', better: 'less' },
    { name: 'gatewayMB', title: 'gateway MB at most', better: 'less' },
    { name: 'streams', title: 'streams', better: 'more' },
    { name: 'ended', title: 'that ended with the terminal event', better: 'more' },
  ],
  targets: [],
  measure: async (stack, _subject, { options, jobs }) => {
    const streams = jobs(options.streams);
    const { url, child: gateway } = await stack.startGateway();
    const client = await spawnRole('streams', { url });
    try {
      await client.call('submit', streams);
      const before = gateway.memory().rss;
      const open = await client.call('open');
      const after = gateway.memory();
      await stack.startWorker();
      const ends = await client.call('ends');
      const memory = gateway.memory().peak;
      const finished = await stack.query('select id, extract(epoch from finished_at)::float8 * 1000 as at from jobs where finished_at is not null');
      const at = new Map(finished.map((row) => [row.id, row.at]));
      const { p50, p99 } = percentiles(ends.map((/** @type {any} */ { id, at: seen }) => seen - at.get(id)));
      return { eventP50: p50, eventP99: p99, kBPerStream: (after.rss - before) / 1e3 / open, gatewayMB: memory / 1e6, streams: open, ended: ends.length };
    } finally {
      await client.stop();
    }
  },
};
