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

  test('takes a schedule whose time has passed: code stays', () => {
    @JobHandler({ kind: 'a.b', payload: Payload, schedule: { at: '2020-01-01T00:00:00Z' } })
    class Once extends Handler {}
    expect(definitionOf(Once)?.schedule).toMatchObject({ kind: 'a.b', payload: '{}', spec: { at: '2020-01-01T00:00:00Z' }, overlap: 'skip' });
  });
});
