import { validatePayload } from '@app/sdk';
import { FanoutEnrichPayload } from './fanout-enrich.job.js';
import { MAX_BODY_BYTES, readBody } from './fanout/response-body.js';

const service = { name: 'geo', url: 'https://geo.example/lookup/{key}' };

describe('the payload of fanout.enrich', () => {
  it('takes up to ten services', () => {
    const services = Array.from({ length: 10 }, (_, index) => ({ ...service, name: `s${index}` }));
    expect(validatePayload(FanoutEnrichPayload, { table: 'zips', key: '00501', services })).toEqual([]);
    const eleven = [...services, { ...service, name: 'one-more' }];
    expect(validatePayload(FanoutEnrichPayload, { table: 'zips', key: '00501', services: eleven }).map((fault) => fault.pointer)).toEqual([
      '/payload/services',
    ]);
  });

  it.each([
    [{ services: [] }, '/payload/services'],
    [{ services: [service, service] }, '/payload/services'],
    [{ services: [{ ...service, url: 'ftp://geo.example/' }] }, '/payload/services/0/url'],
    [{ services: [{ ...service, url: 'file:///etc/passwd' }] }, '/payload/services/0/url'],
    [{ services: [{ ...service, url: 'https://user:secret@geo.example/' }] }, '/payload/services/0/url'],
    [{ services: [{ ...service, name: 'a/b' }] }, '/payload/services/0/name'],
    [{ services: [{ ...service, timeoutMs: 0 }] }, '/payload/services/0/timeoutMs'],
    [{ services: [{ ...service, retries: 11 }] }, '/payload/services/0/retries'],
    [{ table: 'a b' }, '/payload/table'],
    [{ key: '' }, '/payload/key'],
  ])('with %j is refused at %s', (wrong, pointer) => {
    const faults = validatePayload(FanoutEnrichPayload, { table: 'zips', key: '00501', services: [service], ...wrong });
    expect(faults.map((fault) => fault.pointer)).toContain(pointer);
  });
});

describe('the body of an answer', () => {
  function read(body: string | Buffer, type?: string) {
    async function* chunks(): AsyncGenerator<Buffer> {
      yield Buffer.from(body);
    }
    const response = { headers: type === undefined ? {} : { 'content-type': type }, body: chunks() };
    return readBody(response as unknown as Parameters<typeof readBody>[0]);
  }

  it('is parsed when it says that it is JSON, and text otherwise', async () => {
    expect(await read('{"a":[1,null]}', 'application/json; charset=utf-8')).toEqual({ json: '{"a":[1,null]}' });
    expect(await read('{"a":1}', 'application/problem+json')).toEqual({ json: '{"a":1}' });
    expect(await read('{"a":1}', 'text/plain')).toEqual({ json: JSON.stringify('{"a":1}') });
    expect(await read('', 'application/json')).toEqual({ json: 'null' });
    expect(await read('')).toEqual({ json: '""' });
  });

  it.each(['9007199254740993', '0.12345678901234567890', '[1.0, 1e400, -0]', '{"n": 12345678901234567890.10}'])('keeps the digits of %s (D2)', async (body) => {
    expect(await read(body, 'application/json')).toEqual({ json: body });
  });

  it.each([
    ['{', 'application/json', /expected JSON/],
    ['"\\u0000"', 'application/json', /a NUL character/],
    ['{"\\u0000":1}', 'application/json', /a NUL character/],
    ['"\\ud800"', 'application/json', /half of a surrogate pair/],
    [`${'['.repeat(40)}${']'.repeat(40)}`, 'application/json', /nesting deeper than 32/],
    [Buffer.from([0xe9]), 'text/plain', /expected an answer in UTF-8/],
    ['x'.repeat(MAX_BODY_BYTES + 1), 'text/plain', /at most 1048576 bytes/],
  ])('that a result could not hold is an error: %.20j', async (body, type, message) => {
    expect(await read(body, type)).toEqual({ error: expect.stringMatching(message) as string });
  });
});
