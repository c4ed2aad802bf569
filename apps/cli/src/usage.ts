import { KEEP_FLAG, linesOf, OPTION_FLAGS } from './option-flags.js';
import { PROCESS_COMMANDS } from './processes/index.js';

/** A mistake in the command line. It is printed without a stack, and the exit code is 2. */
export class UsageError extends Error {}

/** The exit codes. Scripts rely on them. */
export const EXIT = { ok: 0, jobFailed: 1, usage: 2, unreachable: 3, refused: 4, interrupted: 130 } as const;

const processes = PROCESS_COMMANDS.map(({ name, summary }) => `  ${name.padEnd(24)}  ${summary}`).join('\n');

const options = linesOf(
  OPTION_FLAGS.map(({ flag, is, shown }) => `--${flag} ${shown}${is === 'texts' ? ' (repeatable)' : is === 'unique' ? ` --${KEEP_FLAG} <oldest|newest>` : ''}`),
);

export const USAGE = `Usage: longhaul <command> [options]

Commands that run Longhaul, in the folder of longhaul.config.ts; settings come from the environment and from .env there:
${processes}

Commands that call a running gateway:
  submit <kind> [payload]   Submit a job. The payload is JSON, @file, or - for stdin; {} when left out.
  watch <id>                Follow a job to its end, with a progress bar on a terminal.
  get <id>                  Show a job.
  why <id>                  Say why a job has not started, how many are before it, and when it will start.
  list                      List jobs, newest first, by any choice of conditions.
  cancel <id>               Cancel a job; one that runs is asked to stop. --reason <text>, --by <name>, --grace-ms <n>: how long it has to obey.
  cancel <conditions>, --before <time>, or --all
                            Cancel all jobs that match (conditions as those of list), and follow the job that does it; --rate <n> a second at most; --dry-run only counts them.
  reprioritise <0-9>        Give the jobs that match and wait another priority: conditions, --rate and --dry-run as those of cancel; --reason <text>, --by <name>.
  move <queue>              Give the jobs that match and wait to another queue; the same options.
  redrive <id>              Put a failed job back, with all its attempts: --note <text> says why.
  redrive --reason <reason>, --kind, --queue, --source <job|message>, --group <group>, or --all
                            Put back all dead letters that match, 1,000 at most; --dry-run only counts them; --note <text>.

  dead-letters              List the causes of what was given up; dead-letters list has the letters, of one cause with --group <group>; --reason, --kind, --queue,
                            --source <job|message> restrict both, --limit <n> and --cursor <id> page.
  dead-letters show <id>    Show one: the bytes and headers of its message, or the payload and the error of its job.
  dead-letters redrive <id> Put one back, with another --payload <json|@file|-> if given; in place of the id --group, --reason, --kind, --queue, --source, or --all:
                            all that match, 1,000 at most; --dry-run only counts them. dead-letters discard puts away. Both: --note <text>, --by <name>.
                            With --rate <n> a job does either to all that match, so many a second, and is followed; --from <time>, --to <time>.

  limits                    List the limits, and how they are used; limits get <name> shows one with its keys.
  limits set <name>         Set a limit: --kind, --queue, --tag say for which jobs (all of them when left out), --per kind|queue|tag:<name>
                            gives each value its own, --concurrency <n>, --rate <10/s|600/m|1000/h>, --burst <n>, --strict.
  limits override <name>    --concurrency <n> --until <time>: another concurrency for a time; --end ends it.
  limits delete <name>      Take away a limit that was set. What changes limits takes --reason <text>.

  queues                    List the queues: jobs that are ready for a worker, wait for their turn, are parked for a limit, run; who has paused which, and why.
  queues show <name>        Show one; queues declare <name> makes one known, queues delete <name> takes away an empty one.
  queues set <name>         --fair tag:<name>|kind shares its workers between the values of a tag, or kinds: --cost count|time, --weight <key>=<n>
                            (repeatable). --fair off: first in, first out.
  queues pause <name>       Start no job of it: --reason <text>, --by <name>; queues resume <name> ends that.
  kinds                     List the kinds; kinds pause <kind> starts no job of it: --reason <text>, --by <name>; kinds resume <kind> ends that.
                            What changes queues and kinds takes --reason <text>.

  schedules                 List the schedules (--kind, --paused); schedules show <id> shows one with its next runs and its last ticks.
  schedules put <id>        Set a schedule: --kind <kind>, --cron <pattern> with --timezone <zone>, or --every <15m> with --anchor <time>, or --at <time>;
                            --payload <json|@file|->, --options <json|@file>, --description <text>, --overlap skip|buffer|allow|cancel,
                            --missed skip|last|all, --missed-window <1d>, --jitter <10m>, --starts-at <time>, --ends-at <time>,
                            --pause-after-failures <n>; --revision <n|none>: only if it is of that revision, or not there yet.
  schedules preview         When a --cron, --every or --at would tick; --count <n>. Sets nothing.
  schedules pause <id>      --reason <text>, --by <name>; schedules resume <id> lets it go on.
  schedules trigger <id>    One job now; --key <key>: once for all repeats. Prints the job's id.
  schedules backfill <id>   --from <time> --to <time>: a job for each tick of that time that has none; --dry-run only counts them.
  schedules delete <id>     Delete a schedule. Its jobs stay. What changes schedules takes --reason <text>.
  schedules export [file]   Write those that were set through the API as JSON; schedules import <file> sets them, --dry-run says what would change.

  stats                     Say how the installation stands: what is not well and what to do, figures of now, of the last minute and of the last day, the queues.
  audit                     List who has changed what, newest first: --subject, --action, --target <path>, --from <time>, --to <time>, --limit <n>, --cursor <id>.
  tenants                   List the tenants; tenants show <name> shows what one may have and has, without a name that of your own key's tenant.
  tenants set <name>        Set quotas, others stay: --unfinished-jobs, --submissions-per-second, --submissions-burst, --file-bytes, --schedules,
                            --webhook-endpoints, --emails-per-hour, --waits, --streams, --uploads, each <n>, none (no bound) or default (as the settings have it).
  tenants reset <name>      Take away what was set for it. What changes tenants takes --reason <text>.
  workers                   List the workers, and what they run; workers drain <id> lets one end: --reason <text>, --by <name>.

Options of submit:
  --key <key>               Idempotency key: one key makes one job. A random one when left out.
${options}
  --wait                    Follow the job to its end, as watch does, and print its result.
  --dry-run                 Submit nothing; say which limits the job would be under, how many would be before it, and when it would start.

Options of list; a job is listed that fits all of them:
  --state <state>  --kind <kind> (repeatable: one of them)  --tag <tag> (repeatable: all of them)  --queue <name>  --schedule <id>
  --id <id>  --idempotency-key <key>  --error <text>: failed jobs whose last error has this text
  --created-from <time>  --created-to <time>  --finished-from <time>  --finished-to <time>
  --order newest|oldest  --count: how many there are  --limit <n>  --cursor <cursor>

Options of all of them:
  --url <url>               The gateway. Default: LONGHAUL_URL, or http://127.0.0.1:3000.
  --api-key <key>           Where the gateway has AUTH on. Default: LONGHAUL_KEY, or the file that LONGHAUL_KEY_FILE names.
  --json                    Print JSON, one document; with watch and --wait one line for each event, then the job.
  --help  --version

Exit codes:
  0    done; with watch and --wait: the job has succeeded
  1    with watch and --wait: the job has failed or was cancelled; for commands that run Longhaul: it did not start, or doctor found a fault
  2    the command line is wrong
  3    Longhaul cannot be reached
  4    Longhaul refused, and said why
  130  interrupted (Ctrl-C); the job goes on
`;
