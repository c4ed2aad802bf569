import { COMMANDS } from './commands.js';
import { KEEP_FLAG, linesOf, OPTION_FLAGS } from './option-flags.js';
import { PROCESS_COMMANDS } from './processes/index.js';

/** The text of --help, each line broken where the terminal ends, and going on below the column in which what is said of a command begins. */
export function usageFor(columns = Infinity): string {
  return USAGE.split('\n')
    .flatMap((line) => broken(line, Math.max(columns, NARROWEST)))
    .join('\n');
}

/** Narrower than this there is no room beside the commands. */
const NARROWEST = 60;

function broken(line: string, columns: number): string[] {
  if (line.length <= columns) return [line];
  const beside = /^ {2}\S.*? {2,}(?=\S)|^ */.exec(line)?.[0].length ?? 0;
  const indent = beside < columns / 2 ? beside : 4;
  const at = line.lastIndexOf(' ', columns);
  if (at <= indent) return [line];
  return [line.slice(0, at).trimEnd(), ...broken(`${' '.repeat(indent)}${line.slice(at + 1).trimStart()}`, columns)];
}

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

For the shell:
  completion bash|zsh|fish  Print what completes commands and options in it: source <(longhaul completion bash).

Commands that call a running gateway:
${Object.values(COMMANDS)
  .map(({ usage }) => usage)
  .join('\n')}

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
  1    with watch and --wait: the job has failed or was cancelled; with webhooks test: it was not delivered; for commands that run Longhaul: it did not start, or doctor found a fault
  2    the command line is wrong
  3    Longhaul cannot be reached
  4    Longhaul refused, and said why
  130  interrupted (Ctrl-C); the job goes on
`;
