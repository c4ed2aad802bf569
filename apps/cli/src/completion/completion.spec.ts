import { spawnSync } from 'node:child_process';
import { testIf } from '../../../../test/support/only-if.js';
import { COMMANDS } from '../commands.js';
import { USAGE } from '../usage.js';
import { completedCommands } from './completed.js';
import { completionOf } from './index.js';

const has = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

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

  testIf(has('zsh'), 'zsh is not installed')('a zsh can read it', () => {
    expect(spawnSync('zsh', ['-n', '/dev/stdin'], { input: completionOf(['zsh']), encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  testIf(has('fish'), 'fish is not installed')('a fish can read it', () => {
    expect(spawnSync('fish', ['-n'], { input: completionOf(['fish']), encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
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
