import { kindPolicy } from './kind.js';

describe('the policy of a kind', () => {
  test('has defaults for all but the name', () => {
    expect(kindPolicy({ kind: 'report.render' })).toEqual({
      kind: 'report.render',
      description: '',
      queue: 'default',
      maxAttempts: 5,
      timeoutMs: 3_600_000,
      priority: 4,
      backoff: { baseMs: 1_000, factor: 2, maxMs: 600_000, jitter: 'full' },
      isolated: null,
      slots: 1,
    });
    expect(kindPolicy({ kind: 'a.b', timeout: null }).timeoutMs).toBeNull();
  });

  test('asks for a process of its own, with the memory that it may take', () => {
    expect(kindPolicy({ kind: 'a.b', isolated: true }).isolated).toEqual({ memoryMb: 512, env: [] });
    expect(kindPolicy({ kind: 'a.b', isolated: { memoryMb: 2_048, env: ['A_URL'] } }).isolated).toEqual({ memoryMb: 2_048, env: ['A_URL'] });
    expect(kindPolicy({ kind: 'a.b', isolated: false }).isolated).toBeNull();
  });

  test.each([
    [{ kind: 'report' }, 'expected kind to be dot-separated words such as "report.render", got: "report"'],
    [{ kind: 'report.*' }, 'expected kind to be dot-separated words such as "report.render", got: "report.*"'],
    [{ kind: 'a.b', queue: 'no queue' }, 'expected queue of a.b to match'],
    [{ kind: 'a.b', maxAttempts: 0 }, 'expected maxAttempts of a.b to be from 1 to 1000, got: 0'],
    [{ kind: 'a.b', priority: 10 }, 'expected priority of a.b to be from 0 to 9, got: 10'],
    [{ kind: 'a.b', isolated: { memoryMb: 64 } }, 'expected isolated.memoryMb of a.b to be from 256 to 1048576, got: 64'],
    [{ kind: 'a.b', slots: 0 }, 'expected slots of a.b to be from 1 to 10000, got: 0'],
    [{ kind: 'a.b', slots: 1.5 }, 'expected slots of a.b to be from 1 to 10000, got: 1.5'],
    [{ kind: 'a.b', timeout: '0s' }, 'expected timeout of a.b to be from 1 ms to 365 days, got: "0s"'],
    [{ kind: 'a.b', timeout: 'long' }, 'expected timeout of a.b to be milliseconds or text such as'],
    [{ kind: 'a.b', retries: 5 }, 'got: "retries"; did you mean "maxAttempts"?'],
    [{ kind: 'a.b', timout: '5s' }, 'expected the options of @JobHandler for a.b to be of kind, payload,'],
    [{ kind: 'a.b', backoff: { bse: '5s' } }, 'got: "bse"; did you mean "base"?'],
    [{ kind: 'a.b', backoff: { factor: Infinity } }, 'expected backoff.factor to be at least 1, got: Infinity'],
    [{ kind: 'a.b', backoff: { jitter: 'half' } }, 'expected backoff.jitter to be full or none, got: "half"'],
    [{ kind: 'a.b', isolated: { memory: 512 } }, 'got: "memory"; did you mean "memoryMb"?'],
    [{ kind: 'a.b', isolated: { env: 'A_URL' } }, 'expected isolated.env of a.b to be a list of names of variables'],
    [undefined, 'expected the options of @JobHandler to be an object, got: undefined'],
  ])('%j is refused: %s (C14)', (options, message) => {
    expect(() => kindPolicy(options as never)).toThrow(message);
  });
});
