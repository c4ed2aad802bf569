import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { readBody } from './response-body.js';

const answer = (text: string, type = 'application/json') =>
  ({ headers: { 'content-type': type }, body: Readable.from([Buffer.from(text)]) }) as unknown as Pick<Dispatcher.ResponseData, 'headers' | 'body'>;

test.each(['😀 is no JSON', '{"a":😀}', `{"a":${'😀'.repeat(50)}`, '{"a":1}\u0000', `["${'x'.repeat(1_000_000)}`])(
  'what is wrong in an answer is told in a line that a result can hold: %#',
  async (text) => {
    const read = await readBody(answer(text));
    const error = 'error' in read ? read.error : '';
    expect(error).toMatch(/^expected JSON/);
    expect([error.isWellFormed(), error.length < 600, /\p{Cc}/u.test(error)]).toEqual([true, true, false]);
  },
);

test('a content type is told in part', async () => {
  const read = await readBody({ ...answer('', `text/${'x'.repeat(10_000)}`), body: Readable.from([Buffer.from([0xff, 0xfe])]) as never });
  expect('error' in read && read.error.length).toBeLessThan(300);
});
