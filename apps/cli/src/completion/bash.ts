import { type CompletedCommand, OF_FILES } from './completed.js';

/** Runs with bash 3.2 too, which macOS has: no `mapfile`, and `compopt` only where it is known. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const choices = new Map(commands.flatMap(({ options }) => options.flatMap(({ name, choices: words }) => (words.length > 0 ? [[name, words] as const] : []))));
  return `# Completes longhaul in bash: source <(longhaul completion bash)

# Sets what a command takes: its actions, its options, and those of them that have a value.
_longhaul_command() {
  actions='' options='' valued=''
  case $1 in
${commands.map(branch).join('\n')}
  esac
}

_longhaul() {
  local IFS=$' \\t\\n' current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  local word i command='' action='' actions='' options='' valued='' words=''
  COMPREPLY=()
  # Bash reads --state=failed as three words.
  if [[ $current == '=' ]]; then current=''; elif [[ $before == '=' ]]; then before=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == -* ]]; then
      if [[ " $valued " == *" $word "* ]]; then
        if [[ \${COMP_WORDS[i+1]} == '=' ]]; then ((i++)); fi
        ((i++))
      fi
    elif [[ -z $command ]]; then
      command=$word
      _longhaul_command "$command"
    elif [[ -z $action ]]; then
      action=$word
    fi
  done
  if [[ " $valued " == *" $before "* ]]; then
    case $before in
${[...choices].map(([name, words]) => `      --${name}) words='${words.join(' ')}' ;;`).join('\n')}
      --payload|--options) _longhaul_files; return ;;
    esac
  elif [[ $current == -* ]]; then words=$options
  elif [[ -z $command ]]; then words='${commands.map(({ name }) => name).join(' ')}'
  elif [[ -n $actions && -z $action ]]; then words=$actions
  else
    case $command:$action in
      submit:*|${Object.entries(OF_FILES)
        .flatMap(([command, actions]) => actions.map((action) => `${command}:${action}`))
        .join('|')}) _longhaul_files; return ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}

# Files, and @file for a payload that stands in one.
_longhaul_files() {
  local IFS=$'\\n' at=''
  if [[ $current == @* ]]; then at=@; fi
  if type compopt >/dev/null 2>&1; then compopt -o filenames 2>/dev/null; fi
  COMPREPLY=($(compgen -P "$at" -f -- "\${current#@}"))
}

complete -F _longhaul longhaul
`;
}

function branch({ name, actions, options }: CompletedCommand): string {
  const flags = options.map((option) => `--${option.name}`).join(' ');
  const valued = options.flatMap((option) => (option.takesValue ? [`--${option.name}`] : [])).join(' ');
  return `    ${name})
      actions='${actions.join(' ')}'
      options='${flags}'
      valued='${valued}' ;;`;
}
