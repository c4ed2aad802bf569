import { setTimeout as delay } from 'node:timers/promises';
import { type App, describeIf, hasBroker, type Mode, MODES, spawnApp, startStack, type Stack, waitFor } from '../support/index.js';

/** CANCEL_SECONDS makes it shorter or longer. */
const SECONDS = Number(process.env['CANCEL_SECONDS'] ?? 60);
const BETWEEN_KILLS_MS = 5_000;
const EACH_MS = 40;
/** How long a job works between its effect and its end. */
const WORK_MS = 1_500;
const WORKERS = 2;
const GATEWAYS = 2;

interface Books {
  jobs: number;
  unfinished: number;
  /** Ended otherwise than cancelled, with an acknowledged cancel that does not say that it came too late. */
  lost: number;
  /** Cancelled, though nobody asked for it. */
  unasked: number;
  /** Cancelled before they started, and yet with an attempt. */
  started: number;
  /** Cancelled, and yet with the effect of a handler that came to its end; or with an effect twice; or succeeded without one. */
  wrong: number;
  /** Ended with a cancel that nobody says of what became of it. */
  unexplained: number;
  outcomes: Record<string, number> | null;
}

/** $1: the jobs that were submitted, $2: those of whose cancel an answer said that it is accepted, $3: all that anybody has asked to cancel. */
const BOOKS = `
  WITH effects AS (SELECT job_id, count(*) AS rows FROM debug_effects GROUP BY job_id),
  b AS (SELECT j.*, coalesce(e.rows, 0) AS effects FROM jobs j LEFT JOIN effects e ON e.job_id = j.id WHERE j.id = ANY ($1::uuid[]))
  SELECT count(*)::integer AS jobs, count(*) FILTER (WHERE finished_at IS NULL)::integer AS unfinished,
         count(*) FILTER (WHERE id = ANY ($2::uuid[]) AND state <> 'cancelled' AND cancel ->> 'outcome' IS DISTINCT FROM 'too_late')::integer AS lost,
         count(*) FILTER (WHERE state = 'cancelled' AND NOT id = ANY ($3::uuid[]))::integer AS unasked,
         count(*) FILTER (WHERE cancel ->> 'outcome' = 'not_started' AND started_at IS NOT NULL AND attempt = 0)::integer AS started,
         count(*) FILTER (WHERE effects <> CASE WHEN state = 'succeeded' THEN 1 ELSE 0 END)::integer AS wrong,
         count(*) FILTER (WHERE cancel_requested AND cancel ->> 'outcome' IS NULL)::integer AS unexplained,
         (SELECT json_object_agg(outcome, jobs) FROM (SELECT coalesce(cancel ->> 'outcome', 'none') AS outcome, count(*)::integer AS jobs FROM b GROUP BY 1) o) AS outcomes
  FROM b`;

// Minutes of work: `npm run chaos`, or with CANCEL_SECONDS set.
const wanted = process.env['CHAOS'] === 'all' || process.env['CANCEL_SECONDS'] !== undefined;

describeIf(wanted, 'npm run proofs runs it')('a cancel', () => {
  async function run(mode: Mode): Promise<Books> {
    const env = { LOG_LEVEL: 'warn', DATABASE_POOL: '3', READ_POOL: '1', LEASE_SECONDS: '5', WORKER_CONCURRENCY: '20' };
    const stack: Stack = await startStack({ mode, workers: mode === 'distributed' ? WORKERS : 0, env });
    const gateways: App[] = [stack.gateway];
    const workers: App[] = [...stack.workers];
    const known = { submitted: [] as string[], asked: [] as string[], accepted: [] as string[] };
    /** A call of a gateway that may be killed meanwhile; undefined when it did not answer. */
    const call = async (path: string, body: unknown): Promise<{ status: number; body: { id?: string } } | undefined> => {
      const gateway = gateways[known.submitted.length % gateways.length] as App;
      try {
        const response = await fetch(gateway.url + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(10_000),
        });
        return { status: response.status, body: (await response.json()) as { id?: string } };
      } catch {
        return undefined;
      }
    };
    /** One job, which in two of three cases is cancelled: at once, while it waits, or while it runs. */
    const one = async (number: number): Promise<void> => {
      const made = await call('/jobs', { kind: 'debug.effect', payload: { key: String(number), ms: WORK_MS } });
      const id = made?.status === 202 ? made.body.id : undefined;
      if (id === undefined) return;
      known.submitted.push(id);
      if (number % 3 === 0) return;
      await delay((number * 37) % (2 * WORK_MS));
      known.asked.push(id);
      const answer = await call(`/jobs/${id}/cancel`, {});
      if (answer && answer.status < 300) known.accepted.push(id);
    };
    const replaced = async (apps: App[], index: number, app: 'gateway' | 'worker') => {
      apps[index]?.kill('SIGKILL');
      apps[index] = await spawnApp(app, stack.env);
    };
    try {
      while (gateways.length < GATEWAYS) gateways.push(await spawnApp('gateway', stack.env));
      const end = performance.now() + SECONDS * 1_000;
      const flying: Promise<void>[] = [];
      const submitting = (async () => {
        for (let number = 1; performance.now() < end; number++) {
          flying.push(one(number));
          await delay(EACH_MS);
        }
      })();
      for (let turn = 0; performance.now() < end; turn++) {
        await delay(BETWEEN_KILLS_MS);
        if (mode === 'distributed' && turn % 3 < 2) await replaced(workers, turn % WORKERS, 'worker');
        else await replaced(gateways, turn % GATEWAYS, 'gateway');
      }
      await submitting;
      await Promise.all(flying);
      return await waitFor(
        'all jobs to end',
        async () => {
          const [books] = await stack.query<Books>(BOOKS, [known.submitted, known.accepted, known.asked]);
          return books?.unfinished === 0 && books.jobs === known.submitted.length && books;
        },
        { timeoutMs: 120_000 },
      );
    } finally {
      await Promise.all([...gateways, ...workers].filter((app) => app.isRunning()).map((app) => app.stop()));
      await stack.stop();
    }
  }

  test.each(MODES.filter((mode) => mode === 'single-process' || hasBroker))(
    'that was accepted is obeyed or says that it came too late, and leaves no effect, while processes are killed each five seconds, in %s mode',
    async (mode) => {
      const { jobs, outcomes, ...books } = await run(mode);
      console.log(`cancel, ${mode} mode: ${String(jobs)} jobs; ${JSON.stringify(outcomes)}`);
      expect(books).toEqual({ unfinished: 0, lost: 0, unasked: 0, started: 0, wrong: 0, unexplained: 0 });
      expect(outcomes?.['not_started']).toBeGreaterThan(0);
      expect(outcomes?.['stopped']).toBeGreaterThan(0);
    },
    (SECONDS + 300) * 1_000,
  );
});
