import { payloadOf } from '../lib/measure.mjs';
import { percentile } from '../lib/statistics.mjs';

const SECONDS = 15;
const PAUSE_MS = 25;
const PEERS = ['longhaul', 'longhaul-single-process', 'bullmq-always', 'bullmq-everysec', 'pg-boss', 'graphile-worker', 'amqplib', 'handwritten'];

/** @type {import('../lib/run-scenario.mjs').Scenario} */
export const latency = {
  what:
    `one job of 256 B at a time on an idle system, submitted in process, ${PAUSE_MS} ms between, for ${SECONDS} s: from the call that submits to the first line of the handler ` +
    '(the monotonic clock that all processes of a machine share); and, for as long again, to when the producer, asking every millisecond, sees the end stored.',
  subjects: () => PEERS.map((peer) => ({ id: peer, peer })),
  metrics: [
    { name: 'startP50', title: 'start p50 ms', better: 'less' },
    { name: 'startP99', title: 'start p99 ms', better: 'less' },
    { name: 'doneP50', title: 'stored p50 ms', better: 'less' },
    { name: 'doneP99', title: 'stored p99 ms', better: 'less' },
    { name: 'jobs', title: 'jobs', better: 'more' },
  ],
  targets: [
    { metric: 'startP50', of: 'longhaul', against: 'bullmq-always', atMost: 1.4 },
    { metric: 'startP99', of: 'longhaul', against: 'bullmq-always', atMost: 1 },
  ],
  measure: async (stack, _subject, { seconds }) => {
    const marking = true;
    const producer = await stack.startProducer(stack.peer.mode === 'single-process' ? { marking } : {});
    const worker = stack.peer.mode === 'single-process' ? producer : await stack.startWorker({ marking });
    const once = (/** @type {number} */ time, watching = false) =>
      producer.call('latency', { seconds: time, payload: payloadOf(256), pauseMs: PAUSE_MS, watching });
    await once(seconds(SECONDS / 3));
    // Apart, for who asks every millisecond is no idle system.
    const jobs = await once(seconds(SECONDS));
    const watched = await once(seconds(SECONDS), true);
    /** @type {Map<string, number>} */
    const starts = new Map(await worker.call('starts'));
    const toStart = jobs.flatMap((/** @type {any} */ { id, submitted }) => (starts.has(id) ? [(starts.get(id) ?? NaN) - submitted] : []));
    const toDone = watched.flatMap((/** @type {any} */ { done, submitted }) => (done === null ? [] : [done - submitted]));
    return {
      startP50: percentile(toStart, 50),
      startP99: percentile(toStart, 99),
      doneP50: percentile(toDone, 50),
      doneP99: percentile(toDone, 99),
      jobs: jobs.length,
    };
  },
};
