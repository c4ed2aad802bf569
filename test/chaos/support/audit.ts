import type { EventCollector } from './event-collector.js';
import type { Entry, Ledger } from './ledger.js';
import type { World } from './world.js';

/** The figures of one run. What must be 0 is listed in `MUST_BE_ZERO`. */
export interface Audit {
  accepted: number;
  jobs: number;
  succeeded: number;
  failed: number;
  cancelled: number;
  lost: number;
  stuck: number;
  keysWithTwoJobs: number;
  insideTwice: number;
  insideMissing: number;
  insideWithoutSuccess: number;
  /** Jobs whose effect outside the transaction happened more than once: at least once is what is promised there … */
  outsideTwice: number;
  /** … and each repetition belongs to a run of its own, with its own fence. */
  outsideTwiceInOneRun: number;
  tooManyAttempts: number;
  eventsMissing: number;
  eventsContradicting: number;
  /** Repeated by Longhaul under the same message id. */
  eventsRepeated: number;
  deadLetters: number;
  deadLettersMissing: number;
  deadLettersWithoutReason: number;
  outboxLeft: number;
  /** HTTP answers that no request may get: 5xx other than 503. */
  serverErrors: number;
}

export const MUST_BE_ZERO = [
  'lost', 'stuck', 'keysWithTwoJobs', 'insideTwice', 'insideMissing', 'insideWithoutSuccess', 'outsideTwiceInOneRun', 'tooManyAttempts',
  'eventsMissing', 'eventsContradicting', 'deadLettersMissing', 'deadLettersWithoutReason', 'outboxLeft', 'serverErrors',
] as const satisfies (keyof Audit)[]; // prettier-ignore

/** One query for all that the database can tell. Terminal: as the lifecycle has it. */
const FIGURES = `
  WITH inside AS (
    SELECT job_id, count(*) AS n FROM debug_ledger WHERE place = 'inside' GROUP BY job_id
  ), outside AS (
    SELECT job_id, count(*) AS n, count(DISTINCT fence) AS runs FROM debug_ledger WHERE place = 'outside' GROUP BY job_id
  )
  SELECT
    count(*)::int AS jobs,
    count(*) FILTER (WHERE state = 'succeeded')::int AS succeeded,
    count(*) FILTER (WHERE state = 'failed')::int AS failed,
    count(*) FILTER (WHERE state = 'cancelled')::int AS cancelled,
    count(*) FILTER (WHERE state NOT IN ('succeeded', 'failed', 'cancelled'))::int AS stuck,
    count(*) FILTER (WHERE inside.n > 1)::int AS "insideTwice",
    count(*) FILTER (WHERE kind = 'debug.ledger' AND state = 'succeeded' AND inside.n IS NULL)::int AS "insideMissing",
    count(*) FILTER (WHERE inside.n IS NOT NULL AND state <> 'succeeded')::int AS "insideWithoutSuccess",
    count(*) FILTER (WHERE outside.n > 1)::int AS "outsideTwice",
    count(*) FILTER (WHERE outside.n > outside.runs)::int AS "outsideTwiceInOneRun",
    count(*) FILTER (WHERE attempt > max_attempts)::int AS "tooManyAttempts",
    count(*) FILTER (WHERE state = 'failed' AND NOT EXISTS (SELECT FROM dead_letters d WHERE d.job_id = jobs.id AND d.source = 'job'))::int AS "deadLettersMissing",
    (SELECT count(*)::int FROM dead_letters) AS "deadLetters",
    (SELECT count(*)::int FROM dead_letters WHERE reason IN ('', 'unknown')) AS "deadLettersWithoutReason",
    (SELECT count(*)::int FROM outbox WHERE $1::text = 'distributed') AS "outboxLeft"
  FROM jobs LEFT JOIN inside ON inside.job_id = jobs.id LEFT JOIN outside ON outside.job_id = jobs.id`;

export async function audit(world: World, ledger: Ledger, collector: EventCollector | undefined): Promise<Audit> {
  const accepted = ledger.all();
  const [figures] = await world.query<Omit<Audit, 'accepted' | 'lost' | 'keysWithTwoJobs' | keyof EventFigures | 'serverErrors'>>(FIGURES, [world.mode]);
  if (!figures) throw new Error('expected figures, got none');
  const keys = await keyedJobs(world);
  return {
    accepted: accepted.length,
    ...figures,
    lost: await countLost(world, accepted, keys),
    keysWithTwoJobs: accepted.filter(({ key, ids }) => new Set([...ids, ...(keys.get(key) ?? [])]).size > 1).length,
    ...(collector ? await eventFigures(world, collector) : { eventsMissing: 0, eventsContradicting: 0, eventsRepeated: 0 }),
    serverErrors: [...ledger.refusals].filter(([status]) => status >= 500 && status !== 503).reduce((sum, [, count]) => sum + count, 0),
  };
}

/** What is wrong, a line each; empty when every promise was kept. */
export function violations(figures: Audit): string[] {
  return MUST_BE_ZERO.filter((name) => figures[name] !== 0).map((name) => `${name}: ${String(figures[name])}`);
}

async function keyedJobs(world: World): Promise<Map<string, string[]>> {
  const rows = await world.query<{ key: string; job_id: string }>('SELECT key, job_id FROM idempotency_keys');
  const keys = new Map<string, string[]>();
  for (const { key, job_id } of rows) keys.set(key, [...(keys.get(key) ?? []), job_id]);
  return keys;
}

/** Accepted, and neither a job nor (what came by AMQP) a dead letter. */
async function countLost(world: World, accepted: Entry[], keys: Map<string, string[]>): Promise<number> {
  const there = new Set((await world.query<{ id: string }>('SELECT id FROM jobs')).map(({ id }) => id));
  const letters = new Set(
    (await world.query<{ message_id: string }>(`SELECT message_id FROM dead_letters WHERE source = 'message'`)).map((row) => row.message_id),
  );
  return accepted.filter(({ key, ids }) => {
    const known = [...ids, ...(keys.get(key) ?? [])];
    return known.length === 0 ? !letters.has(key) : known.some((id) => !there.has(id));
  }).length;
}

type EventFigures = Pick<Audit, 'eventsMissing' | 'eventsContradicting' | 'eventsRepeated'>;

async function eventFigures(world: World, collector: EventCollector): Promise<EventFigures> {
  const jobs = await world.query<{ id: string; state: string; redrives: number }>(
    `SELECT id, state, redrives FROM jobs WHERE state IN ('succeeded', 'failed', 'cancelled')`,
  );
  const figures: EventFigures = { eventsMissing: 0, eventsContradicting: 0, eventsRepeated: 0 };
  for (const { id, state, redrives } of jobs) {
    const events = collector.events.get(id) ?? [];
    const last = `${id}.${state}.${String(redrives)}`;
    if (!events.some(({ messageId }) => messageId === last)) figures.eventsMissing++;
    // Without a redrive a job has one outcome, whatever was lost or repeated on the way.
    if (redrives === 0 && events.some(({ messageId }) => messageId !== last)) figures.eventsContradicting++;
    figures.eventsRepeated += events.filter(({ redelivered }) => !redelivered).length - new Set(events.map(({ messageId }) => messageId)).size;
  }
  return figures;
}
