import type { QueueStats } from '../control/job-reader.js';
import type { Counts, FailureGroup } from '../stats/stats-store.js';
import type { Exceeded } from '../submit/admission-decision.js';
import type { BrokerState } from '../why/explain.js';

/** `error`: jobs wait that would run otherwise, or are refused. `warning`: somebody should look. */
export type Level = 'error' | 'warning';

/** What rules look at; one whose facts are not known here is left out. */
export interface Facts {
  broker: BrokerState;
  /** Why it is not `up`, with its own text, as far as that is known. */
  brokerReason?: string | undefined;
  /** How long the database took to answer the shortest question, in milliseconds. */
  databaseMs: number;
  queues: QueueStats[];
  /** By queue, what happened in the last minute. */
  lastMinute: ReadonlyMap<string, Counts>;
  /** Workers whose lease is over. */
  lateWorkers: number;
  /** Limits of admission that are reached. */
  exceeded: Exceeded[];
  /** Dead letters of the last hour. */
  failures: FailureGroup[];
}

export interface Found {
  /** One sentence, or two. */
  message: string;
  /** A path of the API that shows it. */
  link: string;
}

/** One way in which an installation may not be well. `F`: what the rule looks at. */
export interface Rule<F = Facts> {
  code: string;
  level: Level;
  about: 'broker' | 'database' | 'queues' | 'workers' | 'submissions' | 'jobs' | 'schedules' | 'settings';
  /** What is wrong. */
  wrong: string;
  /** How one sees it. */
  seen: string;
  /** What to do. */
  fix: string;
  find: (facts: F) => Found[];
}

/** A worker that is started anew needs so long until it takes jobs: a queue without one is no fault before. */
const WITHOUT_WORKER_SECONDS = 5;
const SLOW_MS = 500;
/** A queue is behind when its oldest job has waited for so long, while more came than ended. */
const BEHIND_SECONDS = 60;

