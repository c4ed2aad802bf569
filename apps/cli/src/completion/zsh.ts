import { type CompletedCommand, type CompletedOption, OF_FILES } from './completed.js';

/** A file `_longhaul` of zsh's `fpath`, which can also be sourced after `compinit`. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  return `#compdef longhaul
# Completes longhaul in zsh: a file _longhaul of $fpath, or after compinit: source <(longhaul completion zsh)

_longhaul() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  _arguments -C '--help[List the commands]' '--version[Say which version it is]' '1:command:->command' '*::argument:->argument'
  case $state in
    command)
      local -a commands
      commands=(
${commands.map(({ name, summary }) => `        ${quoted(`${name}:${summary}`)}`).join('\n')}
      )
      _describe -t commands command commands ;;
    argument)
      case $line[1] in
${commands.map(branch).join('\n')}
      esac ;;
  esac
}

if [[ $funcstack[1] == _longhaul ]]; then _longhaul "$@"; else compdef _longhaul longhaul; fi
`;
}

function branch({ name, actions, options }: CompletedCommand): string {
  const first = actions.length > 0 ? [`'1:action:(${actions.join(' ')})'`] : [];
  // A payload is a file behind an @.
  const rest = name === 'submit' ? [`'*:file:{compset -P @; _files}'`] : name in OF_FILES ? [`'*:file:_files'`] : [];
  return `        ${name})
          _arguments -s ${[...first, ...rest, ...options.map(specOf)].join(' ')} ;;`;
}

function specOf({ name, takesValue, isRepeatable, choices }: CompletedOption): string {
  if (!takesValue) return `--${name}`;
  const value = choices.length > 0 ? `(${choices.join(' ')})` : name === 'payload' || name === 'options' ? '_files' : ' ';
  return `'${isRepeatable ? '*' : ''}--${name}=:${name}:${value}'`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
