import type { LogLine } from '../watch/events.js';
import { AttemptEvents } from './attempt-events.js';
import { logLine } from './telling.js';

function telling(before = 1) {
  let time = 0;
  const events = new AttemptEvents(() => time, before);
  const pass = (ms: number) => void (time += ms);
  /** What is written at this moment, as text. */
  const write = (all = false) => {
    const taken = events.take(all);
    taken?.written();
    return (taken?.events ?? []).map((event) => (event.type === 'log' ? event.line.message : event.progress.done));
  };
  return { events, pass, write };
}

const line = (message: string): LogLine => ({ level: 'info', message, fields: {} });

describe('what an attempt tells', () => {
  test('is written in order, of progress only the newest', () => {
    const { events, write } = telling();
    events.progress({ done: 1 });
    events.log(line('one'));
    events.progress({ done: 2 });
    events.log(line('two'));
    expect(write()).toEqual(['one', 2, 'two']);
    expect(write()).toEqual([]);
  });

  test('says how long ago it was', () => {
    const { events, pass } = telling();
    events.log(line('one'));
    pass(700);
    expect(events.take(false)?.events).toMatchObject([{ ageMs: 700 }]);
  });

  test('of progress is written once a second, less often the longer it runs, and at the end in any case', () => {
    const { events, pass, write } = telling();
    events.progress({ done: 1 });
    expect(write()).toEqual([1]);
    events.progress({ done: 2 });
    events.log(line('meanwhile'));
    pass(500);
    expect(write()).toEqual(['meanwhile']);
    pass(500);
    expect(write()).toEqual([2]);
    pass(86_400_000);
    events.progress({ done: 3 });
    expect(write()).toEqual([3]);
    events.progress({ done: 4 });
    pass(100_000);
    expect(write()).toEqual([]);
    expect(write(true)).toEqual([4]);
  });

  test('comes again, in order, when it was not written, and nothing else goes before it has landed', () => {
    const { events, write } = telling();
    events.log(line('one'));
    events.progress({ done: 1 });
    const taken = events.take(false);
    expect(events.landing).toBeDefined();
    events.log(line('two'));
    events.progress({ done: 2 });
    expect(write(true)).toEqual([]);
    taken?.notWritten();
    expect(events.landing).toBeUndefined();
    expect(write(true)).toEqual(['one', 'two', 2]);
  });

  test('is bounded: beyond a number of lines one says that there were more', () => {
    const { events, write } = telling(9_990);
    for (let n = 0; n < 200; n++) events.log(line(String(n)));
    const written = write();
    expect(written).toHaveLength(101);
    expect(written.at(-1)).toMatch(/more lines than Longhaul keeps/);
  });

  test('is bounded in memory while nothing can be written', () => {
    const { events, write } = telling();
    for (let n = 0; n < 2_000; n++) events.log(line('x'.repeat(2_000)));
    const written = write() as string[];
    expect(written.join('').length).toBeLessThan(1.1 * 1024 * 1024);
    expect(written.at(-1)).toMatch(/more lines/);
    events.log(line('and on'));
    expect(write()).toEqual(['and on']);
  });
});

describe('a line', () => {
  test('is cut, and made printable', () => {
    const { message } = logLine('ä'.repeat(3_000), {});
    expect(message).toHaveLength(2_000);
    expect(logLine('a\u0000b\ud800', {}).message).toBe('ab\ufffd');
  });

  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  test.each([
    ['a plain object', { n: 1, deep: [null] }, { n: 1, deep: [null] }],
    ['an error', { err: new TypeError('no') }, { err: { name: 'TypeError', message: 'no' } }],
    ['a circle', circular, { omitted: expect.stringContaining('no JSON') }],
    ['too much', { text: 'x'.repeat(10_000) }, { omitted: expect.stringContaining('10011 characters') }],
    ['what PostgreSQL refuses', { text: '\u0000' }, { omitted: expect.stringContaining('/text') }],
    ['a number that JSON lacks', { big: 10n }, { omitted: expect.stringContaining('no JSON') }],
  ])('takes fields of %s', (_, fields, kept) => {
    expect(logLine('x', fields).fields).toEqual(kept);
  });
});
