import 'reflect-metadata';
import { JobHandler } from './job-handler.decorator.js';

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
});
