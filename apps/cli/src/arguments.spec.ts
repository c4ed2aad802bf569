import { jobFilter, jobOptions, readArguments, readProcessCommand } from './arguments.js';

describe('the command line', () => {
  test('is read into a command, its operands and its options, wherever they stand', () => {
    expect(readArguments(['submit', '--queue', 'slow', 'a.b', '-', '--json', '--url=http://x'])).toMatchObject({
      command: 'submit',
      operands: ['a.b', '-'],
      json: true,
      url: 'http://x',
      values: { queue: 'slow' },
    });
  });

  test.each([[[]], [['help']], [['-h']], [['list', '--help']]])('%j asks for help', (argv) => {
    expect(readArguments(argv)).toBeUndefined();
  });

  test.each([
    [['submit'], 'expected a kind'],
    [['submit', 'a.b', '{"a":', '1}'], 'put a payload that has spaces in quotes'],
    [['list', 'x'], 'expected nothing more, got: x'],
    [['get', 'x', '--state', 'failed'], "Unknown option '--state'"],
    [['submit', 'a.b', '--queue'], "Option '--queue <value>' argument missing"],
    [['get', ''], 'expected a name, an id or a payload, got: ""'],
    [['watch', ''], 'got: ""'],
    [['limits', 'get', ''], 'got: ""'],
    [['queues', 'show', '..'], 'got: ".."'],
    [['dead-letters', 'show', '.'], 'got: "."'],
  ])('%j is refused: %s', (argv, message) => {
    expect(() => readArguments(argv)).toThrow(message);
  });

  test('options become those of the API', () => {
    expect(jobOptions({ queue: 'q', 'max-attempts': '3', 'run-at': 't', tag: ['a'], wait: true })).toEqual({
      queue: 'q',
      maxAttempts: 3,
      runAt: 't',
      tags: ['a'],
    });
    expect(jobOptions({ delay: '5000', timeout: '15m', 'start-before': '60000', queue: '7' })).toEqual({
      delay: 5_000,
      timeout: '15m',
      startBefore: 60_000,
      queue: '7',
    });
    expect(jobFilter({ state: 'failed', limit: '5' })).toEqual({ state: 'failed', limit: 5 });
    expect(jobFilter({ kind: ['a', 'b'], tag: ['c'], 'created-from': '2026-01-31', count: true })).toEqual({
      kind: ['a', 'b'],
      tag: 'c',
      createdFrom: '2026-01-31',
      count: true,
    });
    expect(() => jobFilter({ limit: '-1' })).toThrow('expected --limit to be a whole number, got: -1');
  });

  test.each(['start', 'dev', 'gateway', 'worker', 'migrate', 'webhook-secret', 'rotate-secrets', 'doctor'])(
    '%s runs Longhaul, and takes its settings from the environment',
    (name) => {
      expect(readProcessCommand([name])?.command.name).toBe(name);
      expect(readProcessCommand([name, '--help'])?.values).toEqual({ help: true });
      expect(() => readProcessCommand([name, '--port=1'])).toThrow("Unknown option '--port'");
      expect(() => readProcessCommand([name, 'here'])).toThrow(`expected no argument after ${name}, got: here`);
    },
  );

  test('a unique key becomes one option with the job that is kept, which cannot be said without a key', () => {
    const options = (...flags: string[]) => jobOptions(readArguments(['submit', 'a.b', ...flags])?.values ?? {});
    expect(options('--unique', 'k')).toEqual({ unique: { key: 'k' } });
    expect(options('--unique', 'k', '--unique-keep', 'newest')).toEqual({ unique: { key: 'k', keep: 'newest' } });
    expect(() => options('--unique-keep', 'newest')).toThrow('expected --unique with --unique-keep, got none');
  });

  test.each([
    ['queue', 'queues'],
    ['dead', 'dead-letters'],
    ['listing', 'list'],
  ])('a command that is not quite %s is answered with the one that was meant', (name, meant) => {
    expect(() => readArguments([name])).toThrow(new RegExp(`, got: ${name}; did you mean ${meant}\\?$`));
  });

  test('commands that speak to a running Longhaul are none of those that run it', () => {
    expect(readProcessCommand(['list'])).toBeUndefined();
    expect(() => readArguments(['strat'])).toThrow(
      'expected one of the commands start, dev, gateway, worker, migrate, keys, webhook-secret, rotate-secrets, payload-index, doctor, submit',
    );
  });
});
