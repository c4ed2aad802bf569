import { parseArgs } from 'node:util';
import type { CancelChoice, CancelRequest, DeadLetterChoice, JobFilter, JobOptions, MoveChoice, ReprioritiseChoice } from '@app/client';
import { type CommandName, COMMANDS, CONDITIONS, flagOf, type Options, SHARED } from './commands.js';
import { PROCESS_COMMANDS } from './processes/index.js';
import type { ProcessCommand } from './processes/process-command.js';
import { KEEP_FLAG, OPTION_FLAGS, SPANS, spanValue } from './option-flags.js';
import { UsageError } from './usage.js';
import { whose } from './whose.js';

export interface Invocation {
  command: CommandName;
  url: string | undefined;
  /** The API key; undefined when the environment may have it. */
  apiKey: string | undefined;
  json: boolean;
  /** `list` has none, `submit` kind and payload, `limits` what to do and a name, other commands the job's id; `redrive` has none when options choose dead letters. */
  operands: string[];
  values: Record<string, string | boolean | string[] | undefined>;
}

/** They say themselves that they take no operand. */
const WITHOUT_ACTIONS: readonly CommandName[] = ['stats', 'audit', 'alerts'];

/** What is missing where the first operand is no job's id. */
const OPERANDS: Partial<Record<CommandName, string>> = {
  submit: 'expected a kind: longhaul submit <kind> [payload]',
  reprioritise: 'expected a priority from 0 to 9: longhaul reprioritise <priority> --kind <kind>',
  move: 'expected a queue: longhaul move <queue> --kind <kind>',
};

/** Reads a command that starts processes, with its options; undefined for other commands. Throws `UsageError`. */
export function readProcessCommand([name, ...rest]: string[]): { command: ProcessCommand; values: Invocation['values']; operands: string[] } | undefined {
  const command = PROCESS_COMMANDS.find((each) => each.name === name);
  if (command === undefined) return undefined;
  const { values, positionals } = parsed(rest, { ...command.options, help: SHARED.help });
  if (positionals.length > (command.operands ?? 0))
    throw new UsageError(
      `expected ${command.operands ?? 'no'} argument${command.operands === undefined ? '' : 's at most'} after ${command.name}, got: ${positionals.join(' ')}; settings come from the environment and from .env`,
    );
  return { command, values: values as Invocation['values'], operands: positionals };
}

/** In a URL it would be that of all jobs, or of something else: mostly a variable was not set. */
export function isNoName(text: string): boolean {
  return /^[.]{0,2}$/.test(text);
}

/** Reads the command line; undefined when it asks for help. Throws a `UsageError` that says what was expected. */
export function readArguments(argv: string[]): Invocation | undefined {
  const [name, ...rest] = argv;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') return undefined;
  if (!isCommand(name)) {
    const known = [...PROCESS_COMMANDS.map((each) => each.name), ...Object.keys(COMMANDS), 'completion'];
    const near = known.find((each) => each.startsWith(name) || name.startsWith(each));
    throw new UsageError(`expected one of the commands ${known.join(', ')}, got: ${name}${near === undefined ? '' : `; did you mean ${near}?`}`);
  }
  const command = name;
  const { values, positionals } = parsed(rest, { ...COMMANDS[command].options, ...SHARED });
  if (values['help'] === true) return undefined;
  const read = values as Invocation['values'];
  const nobody = positionals.find(isNoName);
  if (nobody !== undefined) throw new UsageError(`expected a name, an id or a payload, got: ${JSON.stringify(nobody)}`);
  const choice = command === 'redrive' ? deadLetters(read) : command === 'cancel' ? jobsToCancel(read) : undefined;
  if (choice !== undefined && positionals.length > 0)
    throw new UsageError(`expected a job's id or a choice of ${command === 'redrive' ? 'dead letters' : 'jobs'}, got both`);
  if (command === 'cancel' && choice === undefined && (positionals.length === 0 || values['dry-run'] === true))
    throw new UsageError("expected a job's id, or jobs by --kind, --queue, --tag, --state and other conditions, or --all: longhaul cancel <id>");
  if (command === 'redrive' && choice === undefined && (positionals.length === 0 || values['dry-run'] === true))
    throw new UsageError("expected a job's id, or dead letters by --reason, --kind, --queue, --source, --group, or --all: longhaul redrive <id>");
  if ((command === 'reprioritise' || command === 'move') && jobsToCancel(read) === undefined) {
    const target = command === 'move' ? '<queue>' : '<priority>';
    throw new UsageError(`expected jobs by --kind, --queue, --tag, --state and other conditions, or --all: longhaul ${command} ${target} --kind <kind>`);
  }
  if (command === 'submit' && values['wait'] === true && values['dry-run'] === true) throw new UsageError('expected --wait or --dry-run, got both');
  const [least, most] = choice === undefined ? operandsOf(command) : [0, 0];
  if (positionals.length < least) throw new UsageError(OPERANDS[command] ?? `expected a job's id: longhaul ${command} <id>`);
  if (positionals.length > most)
    throw new UsageError(`expected nothing more, got: ${positionals.slice(most).join(' ')}; put a payload that has spaces in quotes`);
  return {
    command,
    url: values['url'] as string | undefined,
    apiKey: values['api-key'] as string | undefined,
    json: values['json'] === true,
    operands: positionals,
    values: values as Invocation['values'],
  };
}

