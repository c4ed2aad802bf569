import { quoted } from './quoted';

/** The command with why it is done, as it takes that: an option of `longhaul`, a header of `curl`. */
export function commandWithReason(command: string, reason: string): string {
  if (reason === '') return command;
  if (command.startsWith('curl ')) return `${command} -H ${quoted(`Act-Reason: ${encodeURIComponent(reason)}`)}`;
  // Of dead letters `--reason` chooses those that were given up for it.
  const option = /^longhaul (redrive|dead-letters) /.test(command) ? '--note' : '--reason';
  return `${command} ${option} ${quoted(reason)}`;
}
