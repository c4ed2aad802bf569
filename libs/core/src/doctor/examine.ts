import { DEFAULT_TENANT, nameIn, tenantIn } from '../job/tenant.js';
import type { ListedWorker } from '../lease/worker-list.js';
import type { Schedule } from '../schedules/schedule.js';
import { type Facts, type Found, type Rule, RULES } from './rules.js';

export type { Facts, Verdict } from './rules.js';

/** What a whole examination looks at. */
export interface Standing extends Facts {
  /** Schedules that Longhaul has paused because their jobs have failed. `id` has its tenant in it, as below. */
  failingSchedules: Pick<Schedule, 'id' | 'pauseReason'>[];
  /** Schedules that nobody has looked at although they are due for minutes. */
  lateSchedules: Pick<Schedule, 'id' | 'unreadable'>[];
  workers: Pick<ListedWorker, 'id' | 'name' | 'late' | 'details'>[];
  /** Tables of which the role of PostgreSQL lacks a right, each with those rights. */
  missingRights: string[];
  /** What RabbitMQ denies its account, each in a sentence or two. */
  brokerDenies: readonly string[];
  /** Others than this host reach the API, and nobody is asked who they are. */
  open: boolean;
}

/** A rule, and what it has found. */
export interface Examined extends Omit<Rule, 'find'> {
  found: Found[];
}

/** One answer stays small, whatever an installation has. */
const MOST_FOUND = 20;

/** Those that only an examination looks at, because their facts are not read each second. */
export const FURTHER_RULES: readonly Rule<Standing>[] = [
  {
    code: 'schedule_failing',
    level: 'warning',
    about: 'schedules',
    wrong: 'A schedule is paused, because its jobs have failed',
    seen: '`pausedBy` of GET /schedules?paused=true is `longhaul`; `pauseReason` has more',
    fix: 'Look at its last jobs, mend what is wrong, and resume it: `longhaul schedules resume` with its id, and with a key of its tenant',
    find: ({ failingSchedules }) =>
      failingSchedules.map(({ id, pauseReason }) => {
        const { name, link } = scheduleOf(id);
        return { message: `${name} is paused: ${pauseReason ?? 'its jobs have failed'}.`, link };
      }),
  },
  {
    code: 'schedule_late',
    level: 'error',
    about: 'schedules',
    wrong: 'A schedule is due, and its tick does not come',
    seen: '`dueAt` of GET /schedules/{id} is minutes ago, or it is 503; the log of gateways has "a schedule cannot tick here"',
    fix: 'Where a key is missing, put it back into LONGHAUL_SECRET_KEYS of every process, or set the schedule anew (docs/operate/encryption.md). Otherwise look at the logs of gateways',
    find: ({ lateSchedules }) =>
      lateSchedules.map(({ id, unreadable }) => {
        const { name, link } = scheduleOf(id);
        return { message: `${name} is due, and its tick does not come${unreadable === undefined ? '' : `: ${unreadable}`}.`, link };
      }),
  },
  {
    code: 'handler_abandoned',
    level: 'warning',
    about: 'workers',
    wrong: 'A worker runs code of an attempt that is over: the handler does not look at its signal',
    seen: '`abandoned` of GET /workers',
    fix: 'Pass `job.signal` on in the handler, or make the kind isolated; to end the code now, drain the worker: `POST /workers/{id}/drain`',
    find: ({ workers }) =>
      workers.flatMap(({ name, details }) => {
        const abandoned = details?.abandoned ?? [];
        const kinds = [...new Set(abandoned.map(({ kind }) => kind))].join(', ');
        return abandoned.length === 0
          ? []
          : [{ message: `Worker ${name} still runs code of ${abandoned.length} ended attempts (${kinds}).`, link: '/workers' }];
      }),
  },
  {
    code: 'versions_differ',
    level: 'warning',
    about: 'workers',
    wrong: 'Workers of several versions run',
    seen: '`version` of GET /workers',
    fix: 'During a deployment nothing. Otherwise start the older ones anew: a rule or a kind of the newer version may be unknown to them',
    find: ({ workers }) => {
      const versions = [...new Set(workers.filter(({ late }) => !late).flatMap(({ details }) => details?.version ?? []))].toSorted();
      return versions.length < 2 ? [] : [{ message: `Workers of the versions ${versions.join(' and ')} run.`, link: '/workers' }];
    },
  },
  {
    code: 'database_denies',
    level: 'error',
    about: 'database',
    wrong: 'The role of PostgreSQL lacks a right on a table: what needs it fails',
    seen: '"permission denied" in logs; answers of 500 or 503',
    fix: 'Grant it (docs/operate/postgres.md). After an upgrade these are mostly new tables: ALTER DEFAULT PRIVILEGES grants them by itself',
    find: ({ missingRights }) =>
      missingRights.map((table) => ({ message: `The role with which this gateway connects to PostgreSQL lacks a right on ${table}.`, link: '/health/ready' })),
  },
  {
    code: 'broker_denies',
    level: 'warning',
    about: 'broker',
    wrong: 'RabbitMQ denies the account of this gateway a right that it can work without, at a cost',
    seen: 'The log says so once for each connection',
    fix: 'Give the account the right (docs/operate/rabbitmq.md), or leave it, if that is meant',
    find: ({ brokerDenies }) => brokerDenies.map((message) => ({ message, link: '/health/ready' })),
  },
  {
    code: 'open_port',
    level: 'warning',
    about: 'settings',
    wrong: 'Whoever reaches this gateway may do everything',
    seen: 'AUTH is off, HOST is not loopback, and LONGHAUL_INSECURE is 1',
    fix: 'Set AUTH=on and make keys (docs/operate/rights.md), or keep the port from strangers by other means',
    find: ({ open }) =>
      open ? [{ message: 'Whoever reaches this gateway may do everything: AUTH is off, and others than this host can reach it.', link: '/' }] : [],
  },
];

const ALL: readonly Rule<Standing>[] = [...RULES, ...FURTHER_RULES];

/** The codes of all rules, in their order. */
export const RULE_CODES: readonly string[] = ALL.map(({ code }) => code);

/** What an operator calls it who looks at all tenants, and where it is for such a key. */
function scheduleOf(id: string): { name: string; link: string } {
  const [name, tenant] = [nameIn(id), tenantIn(id)];
  const [of, whose] = tenant === DEFAULT_TENANT ? ['', ''] : [` of tenant ${tenant}`, `?tenant=${encodeURIComponent(tenant)}`];
  return { name: `Schedule ${name}${of}`, link: `/schedules/${encodeURIComponent(name)}${whose}` };
}

/** All rules in their order, each with what it has found. */
export function examine(standing: Standing): Examined[] {
  return ALL.map(({ find, ...rule }) => ({ ...rule, found: find(standing).slice(0, MOST_FOUND) }));
}
