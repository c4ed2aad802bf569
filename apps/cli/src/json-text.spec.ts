import { writeJson } from '@app/client';
import { readExactly, utf8 } from './json-text.js';

describe('JSON that somebody has written by hand', () => {
  test('is read without the byte order mark that editors of Windows write', () => {
    expect(utf8(Buffer.from('\ufeff{"a":"é"}'), 'the payload')).toBe('{"a":"é"}');
  });

  test.each([
    ['UTF-16 of PowerShell', Buffer.from('\ufeff{"a":1}', 'utf16le'), 'expected the payload to be UTF-8, got UTF-16: save it as UTF-8'],
    ['UTF-16, big end first', Buffer.from('\ufeff{"a":1}', 'utf16le').swap16(), 'got UTF-16'],
    ['Latin-1', Buffer.from('{"name":"Müller"}', 'latin1'), 'expected the payload to be UTF-8, got other bytes'],
    ['a file that was cut off in a letter', Buffer.from('{"name":"ü"}').subarray(0, 10), 'got other bytes'],
  ])('is refused as %s, and never sent with question marks in it', (_, bytes, message) => {
    expect(() => utf8(bytes, 'the payload')).toThrow(message);
  });

  test.each(['{"a":1,"a":2}', '{"b":[{"a":1,"\\u0061":2}]}', '{"__proto__":1,"__proto__":2}'])(
    '%s is refused, for the gateway would not take a name twice',
    (text) => {
      expect(() => readExactly(text, 'the payload')).toThrow('expected the payload to be JSON, got: an object with a name twice');
    },
  );

  test.each(['{"a:":"b:\\":","c\\\\":{"a:":1}}', '[[],{},{"a":{"a":[{"a":1}]}}]', '{"value":[12345678901234567890,-0,1E400,1.0]}', '"a:b"', '7', 'null'])(
    '%s is read as it stands',
    (text) => {
      expect(writeJson(readExactly(text, 'the payload'))).toBe(text);
    },
  );

  test('is told its mistake in the text as it was written, and not as it is read', () => {
    expect(() => readExactly('{"value":1.0,"x":1e400,}', 'the payload')).toThrow(/^expected the payload to be JSON, got: (?!.*number-)/);
  });
});
