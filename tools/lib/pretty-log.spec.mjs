import { prettyLog } from './pretty-log.mjs';

describe('the log of `dev`', () => {
  test('is a line with time, level, text and fields, and what is no JSON stays as it is', async () => {
    const show = await prettyLog();
    if (typeof show === 'boolean') throw new Error('expected pino-pretty to be installed, got none; npm ci');
    const line = { level: 'info', time: '2026-01-31T08:00:00.000Z', app: 'gateway', pid: 7, url: 'http://127.0.0.1:3000', msg: 'the gateway listens' };
    expect(show(JSON.stringify(line))).toMatch(/^\[\d\d:\d\d:\d\d\.000\] .*INFO.*: .*the gateway listens.* .*{"url":"http:\/\/127\.0\.0\.1:3000"}$/);
    expect(show('Segmentation fault')).toBe('Segmentation fault');
  });

  test('shows the stack of an error, line by line', async () => {
    const show = await prettyLog();
    if (typeof show === 'boolean') throw new Error('expected pino-pretty to be installed, got none; npm ci');
    const err = { type: 'Error', message: 'no', stack: 'Error: no\n    at render (file.ts:1:2)' };
    expect(show(JSON.stringify({ level: 'error', time: '2026-01-31T08:00:00.000Z', msg: 'failed', err })).split('\n').length).toBeGreaterThan(1);
  });
});
