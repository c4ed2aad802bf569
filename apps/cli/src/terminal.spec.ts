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

  function written(write: (terminal: Terminal) => void, isTTY = true): string {
    const [out, err] = [stream(isTTY), stream(isTTY)];
    write(new Terminal(out, err, {}));
    return [out, err].map((each) => String((each as unknown as PassThrough).read() ?? '')).join('');
  }

  test('holds nothing that a terminal would obey, whoever has written it, on a terminal and elsewhere', () => {
    const hostile = 'a\u001b]0;mine\u0007b\u009b2Jc\rd\u202ee\u007f\tf\r\ng';
    const shown = 'a\\u001b]0;mine\\u0007b\\u009b2Jc\\u000dd\\u202ee\\u007f\tf\ng\n';
    for (const isTTY of [true, false]) {
      expect(written((terminal) => terminal.print(hostile), isTTY)).toBe(shown);
      expect(written((terminal) => terminal.say(hostile), isTTY)).toBe(shown);
    }
    expect(written((terminal) => terminal.print('\u001b[31mfailed\u001b[0m'), false)).toBe('\\u001b[31mfailed\\u001b[0m\n');
  });

  test('keeps its own colours on a terminal, and every letter of any script', () => {
    expect(written((terminal) => terminal.print(`${terminal.state('failed')} \u001b[2K 東京 עברית 👩‍💻`))).toBe(
      '\u001b[31mfailed\u001b[0m \\u001b[2K 東京 עברית 👩‍💻\n',
    );
  });

  test('is the same JSON for programs', () => {
    const value = { message: 'a\u001b[2J\u009b2J\u007f\u202eb\r\n' };
    const text = written((terminal) => terminal.json(value));
    expect(text.trimEnd()).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(JSON.parse(text)).toEqual(value);
  });

  test('says how far a job is', () => {
    expect(progressText({ done: 3 })).toBe('3');
    expect(progressText({ done: 1, total: 3, message: 'rows' })).toBe('1 of 3 (33 %): rows');
    expect(progressText({ done: 0, total: 0 })).toBe('0 of 0');
  });
});
