import { setTimeout as delay } from 'node:timers/promises';
import { type App, describeIf, hasBroker, type Mode, MODES, spawnApp, startStack, waitFor } from '../support/index.js';

/** SCHEDULE_SECONDS makes it shorter or longer. */
const SECONDS = Number(process.env['SCHEDULE_SECONDS'] ?? 300);
const GATEWAYS = 3;
const BETWEEN_KILLS_MS = 10_000;

interface Ticks {
  ticks: number;
  seconds: number;
  jobs: number;
  submitted: number;
  unfinished: number;
  /** From the tick to the commit of its job, in milliseconds. */
  median: number;
  p99: number;
}

const TICKS = `
  SELECT count(*)::integer AS ticks, coalesce((extract(epoch FROM max(t.tick) - min(t.tick)) + 1)::integer, 0) AS seconds,
         count(*) FILTER (WHERE t.outcome = 'submitted')::integer AS submitted,
         (SELECT count(*) FROM jobs WHERE origin IS NOT NULL)::integer AS jobs,
         (SELECT count(*) FROM jobs WHERE origin IS NOT NULL AND state <> 'succeeded')::integer AS unfinished,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM t.at - t.tick) * 1000)::integer AS median,
         percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM t.at - t.tick) * 1000)::integer AS p99
  FROM schedule_ticks t`;

// Minutes of work: `npm run chaos`, or with SCHEDULE_SECONDS set.
const wanted = process.env['CHAOS'] === 'all' || process.env['SCHEDULE_SECONDS'] !== undefined;

describeIf(wanted, 'npm run proofs runs it')('schedules', () => {
  async function run(mode: Mode): Promise<Ticks> {
    const stack = await startStack({ mode, env: { LOG_LEVEL: 'warn', DATABASE_POOL: '3', READ_POOL: '1', LEASE_SECONDS: '5' } });
    const gateways: App[] = [stack.gateway];
    try {
      for (let more = 1; more < GATEWAYS; more++) gateways.push(await spawnApp('gateway', stack.env));
      const schedule = { kind: 'debug.echo', payload: { value: 1 }, spec: { cron: '* * * * * *' }, overlap: 'allow' };
      const { status } = await stack.api.call('PUT', '/schedules/each-second', schedule);
      if (status !== 201) throw new Error(`expected the schedule to be made, got ${String(status)}`);
      const end = performance.now() + SECONDS * 1_000;
      for (let turn = 0; performance.now() < end; turn++) {
        await delay(BETWEEN_KILLS_MS);
        gateways[turn % GATEWAYS]?.kill('SIGKILL');
        gateways[turn % GATEWAYS] = await spawnApp('gateway', stack.env);
      }
      await stack.query(`UPDATE schedules SET due_at = NULL, paused_at = now()`);
      return await waitFor(
        'all jobs to succeed',
        async () => {
          const [ticks] = await stack.query<Ticks>(TICKS);
          return ticks?.unfinished === 0 && ticks;
        },
        { timeoutMs: 60_000 },
      );
    } finally {
      await Promise.all(gateways.filter((gateway) => gateway.isRunning()).map((gateway) => gateway.stop()));
      await stack.stop();
    }
  }

  test.each(MODES.filter((mode) => mode === 'single-process' || hasBroker))(
    `of each second have one job for each tick while one of ${String(GATEWAYS)} gateways is killed each ten seconds, in %s mode`,
    async (mode) => {
      const { ticks, seconds, jobs, submitted, median, p99 } = await run(mode);
      console.log(
        `schedules, ${mode} mode: ${String(ticks)} ticks, ${String(jobs)} jobs; from tick to job ${String(median)} ms (median), ${String(p99)} ms (99 %)`,
      );
      expect({ seconds, jobs, submitted }).toEqual({ seconds: ticks, jobs: ticks, submitted: ticks });
      expect(ticks).toBeGreaterThanOrEqual(SECONDS);
    },
    (SECONDS + 240) * 1_000,
  );
});