/** In the order in which they are told: what keeps most jobs from running comes first. */
export const RULES: readonly Rule[] = [
  {
    code: 'broker_away',
    level: 'error',
    about: 'broker',
    wrong: 'RabbitMQ cannot be reached',
    seen: '`broker` of GET /health/ready is `down`; `longhaul_amqp_up` is 0',
    fix: 'Start RabbitMQ, or correct AMQP_URL: /health/ready has its own reason. Accepted jobs wait in PostgreSQL and go out by themselves',
    find: ({ broker, brokerReason }) => {
      const why = brokerReason === undefined ? '' : ` (${brokerReason})`;
      return broker === 'down'
        ? [{ message: `RabbitMQ cannot be reached${why}. Jobs are accepted and wait in PostgreSQL until it is back.`, link: '/health/ready' }]
        : [];
    },
  },
  {
    code: 'broker_blocked',
    level: 'error',
    about: 'broker',
    wrong: 'RabbitMQ takes no messages',
    seen: '`broker` of GET /health/ready is `blocked`; `longhaul_amqp_blocked` is 1',
    fix: 'Give RabbitMQ memory or disk: it has raised an alarm (`rabbitmq-diagnostics alarms`)',
    find: ({ broker }) =>
      broker === 'blocked'
        ? [{ message: 'RabbitMQ takes no messages: it is short of memory or disk. Jobs are accepted and wait.', link: '/health/ready' }]
        : [],
  },
  {
    code: 'overloaded',
    level: 'error',
    about: 'submissions',
    wrong: 'Submissions are refused, because a limit of admission is reached',
    seen: '`exceeded` of GET /health/ready; `longhaul_overloaded` is 1; callers get 429 or 503 with Retry-After',
    fix: 'Run more workers, or raise the limit (docs/operate/limits.md)',
    find: ({ exceeded }) =>
      exceeded.map(({ signal, limit, measured, queue }) => ({
        message: `Submissions${queue === undefined ? '' : ` to queue ${queue}`} are refused: ${signal} is ${Math.round(measured)}, and its limit ${limit}.`,
        link: '/health/ready',
      })),
  },
  {
    code: 'no_worker',
    level: 'error',
    about: 'queues',
    wrong: 'A queue has jobs, and no live worker takes from it',
    seen: '`consumers` of GET /queues is 0 while `queued` is not; GET /jobs/{id}/why of its jobs says `no_worker`',
    fix: 'Start a worker whose WORKER_QUEUES is empty or names the queue, or assign the queue to one that runs: longhaul workers assign',
    find: ({ queues }) =>
      queues
        .filter(
          ({ paused, queued, consumers, oldestAgeSeconds }) => !paused && queued > 0 && consumers === 0 && (oldestAgeSeconds ?? 0) >= WITHOUT_WORKER_SECONDS,
        )
        .map(({ name, queued, oldestAgeSeconds }) => ({
          message: `${jobs(queued)} of queue ${name} ${queued === 1 ? 'waits' : 'wait'} for a worker, the oldest for ${span(oldestAgeSeconds ?? 0)}: none takes this queue.`,
          link: '/workers',
        })),
  },
  {
    code: 'database_slow',
    level: 'warning',
    about: 'database',
    wrong: 'PostgreSQL answers slowly',
    seen: `\`databaseMs\` of GET /stats is above ${SLOW_MS}; \`longhaul_database_pool_waiting\` is above 0`,
    fix: 'Look at its load and its disk (docs/operate/postgres.md)',
    find: ({ databaseMs }) =>
      databaseMs > SLOW_MS ? [{ message: `PostgreSQL took ${Math.round(databaseMs)} ms to answer the shortest question.`, link: '/health/ready' }] : [],
  },
  {
    code: 'worker_late',
    level: 'warning',
    about: 'workers',
    wrong: 'A worker does not renew its lease: it has died, is frozen, or is cut off from PostgreSQL',
    seen: '`state` of GET /workers is `late`',
    fix: 'Its jobs are taken over. Look at its host and its log',
    find: ({ lateWorkers }) =>
      lateWorkers > 0
        ? [
            {
              message: `${lateWorkers === 1 ? 'A worker has' : `${lateWorkers} workers have`} not renewed its lease: its jobs are taken over.`,
              link: '/workers',
            },
          ]
        : [],
  },
  {
    code: 'queue_paused',
    level: 'warning',
    about: 'queues',
    wrong: 'A queue is paused, and jobs wait in it',
    seen: '`paused` of GET /queues, with who has paused it, since when and why',
    fix: 'Resume it: `POST /queues/{name}/resume`',
    find: ({ queues }) =>
      queues
        .filter(({ paused, queued }) => paused && queued > 0)
        .map(({ name, queued, pausedBy, pauseReason }) => ({
          message: `Queue ${name} is paused${pausedBy === null ? '' : ` by ${pausedBy}`}${pauseReason === null ? '' : ` (${pauseReason})`}; ${jobs(queued)} ${queued === 1 ? 'waits' : 'wait'} in it.`,
          link: '/queues',
        })),
  },
  {
    code: 'queue_behind',
    level: 'warning',
    about: 'queues',
    wrong: 'A queue gets more jobs than its workers do',
    seen: '`queues[].lastMinute` of GET /stats: more accepted than ended, and `oldestAgeSeconds` grows',
    fix: 'Run more workers for it, raise WORKER_CONCURRENCY, or look whether a limit holds its jobs back (GET /limits)',
    find: ({ queues, lastMinute }) =>
      queues.flatMap(({ name, paused, consumers, oldestAgeSeconds }) => {
        const counts = lastMinute.get(name);
        if (paused || consumers === 0 || !counts || (oldestAgeSeconds ?? 0) < BEHIND_SECONDS) return [];
        const ended = counts.succeeded + counts.failed + counts.cancelled;
        if (counts.accepted <= ended) return [];
        return [{ message: `Queue ${name} gets more than it does: ${counts.accepted} came in the last minute, ${ended} ended.`, link: '/queues' }];
      }),
  },
  {
    code: 'new_failures',
    level: 'warning',
    about: 'jobs',
    wrong: 'Jobs have failed for good in the last hour, and nobody has put them back',
    seen: 'GET /dead-letters',
    fix: 'Look at their errors; put them back when the cause is gone (`POST /dead-letters/redrive`)',
    find: ({ failures }) => {
      const open = failures.filter((group) => group.open > 0).toSorted((a, b) => b.open - a.open);
      const [first] = open;
      if (!first) return [];
      const all = open.reduce((sum, group) => sum + group.open, 0);
      const of = `${first.kind ?? 'messages'} (${first.reason.replaceAll('_', ' ')})`;
      const most = open.length === 1 ? `, all of ${of}` : `, ${first.open} of them of ${of}`;
      const what = open.every(({ source }) => source === 'job') ? jobs(all) : `${all} jobs and messages`;
      return [{ message: `${what} ${all === 1 ? 'has' : 'have'} failed in the last hour${all === 1 ? `: ${of}` : most}.`, link: '/dead-letters' }];
    },
  },
];

/** One thing that is not well, with the rule that has found it. */
export interface Finding extends Omit<Rule, 'find'>, Found {}

/** Everything that is not well: what is urgent first, then in the order of the rules. */
export function findings(facts: Facts, rules = RULES): Finding[] {
  const found = rules.flatMap(({ find, ...rule }) => find(facts).map((each): Finding => ({ ...rule, ...each })));
  return [...found.filter(({ level }) => level === 'error'), ...found.filter(({ level }) => level !== 'error')];
}

/** One sentence for people. */
export interface Verdict {
  ok: boolean;
  level: 'ok' | Level;
  /** Of the rule; `ok` where nothing was found. */
  code: string;
  message: string;
  link: string | null;
  /** What else was found. */
  more: number;
}

export function verdictOf(found: Finding[]): Verdict {
  const [first] = found;
  if (!first) return { ok: true, level: 'ok', code: 'ok', message: 'Everything runs.', link: null, more: 0 };
  const { level, code, message, link } = first;
  return { ok: false, level, code, message, link, more: found.length - 1 };
}

const jobs = (count: number): string => `${count} ${count === 1 ? 'job' : 'jobs'}`;

function span(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}
