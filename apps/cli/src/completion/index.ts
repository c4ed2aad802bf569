import { UsageError } from '../usage.js';
import { bashCompletion } from './bash.js';
import { completedCommands, type Shell, SHELLS } from './completed.js';
import { fishCompletion } from './fish.js';
import { zshCompletion } from './zsh.js';

const SCRIPTS: Record<Shell, (commands: ReturnType<typeof completedCommands>) => string> = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** The script that a shell reads to complete the command line. Throws a `UsageError` for another shell. */
export function completionOf([shell, ...more]: string[]): string {
  const known = SHELLS.find((each) => each === shell);
  if (known === undefined || more.length > 0)
    throw new UsageError(
      `expected the name of a shell: longhaul completion ${SHELLS.join('|')}, got: completion${[shell, ...more]
        .map((word) => ` ${word ?? ''}`)
        .join('')
        .trimEnd()}`,
    );
  return SCRIPTS[known](completedCommands());
}
