import { spawnRole } from '../lib/child.mjs';

const REQUESTS = 200;
const WARM_UP = 20;
const WORKS = {
  database: { kind: 'debug.effect', payload: { key: 'blast', ms: 1_000 } },
  cpu: { kind: 'debug.spin', payload: { ms: 50 } },
};

/** Each form with each kind of slow work. */
const SUBJECTS = Object.keys(WORKS).flatMap((work) => [
  { id: `distributed-${work}`, peer: 'longhaul', title: `distributed mode, ${work}`, with: { work, wait: false } },
  { id: `wait-${work}`, peer: 'longhaul-single-process', title: `wait mode (Prefer: wait, one process), ${work}`, with: { work, wait: true } },
  { id: `classic-${work}`, peer: 'handwritten', title: `the work in the request, ${work}`, with: { work, wait: true, classic: true } },
]);

/** @type {import('../lib/run-scenario.mjs').Scenario} */
export const blast = {
  what:
    `${REQUESTS} slow requests at once (each holds a database connection for 1 s, or computes for 50 ms), and what other requests feel meanwhile: ` +
    'GET /health/live and GET /jobs/{id}, each asked twenty times a second until the slow ones are answered, 10 s at least.',
  subjects: () => SUBJECTS,
  metrics: [
    { name: 'jobP99', title: 'GET /jobs/{id} p99 ms', better: 'less' },
    { name: 'jobP50', title: 'p50 ms', better: 'less' },
    { name: 'liveP99', title: 'GET /health/live p99 ms', better: 'less' },
    { name: 'liveP50', title: 'p50 ms', better: 'less' },
    { name: 'answeredP99', title: 'slow request answered p99 ms', better: 'less' },
    { name: 'failed', title: 'failed', better: 'less' },
  ],
  targets: ['database', 'cpu'].map((work) => ({ metric: 'jobP99', of: `distributed-${work}`, against: `wait-${work}`, atMost: 1 })),
  measure: async (stack, subject, { jobs, seconds }) => {
    const { work, wait, classic } = subject.with ?? {};
    const { kind, payload } = WORKS[/** @type {keyof typeof WORKS} */ (work)];
    const classicChild = classic ? await spawnRole('classic', { env: stack.env }) : undefined;
    const url = classicChild ? await classicChild.call('url') : (await stack.startGateway()).url;
    if (stack.peer.mode === 'distributed') await stack.startWorker();
    const probe = await spawnRole('probe', { url });
    try {
      const blast = (/** @type {number} */ requests, /** @type {number} */ time) => probe.call('blast', { requests, kind, payload, wait, seconds: time });
      await blast(WARM_UP, seconds(3)); // No API is new when it is hit.
      return await blast(jobs(REQUESTS), seconds(10));
    } finally {
      await probe.stop();
      await classicChild?.stop();
    }
  },
};
