import 'reflect-metadata';
import { definitionOf, JobHandler } from './job-handler.decorator.js';

class Payload {}
class Handler {
  async run(): Promise<null> {
    return null;
  }
}

describe('@JobHandler', () => {
  test.each([
    ['an unknown option', { kind: 'a.b', payload: Payload, retries: 5 }, Handler, 'got: "retries"; did you mean "maxAttempts"?'],
    [
      'no payload',
      { kind: 'a.b' },
      Handler,
      'expected payload of a.b to be the class of its payload, or a Standard Schema, got none; without arguments: class Payload {}',
    ],
    [
      'a payload that is no class',
      { kind: 'a.b', payload: {} },
      Handler,
      'expected payload of a.b to be the class of its payload, or a Standard Schema, got object',
    ],
    ['no options', undefined, Handler, 'expected the options of @JobHandler to be an object, got: undefined'],
    ['a class without run()', { kind: 'a.b', payload: Payload }, Payload, 'expected Payload, the handler of a.b, to have a method run(payload, job)'],
  ])('refuses %s at start (C14)', (_, options, target, message) => {
    expect(() => JobHandler(options as never)(target as never)).toThrow(message);
  });

  test.each([
    [{}, 'the schedule of a.b is not valid: must have exactly one of cron, every and at, got: none of them'],
    [{ cron: '61 * * * *' }, 'the schedule of a.b is not valid: /cron is not a cron pattern: Invalid value for minute: 61'],
    [{ cron: '0 3 * * *', timezone: 'Berlin' }, 'did you mean "Europe/Berlin"?'],
    [{ every: '1s', retries: 5 }, 'expected the schedule of a.b to have only cron, timezone'],
    [{ every: '1s', options: { delay: '1m' } }, '/options/delay must be left out'],
  ])('refuses a schedule that is not valid, when the module is loaded: %j', (schedule, message) => {
    expect(() => JobHandler({ kind: 'a.b', payload: Payload, schedule } as never)).toThrow(message);
  });

  test.each([
    [{}, 'the limit a.b of a.b is not valid: must have concurrency, rate, or both'],
    [{ concurrency: 0 }, 'the limit a.b of a.b is not valid: /concurrency must be at least 1, got: 0'],
    [{ rate: '10/day' }, '/rate must be a number of starts and a unit'],
    [{ concurrency: 1, tag: '' }, 'the limit a.b of a.b is not valid: /tag must be a tag of 1 to 100 characters'],
    [{ concurrency: 1, kind: 'c.d' }, 'expected a limit of a.b to have only name, queue, tag, per'],
    [{ concurrency: 1, name: 'a b' }, 'expected the name of a limit of a.b to match'],
    [[{ concurrency: 1 }, { rate: '1/s' }], 'expected every limit of a.b but the first to have a name, got none for number 2'],
    [[{ concurrency: 1 }, { rate: '1/s', name: 'a.b' }], 'expected each limit of a.b to have a name of its own, got two of a.b'],
  ])('refuses limits that are not valid, when the module is loaded: %j', (limits, message) => {
    expect(() => JobHandler({ kind: 'a.b', payload: Payload, limits })).toThrow(message);
  });

  test('takes one limit or several, each for its own kind alone', () => {
    @JobHandler({
      kind: 'a.b',
      payload: Payload,
      limits: [
        { per: 'tag:tenant', concurrency: 5 },
        { name: 'a.b-slow', queue: 'slow', rate: '10/s' },
      ],
    })
    class Limited extends Handler {}
    expect(definitionOf(Limited)?.limits).toMatchObject([
      { name: 'a.b', settings: { match: { kind: 'a.b' }, per: 'tag:tenant', concurrency: 5, rate: null } },
      { name: 'a.b-slow', settings: { match: { kind: 'a.b', queue: 'slow' }, concurrency: null, rate: { count: 10, ms: 1_000 } } },
    ]);
    expect(definitionOf(Limited)?.limits).toHaveLength(2);
  });

  test('takes a schedule whose time has passed: code stays', () => {
    @JobHandler({ kind: 'a.b', payload: Payload, schedule: { at: '2020-01-01T00:00:00Z' } })
    class Once extends Handler {}
    expect(definitionOf(Once)?.schedule).toMatchObject({ kind: 'a.b', payload: '{}', spec: { at: '2020-01-01T00:00:00Z' }, overlap: 'skip' });
  });
});
