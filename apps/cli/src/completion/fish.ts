import { type CompletedCommand, OF_FILES } from './completed.js';

/** A file of `~/.config/fish/completions`, which can also be sourced. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  return `# Completes longhaul in fish: longhaul completion fish | source

complete -c longhaul -f
complete -c longhaul -n __fish_use_subcommand -l help -d 'List the commands'
complete -c longhaul -n __fish_use_subcommand -l version -d 'Say which version it is'
${commands.map(({ name, summary }) => `complete -c longhaul -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`).join('\n')}

${commands.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ name, actions, options }: CompletedCommand): string[] {
  const of = `__fish_seen_subcommand_from ${name}`;
  const choice =
    actions.length > 0 ? [`complete -c longhaul -n '${of}; and not __fish_seen_subcommand_from ${actions.join(' ')}' -a '${actions.join(' ')}'`] : [];
  const files =
    name === 'submit'
      ? // A payload is a file behind an @.
        [`complete -c longhaul -n '${of}; and string match -q "@*" -- (commandline -ct)' -a '@(__fish_complete_path (string sub -s 2 -- (commandline -ct)))'`]
      : (OF_FILES[name] ?? []).map((action) => `complete -c longhaul -n '${of}; and __fish_seen_subcommand_from ${action}' -F`);
  return [
    ...choice,
    ...files,
    ...options.map(({ name: option, takesValue, choices }) => {
      const value = !takesValue ? '' : choices.length > 0 ? ` -x -a '${choices.join(' ')}'` : option === 'payload' || option === 'options' ? ' -r -F' : ' -x';
      return `complete -c longhaul -n '${of}' -l ${option}${value}`;
    }),
  ];
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