/** How many operands a command takes, at least and at most. */
function operandsOf(command: CommandName): [number, number] {
  if (command === 'workers') return [0, Infinity];
  if ('actions' in COMMANDS[command] || WITHOUT_ACTIONS.includes(command)) return [0, 2];
  if (command === 'list') return [0, 0];
  return command === 'submit' ? [1, 2] : [1, 1];
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

function parsed(args: string[], options: Options) {
  try {
    // `-` as payload means stdin and is no option.
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0]);
  }
}

/** Which jobs are to have which priority, or to go to which queue. */
export function toReprioritise(priority: string, values: Invocation['values']): ReprioritiseChoice {
  return { ...jobsToCancel(values), priority: numeric({ priority }, 'priority') as number };
}

export function toMove(queue: string, values: Invocation['values']): MoveChoice {
  return { ...jobsToCancel(values), queue };
}

/** Which jobs the options of an act on many choose; undefined when they choose none. Throws `UsageError` for `--all` together with a condition. */
export function jobsToCancel(values: Invocation['values']): CancelChoice | undefined {
  const filter = given({ ...conditions(values), before: values['before'] });
  const filtered = Object.keys(filter).length > 0;
  if (filtered && values['all'] === true) throw new UsageError('expected --all or conditions, got both');
  if (!filtered && values['all'] !== true) return undefined;
  return { ...(filtered ? { filter } : { all: true }), ...given({ rate: numeric(values, 'rate') }), ...cancelRequest(values) };
}

/** Which dead letters the options choose; undefined when they choose none. Throws `UsageError` for `--all` together with a filter. */
export function deadLetters(values: Invocation['values']): DeadLetterChoice | undefined {
  const { reason, kind, queue, source, group, from, to } = values as Record<string, string | undefined>;
  const filter = given({ reason, kind, queue, source, group, from, to });
  const filtered = Object.keys(filter).length > 0;
  if (filtered && values['all'] === true) throw new UsageError('expected --all or a filter, got both');
  if (values['all'] === true) return { all: true };
  return filtered ? filter : undefined;
}

export function jobOptions(values: Invocation['values']): JobOptions {
  const unique = uniqueOption(values);
  const valueOf = ({ name, flag, is }: (typeof OPTION_FLAGS)[number]): unknown => {
    if (is === 'integer') return numeric(values, flag);
    if (is === 'unique') return unique;
    return SPANS.includes(name) ? spanValue(values[flag]) : values[flag];
  };
  const read = OPTION_FLAGS.map((option) => [option.name, valueOf(option)]);
  return given(Object.fromEntries(read) as Record<string, unknown>);
}

function uniqueOption({ unique: key, [KEEP_FLAG]: keep }: Invocation['values']): object | undefined {
  if (keep !== undefined && key === undefined) throw new UsageError(`expected --unique with --${KEEP_FLAG}, got none`);
  return key === undefined ? undefined : given({ key, keep });
}

export function cancelRequest(values: Invocation['values']): CancelRequest {
  const { reason, by } = values as Record<string, string>;
  return given({ reason, by, graceMs: numeric(values, 'grace-ms') });
}

export function jobFilter(values: Invocation['values']): JobFilter {
  const { order, count, cursor } = values;
  return given({ ...conditions(values), order, count, cursor, limit: numeric(values, 'limit'), ...whose(values) });
}

/** One value stands alone. */
function conditions(values: Invocation['values']): Record<string, unknown> {
  return Object.fromEntries(
    CONDITIONS.map((name) => {
      const value = values[flagOf(name)];
      return [name, Array.isArray(value) && value.length === 1 ? value[0] : value];
    }),
  );
}

export function numeric(values: Invocation['values'], name: string): number | undefined {
  const value = values[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^\d{1,9}$/.test(value)) throw new UsageError(`expected --${name} to be a whole number, got: ${String(value)}`);
  return Number(value);
}

function given(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
