import { CHOICES, COMMANDS, type Command, type Options, SHARED } from '../commands.js';
import { PROCESS_COMMANDS } from '../processes/index.js';

/** The shells whose completion can be printed. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export interface CompletedOption {
  name: string;
  takesValue: boolean;
  isRepeatable: boolean;
  /** Empty where any text may be given. */
  choices: readonly string[];
}

/** What a shell knows of a command. */
export interface CompletedCommand {
  name: string;
  summary: string;
  /** Its first argument is one of them; empty where it is something else. */
  actions: readonly string[];
  options: readonly CompletedOption[];
}

/** Actions whose argument is a file. */
export const OF_FILES: Readonly<Record<string, readonly string[]>> = { schedules: ['import', 'export'] };

/** All commands, from the tables that the command line itself is read by. */
export function completedCommands(): CompletedCommand[] {
  const help: Options = { help: { type: 'boolean' } };
  return [
    ...PROCESS_COMMANDS.map(({ name, summary, actions = [], options = {} }) => ({
      name,
      summary: firstSentence(summary),
      actions,
      options: optionsOf({ ...options, ...help }),
    })),
    ...Object.entries<Command>(COMMANDS).map(([name, { usage, actions = [], options }]) => ({
      name,
      summary: summaryOf(usage),
      actions,
      options: optionsOf({ ...options, ...SHARED }),
    })),
    { name: 'completion', summary: 'Print what completes commands and options', actions: SHELLS, options: optionsOf(help) },
  ];
}

function optionsOf(options: Options): CompletedOption[] {
  return Object.entries(options)
    .map(([name, { type, multiple = false }]) => ({ name, takesValue: type === 'string', isRepeatable: multiple, choices: CHOICES[name] ?? [] }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** What stands beside the command in the first of its lines. */
function summaryOf(usage: string): string {
  return firstSentence(/^ {2}\S.*? {2,}(.+)$/m.exec(usage)?.[1] ?? '');
}

function firstSentence(text: string): string {
  return text.split(/[.:;](?=\s|$)|\(/)[0]?.trim() ?? '';
}
