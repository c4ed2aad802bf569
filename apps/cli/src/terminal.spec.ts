import { PassThrough } from 'node:stream';
import { progressText, Terminal } from './terminal.js';

describe('what people read', () => {
  const stream = (isTTY: boolean) => Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.WriteStream;

  test.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
  ])('is coloured on a terminal only, and not where NO_COLOR is set (%s, %j)', (isTTY, env, coloured) => {
    expect(new Terminal(stream(isTTY), stream(isTTY), env).state('failed').includes('\u001b')).toBe(coloured);
  });

  test('says how far a job is', () => {
    expect(progressText({ done: 3 })).toBe('3');
    expect(progressText({ done: 1, total: 3, message: 'rows' })).toBe('1 of 3 (33 %): rows');
    expect(progressText({ done: 0, total: 0 })).toBe('0 of 0');
  });
});
