import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testIf } from '../../../../test/support/only-if.js';
import { COMMANDS } from '../commands.js';
import { USAGE } from '../usage.js';
import { completedCommands } from './completed.js';
import { completionOf } from './index.js';

const has = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'longhaul-completion-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true });
});

function scriptFile(shell: string): string {
  const file = join(dir, shell);
  writeFileSync(file, completionOf([shell]));
  return file;
}

/**
 * Types lines into an interactive zsh that has read the script $1, each with a tab, and prints what the line has become: a widget writes it to the terminal
 * between two marks.
 */
const ZPTY = `
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1=; unsetopt prompt_sp beep; autoload -Uz compinit; compinit -D -u; source $1"
zpty -w shell 'told() { zle -I; print -r -- "<<\${BUFFER}>>"; BUFFER=; }; zle -N told; bindkey "^X" told; print -r -- "<""<ready>"">"'
zpty -r -m shell out '*<<ready>>*'
shift
for line in "$@"; do
  zpty -w -n shell "$line"$'\\t\\x18'
  zpty -r -m shell out '*<<*>>*'
  line=\${out##*<<}; print -r -- \${\${line%%>>*}% }
done
zpty -d shell
`;

/** Words as a bash has them that was asked to complete the last of them; it reads `--state=x` as three. */
function completed(...lines: string[][]): string[][] {
  const calls = lines.map(
    (words) =>
      `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${String(words.length - 1)}; _longhaul 2>/dev/null; echo "\${COMPREPLY[*]}"`,
  );
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', `${completionOf(['bash'])}\n${calls.join('\n')}`], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' ').filter((word) => word !== ''));
}

describe('completion', () => {
  testIf(has('bash'), 'bash is not installed')('a bash that has read it completes commands, actions, options and their words', () => {
    const script = `${completionOf(['bash'])}\ncomplete -p longhaul`;
    expect(spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' })).toMatchObject({ stdout: 'complete -F _longhaul longhaul\n', stderr: '' });
    expect(
      completed(
        ['longhaul', 'dead'],
        ['longhaul', 'queues', ''],
        ['longhaul', 'queues', 'pause', '--re'],
        ['longhaul', 'list', '--state', 'f'],
        ['longhaul', 'list', '--order', '=', ''],
        ['longhaul', 'list', '--order', '='],
        ['longhaul', 'schedules', '--reason', 'why', 'pa'],
        ['longhaul', 'schedules', '--reason', '=', 'why', 'pa'],
        ['longhaul', 'queues', 'pause', '--reason', ''],
        ['longhaul', 'get', ''],
        ['longhaul', 'schedules', 'import', 'package-lo'],
        ['longhaul', 'submit', 'debug.echo', '@package-lo'],
        ['longhaul', 'submit', 'debug.echo', '--payload', 'x'],
      ),
    ).toEqual([
      ['dead-letters'],
      [...COMMANDS.queues.actions],
      ['--reason'],
      ['failed'],
      ['newest', 'oldest'],
      ['newest', 'oldest'],
      ['pause'],
      ['pause'],
      [],
      [],
      ['package-lock.json'],
      ['@package-lock.json'],
      [],
    ]);
  });

  test.each(['bash', 'zsh', 'fish'])('the script for %s has each command, each action and each option', (shell) => {
    const script = completionOf([shell]);
    for (const { name, actions, options } of completedCommands())
      for (const word of [name, ...actions, ...options.map((option) => option.name)]) expect(script).toContain(word);
  });

  testIf(has('zsh'), 'zsh is not installed')(
    'a zsh can read it, and completes commands, actions, options and their words',
    () => {
      const file = scriptFile('zsh');
      expect(spawnSync('zsh', ['-n', file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
      const typed = [
        'longhaul dead',
        'longhaul queues pau',
        'longhaul queues pause --rea',
        'longhaul list --state f',
        'longhaul submit debug.echo @package-lo',
      ];
      const { stdout } = spawnSync('zsh', ['-f', '-c', ZPTY, 'zsh', file, ...typed], { encoding: 'utf8', timeout: 60_000 });
      expect(stdout.trim().split('\n')).toEqual([
        'longhaul dead-letters',
        'longhaul queues pause',
        'longhaul queues pause --reason=',
        'longhaul list --state failed',
        'longhaul submit debug.echo @package-lock.json',
      ]);
    },
    60_000,
  );

  testIf(has('fish'), 'fish is not installed')('a fish can read it, and completes commands, actions, options and their words', () => {
    const file = scriptFile('fish');
    expect(spawnSync('fish', ['--no-config', '-n', file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    const typed = [
      'longhaul dead',
      'longhaul queues pau',
      'longhaul queues pause --rea',
      'longhaul list --state f',
      'longhaul submit debug.echo @package-lo',
      'longhaul --ver',
    ];
    const script = [`source ${file}`, ...typed.map((line) => `complete -C '${line}'`)].join('; ');
    const { stdout, stderr } = spawnSync('fish', ['--no-config', '-c', script], { encoding: 'utf8', env: { ...process.env, HOME: tmpdir() } });
    expect(stderr).toBe('');
    const words = stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t', 1)[0]);
    expect(words).toEqual(['dead-letters', 'pause', '--reason', 'failed', '@package-lock.json', '--version']);
  });

  test('what is said of a command is the beginning of its line of --help, and --help has each action and option', () => {
    const said = new Map(completedCommands().map(({ name, summary }) => [name, summary]));
    expect(said.get('get')).toBe('Show a job');
    expect(said.get('worker')).toBe('Run a worker, with the jobs of dist/longhaul.config.js');
    for (const [name, summary] of said) expect([name, USAGE.includes(summary), summary.length > 5]).toEqual([name, true, true]);
    for (const [command, row] of Object.entries(COMMANDS)) {
      for (const flag of Object.keys(row.options)) expect([command, flag, USAGE.includes(`--${flag}`)]).toEqual([command, flag, true]);
      for (const action of 'actions' in row ? row.actions : [])
        expect([command, action, action === 'list' || action === 'groups' || row.usage.includes(action)]).toEqual([command, action, true]);
    }
  });

  test.each([[[]], [['tcsh']], [['bash', 'more']]])('%j names no shell', (words) => {
    expect(() => completionOf(words)).toThrow(/^expected the name of a shell: longhaul completion bash\|zsh\|fish, got: completion/);
  });
});
