import type { ParseArgsConfig } from 'node:util';
import { LIMIT_FLAGS } from './limit-flags.js';
import { KEEP_FLAG, OPTION_FLAGS } from './option-flags.js';
import { SCHEDULE_FLAGS } from './schedule-flags.js';
import { TENANT_FLAGS } from './tenant-flags.js';

export type Options = NonNullable<ParseArgsConfig['options']>;

/** A command that calls a running gateway. */
export interface Command {
  /** Its lines of `--help`. What the first of them says up to its first stop is also what a shell says of it. */
  usage: string;
  /** What it does with what it lists, by its first argument. Without one it lists. */
  actions?: readonly string[];
  options: Options;
}

/** Of each of them. */
export const SHARED = { url: { type: 'string' }, 'api-key': { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;

const TEXT = { type: 'string' } as const;
const TEXTS = { type: 'string', multiple: true } as const;
/** Conditions on jobs, of a list and of an act on many, by their names in the API. */
export const CONDITIONS = [
  'state',
  'kind',
  'queue',
  'tag',
  'schedule',
  'id',
  'idempotencyKey',
  'error',
  'payload',
  'createdFrom',
  'createdTo',
  'finishedFrom',
  'finishedTo',
] as const;
const SEVERAL: readonly string[] = ['state', 'kind', 'tag'];
export const flagOf = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const CONDITION_FLAGS = Object.fromEntries(CONDITIONS.map((name) => [flagOf(name), SEVERAL.includes(name) ? TEXTS : TEXT]));
/** Of an act on many jobs. */
const ACT_FLAGS = { reason: TEXT, by: TEXT, all: { type: 'boolean' }, ...CONDITION_FLAGS, before: TEXT, rate: TEXT, 'dry-run': { type: 'boolean' } } as const;

/** What an option may be, where that is a choice of words. */
export const CHOICES: Readonly<Record<string, readonly string[]>> = {
  state: ['scheduled', 'queued', 'running', 'succeeded', 'failed', 'cancelled'],
  order: ['newest', 'oldest'],
  source: ['job', 'message'],
  cost: ['count', 'time'],
  overlap: ['skip', 'buffer', 'allow', 'cancel'],
  missed: ['skip', 'last', 'all'],
  shows: ['result', 'files'],
  [KEEP_FLAG]: ['oldest', 'newest'],
};

/** The commands in the order of `--help`: what is read, what is said of them, and what a shell completes. */
export const COMMANDS = {
  submit: {
    usage: `  submit <kind> [payload]   Submit a job. The payload is JSON, @file, or - for stdin; {} when left out.`,
    options: {
      key: TEXT,
      ...Object.fromEntries(OPTION_FLAGS.map(({ flag, is }) => [flag, is === 'texts' ? { type: 'string', multiple: true } : TEXT])),
      [KEEP_FLAG]: TEXT,
      wait: { type: 'boolean' },
      'dry-run': { type: 'boolean' },
    },
  },
  watch: {
    usage: `  watch <id>                Follow a job to its end, with a progress bar on a terminal.`,
    options: {},
  },
  get: {
    usage: `  get <id>                  Show a job.`,
    options: {},
  },
  why: {
    usage: `  why <id>                  Say why a job has not started, how many are before it, and when it will start.`,
    options: {},
  },
  link: {
    usage: `  link <id>                 Make a link to a page that says how a job stands, for somebody who waits and has no key. --title <text>, --shows result|files (repeatable): what
                            can be downloaded there, --until <time>, --timezone <zone>, --reason <text>.`,
    options: { title: TEXT, shows: TEXTS, until: TEXT, timezone: TEXT, reason: TEXT },
  },
  list: {
    usage: `  list                      List jobs, newest first, by any choice of conditions; --tenant <name>: of this one alone.`,
    options: { ...CONDITION_FLAGS, tenant: TEXT, order: TEXT, count: { type: 'boolean' }, limit: TEXT, cursor: TEXT },
  },
  cancel: {
    usage: `  cancel <id>               Cancel a job; one that runs is asked to stop. --reason <text>, --by <name>, --grace-ms <n>: how long it has to obey.
  cancel <conditions>, --before <time>, or --all
                            Cancel all jobs that match (conditions as those of list), and follow the job that does it; --rate <n> a second at most; --dry-run only counts them.`,
    options: { ...ACT_FLAGS, 'grace-ms': TEXT },
  },
  reprioritise: {
    usage: `  reprioritise <0-9>        Give the jobs that match and wait another priority: conditions, --rate and --dry-run as those of cancel; --reason <text>, --by <name>.`,
    options: ACT_FLAGS,
  },
  move: {
    usage: `  move <queue>              Give the jobs that match and wait to another queue; the same options.`,
    options: ACT_FLAGS,
  },
  redrive: {
    usage: `  redrive <id>              Put a failed job back, with all its attempts: --note <text> says why.
  redrive --reason <reason>, --kind, --queue, --source <job|message>, --group <group>, or --all
                            Put back all dead letters that match, 1,000 at most; --dry-run only counts them; --note <text>.`,
    options: { all: { type: 'boolean' }, reason: TEXT, kind: TEXT, queue: TEXT, source: TEXT, group: TEXT, 'dry-run': { type: 'boolean' }, note: TEXT },
  },
  erase: {
    usage: `  erase --tag <tag>         Erase all that is stored of the jobs with a tag, follow the job that does it, and print the proof; --dry-run only counts. --rate <n> a second
                            at most, --keep-files, --reason <text>, --tenant <name>. erase show <id> prints the proof of one;
                            erase list lists them, newest first: --tag <tag>, --tenant <name>, --limit <n>, --cursor <id>.`,
    actions: ['list', 'show'],
    options: {
      tag: TEXT,
      tenant: TEXT,
      reason: TEXT,
      rate: TEXT,
      limit: TEXT,
      cursor: TEXT,
      'keep-files': { type: 'boolean' },
      'dry-run': { type: 'boolean' },
    },
  },
  'dead-letters': {
    usage: `
  dead-letters              List the causes of what was given up; dead-letters list has the letters, of one cause with --group <group>; --reason, --kind, --queue,
                            --source <job|message> and --tenant <name> restrict both, --limit <n> and --cursor <id> page.
  dead-letters show <id>    Show one: the bytes and headers of its message, or the payload and the error of its job.
  dead-letters redrive <id> Put one back, with another --payload <json|@file|-> if given; in place of the id --group, --reason, --kind, --queue, --source, or --all:
                            all that match, 1,000 at most; --dry-run only counts them. dead-letters discard puts away. Both: --note <text>, --by <name>.
                            With --rate <n> a job does either to all that match, so many a second, and is followed; --from <time>, --to <time>.`,
    actions: ['groups', 'list', 'show', 'redrive', 'discard'],
    options: {
      ...{ all: { type: 'boolean' }, reason: TEXT, kind: TEXT, queue: TEXT, source: TEXT, group: TEXT, 'dry-run': { type: 'boolean' } },
      ...{ limit: TEXT, cursor: TEXT, payload: TEXT, note: TEXT, by: TEXT, rate: TEXT, from: TEXT, to: TEXT, tenant: TEXT },
    },
  },
  limits: {
    usage: `
  limits                    List the limits, and how they are used; limits get <name> shows one with its keys.
  limits set <name>         Set a limit: --kind, --queue, --tag say for which jobs (all of them when left out), --per kind|queue|tag:<name>
                            gives each value its own, --concurrency <n>, --rate <10/s|600/m|1000/h>, --burst <n>, --strict.
  limits override <name>    --concurrency <n> --until <time>: another concurrency for a time; --end ends it.
  limits delete <name>      Take away a limit that was set. What changes limits takes --reason <text>.
  limits export [file]      Write those that were set through the API as JSON; limits import <file> sets them, --dry-run says what would change.`,
    actions: ['get', 'set', 'delete', 'override', 'export', 'import'],
    options: LIMIT_FLAGS,
  },
  retention: {
    usage: `
  retention                 List how long finished jobs are kept, rule by rule; --tenant <name>: those of this one, and those for all.
  retention set <kinds>     For a kind, "report.*" or "*": --succeeded <7d|forever>, --failed <30d|forever>, or both; --tenant <name>: for its jobs alone.
  retention delete <kinds>  Take away a rule that was set. What changes rules takes --reason <text>.`,
    actions: ['list', 'set', 'delete'],
    options: { tenant: TEXT, succeeded: TEXT, failed: TEXT, reason: TEXT },
  },
  queues: {
    usage: `
  queues                    List the queues: jobs that are ready for a worker, wait for their turn, are parked for a limit, run; who has paused which, and why.
  queues show <name>        Show one; queues declare <name> makes one known, queues delete <name> takes away an empty one.
  queues set <name>         --fair tag:<name>|kind shares its workers between the values of a tag, or kinds: --cost count|time, --weight <key>=<n>
                            (repeatable). --fair off: first in, first out.
  queues pause <name>       Start no job of it: --reason <text>, --by <name>; queues resume <name> ends that.`,
    actions: ['show', 'set', 'pause', 'resume', 'declare', 'delete'],
    options: { reason: TEXT, by: TEXT, fair: TEXT, cost: TEXT, weight: { type: 'string', multiple: true } },
  },
  kinds: {
    usage: `  kinds                     List the kinds; kinds pause <kind> starts no job of it: --reason <text>, --by <name>; kinds resume <kind> ends that.
                            What changes queues and kinds takes --reason <text>.`,
    actions: ['pause', 'resume'],
    options: { reason: TEXT, by: TEXT },
  },
  schedules: {
    usage: `
  schedules                 List the schedules (--kind, --paused); schedules show <id> shows one with its next runs and its last ticks; both: --tenant <name>.
  schedules put <id>        Set a schedule: --kind <kind>, --cron <pattern> with --timezone <zone>, or --every <15m> with --anchor <time>, or --at <time>;
                            --payload <json|@file|->, --options <json|@file>, --description <text>, --overlap skip|buffer|allow|cancel,
                            --missed skip|last|all, --missed-window <1d>, --jitter <10m>, --starts-at <time>, --ends-at <time>,
                            --pause-after-failures <n>; --revision <n|none>: only if it is of that revision, or not there yet.
  schedules preview         When a --cron, --every or --at would tick; --count <n>. Sets nothing.
  schedules pause <id>      --reason <text>, --by <name>; schedules resume <id> lets it go on.
  schedules trigger <id>    One job now; --key <key>: once for all repeats. Prints the job's id.
  schedules backfill <id>   --from <time> --to <time>: a job for each tick of that time that has none; --dry-run only counts them.
  schedules delete <id>     Delete a schedule. Its jobs stay. What changes schedules takes --reason <text>.
  schedules export [file]   Write those that were set through the API as JSON; schedules import <file> sets them, --dry-run says what would change.`,
    actions: ['list', 'show', 'put', 'pause', 'resume', 'trigger', 'backfill', 'delete', 'preview', 'export', 'import'],
    options: SCHEDULE_FLAGS,
  },
  stats: {
    usage: `
  stats                     Say how the installation stands: what is not well and what to do, figures of now, of the last minute and of the last day, the queues.`,
    options: {},
  },
  alerts: {
    usage: `  alerts                    List what is not well since when, and what to do; --ended what was in the last 30 days, --all both: --rule <code>, --limit <n>, --cursor <id>.`,
    options: { ended: { type: 'boolean' }, all: { type: 'boolean' }, rule: TEXT, limit: TEXT, cursor: TEXT },
  },
  audit: {
    usage: `  audit                     List who has changed what, newest first: --subject, --action, --target <path>, --from <time>, --to <time>, --tenant <name>, --limit <n>,
                            --cursor <id>.`,
    options: { tenant: TEXT, subject: TEXT, action: TEXT, target: TEXT, from: TEXT, to: TEXT, limit: TEXT, cursor: TEXT },
  },
  tenants: {
    usage: `  tenants                   List the tenants; tenants show <name> shows what one may have and has, without a name that of your own key's tenant.
  tenants set <name>        Set quotas, others stay: --unfinished-jobs, --submissions-per-second, --submissions-burst, --file-bytes, --schedules,
                            --webhook-endpoints, --emails-per-hour, --waits, --streams, --uploads, each <n>, none (no bound) or default (as the settings have it).
  tenants reset <name>      Take away what was set for it. What changes tenants takes --reason <text>.`,
    actions: ['list', 'show', 'set', 'reset'],
    options: TENANT_FLAGS,
  },
  webhooks: {
    usage: `  webhooks                  List the endpoints that are told of jobs; webhooks test <id> sends one a signed test event now, and says what it answered: --reason <text>.
                            webhooks list --tenant <name>: those of this one alone.`,
    actions: ['list', 'test'],
    options: { reason: TEXT, tenant: TEXT },
  },
  workers: {
    usage: `  workers                   List the workers, and what they run; workers drain <id> lets one end: --reason <text>, --by <name>.
  workers assign <id…>      --queues <a,b>: take from these queues in place of WORKER_QUEUES, without a restart, until the process ends; workers
                            unassign <id…> ends it before. In place of ids: --all, --host <name>, --taking <queue>. --wait waits until they do.`,
    actions: ['drain', 'assign', 'unassign'],
    options: { reason: TEXT, by: TEXT, queues: TEXT, all: { type: 'boolean' }, host: TEXT, taking: TEXT, wait: { type: 'boolean' } },
  },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof COMMANDS;
