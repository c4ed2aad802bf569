import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { testJob, type TestOptions } from '@app/sdk/testing';
import { CsvImport } from './csv-import.job.js';
import { FanoutEnrich, type FanoutEnrichPayload } from './fanout-enrich.job.js';
import { ImportDatabase } from './testing/import-database.js';

type Answer = (request: IncomingMessage, response: ServerResponse, earlier: number) => void;

const JOB_ID = '01890000-0000-7000-8000-000000000003';

describe('fanout.enrich', () => {
  let database: ImportDatabase;
  let base: string;
  const answers = new Map<string, Answer>();
  const calls: { path: string; key: string | undefined; body: string }[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const path = request.url ?? '';
      const earlier = calls.filter((call) => call.path === path).length;
      calls.push({ path, key: request.headers['idempotency-key'] as string | undefined, body });
      const answer = answers.get(path.split('?')[0] ?? '');
      if (answer) answer(request, response, earlier);
      else response.writeHead(404).end();
    });
  });

  beforeAll(async () => {
    process.env['FANOUT_ALLOW_HOSTS'] = '127.0.0.1';
    database = await ImportDatabase.open();
    await database.run(CsvImport, { fileId: await database.storeVega('zipcodes.csv'), table: 'zips' });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    calls.length = 0;
    answers.clear();
    answers.set('/ok', (_request, response) => json(response, { fine: true }));
  });
  afterAll(async () => {
    delete process.env['FANOUT_ALLOW_HOSTS'];
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await database.close();
  });

  function json(response: ServerResponse, value: unknown): void {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  }

  function service(name: string, path: string, more: object = {}): FanoutEnrichPayload['services'][number] {
    return { name, url: base + path, retries: 0, ...more } as FanoutEnrichPayload['services'][number];
  }

  async function enrich(services: FanoutEnrichPayload['services'], payload: Partial<FanoutEnrichPayload> = {}, options: TestOptions = {}) {
    const run = await testJob(FanoutEnrich, database.dataSource).run({ table: 'zips', key: '00501', services, ...payload }, { id: JOB_ID, ...options });
    // The round trip has made plain values of what was raw text.
    const { row, services: answered } = run.result as unknown as { row: unknown; services: { name: string; ok: boolean; error?: string; data?: unknown }[] };
    return { ...run, result: { row, services: answered } };
  }

  it('asks three services at once, each with the key of the job, and finds the row', async () => {
    const held: ServerResponse[] = [];
    // Nobody is answered before all have asked: one after the other this would never end.
    const together: Answer = (_request, response) => {
      held.push(response);
      if (held.length === 3) for (const waiting of held) json(waiting, { seen: 3 });
    };
    for (const path of ['/a', '/b', '/c']) answers.set(path, together);
    const { result, progress } = await enrich([service('a', '/a'), service('b', '/b'), service('c', '/c')]);
    expect(result.row).toMatchObject({ zip_code: '00501', city: 'Holtsville' });
    expect(result.services).toEqual(
      ['a', 'b', 'c'].map((name) => ({ name, ok: true, status: 200, attempts: 1, ms: expect.any(Number) as number, data: { seen: 3 } })),
    );
    expect(calls.map((call) => call.key).sort()).toEqual(['a', 'b', 'c'].map((name) => `${JOB_ID}/${name}`));
    expect(JSON.parse(calls[0]?.body ?? '')).toEqual({ table: 'zips', key: '00501' });
    expect(progress.at(-1)).toEqual({ done: 4, total: 4 });
  });

  it('gives the numbers of rows and answers digit by digit (D2)', async () => {
    const csv = 'id,big,small,text\n1,9007199254740993,0.12345678901234567890,"a ""b"" c"\n';
    await database.run(CsvImport, { fileId: await database.store(csv), table: 'exact' });
    const answer = '{"n": 9007199254740993, "d": 0.12345678901234567890, "e": [1e400, 1.0]}';
    answers.set('/exact', (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(answer));
    const { resultText } = await enrich([service('exact', '/exact')], { table: 'exact', key: '1' });
    expect(resultText).toContain('{"id":1,"big":9007199254740993,"small":0.12345678901234567890,"text":"a \\"b\\" c"}');
    expect(resultText).toContain(answer);
  });

  it('reports what failed and succeeds with the rest', async () => {
    answers.set('/slow', () => undefined);
    answers.set('/moved', (_request, response) => response.writeHead(302, { location: `${base}/ok` }).end());
    answers.set('/huge', (_request, response) => json(response, 'x'.repeat(2 * 1024 ** 2)));
    answers.set('/broken', (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{'));
    answers.set('/nul', (_request, response) => json(response, { a: 'b\0' }));
    answers.set('/text', (_request, response) => response.end('plain é'));
    const paths = ['ok', 'slow', 'moved', 'huge', 'broken', 'nul', 'text', 'missing'];
    const { result } = await enrich([
      ...paths.map((path) => service(path, `/${path}`, { timeoutMs: path === 'slow' ? 50 : 5_000 })),
      { ...service('refused', ''), url: 'http://127.0.0.1:1/' },
    ]);
    const errors = Object.fromEntries(result.services.map(({ name, ok, error }) => [name, ok ? true : error]));
    expect(errors).toEqual({
      ok: true,
      text: true,
      slow: 'expected an answer within 50 ms, got none',
      moved: 'expected an answer, got a redirect (302), which is not followed: call its target',
      huge: 'expected an answer of at most 1048576 bytes, got more',
      broken: expect.stringMatching(/^expected JSON as the answer's content type says/) as string,
      nul: 'expected an answer that PostgreSQL can store, got a NUL character',
      missing: 'expected a status of 200 to 299, got: 404',
      refused: expect.stringContaining('ECONNREFUSED') as string,
    });
    expect(calls.filter((call) => call.path === '/ok')).toHaveLength(1);
  });

  it('tries again what may pass, with the same key, and no other', async () => {
    answers.set('/flaky', (_request, response, earlier) => (earlier < 2 ? response.writeHead(503).end() : json(response, earlier)));
    answers.set('/wrong', (_request, response) => response.writeHead(400).end());
    const { result } = await enrich([service('flaky', '/flaky', { retries: 2 }), service('wrong', '/wrong', { retries: 2 })]);
    expect(result.services).toMatchObject([
      { name: 'flaky', ok: true, attempts: 3, data: 2 },
      { name: 'wrong', ok: false, attempts: 1, status: 400 },
    ]);
    expect(new Set(calls.filter((call) => call.path === '/flaky').map((call) => call.key))).toEqual(new Set([`${JOB_ID}/flaky`]));
  });

  it('leaves a long Retry-After to the retry of the job', async () => {
    answers.set('/later', (_request, response) => response.writeHead(429, { 'retry-after': '120' }).end());
    const asked = enrich([service('later', '/later', { retries: 5, required: true })]);
    await expect(asked).rejects.toMatchObject({ name: 'RetryableError', afterMs: 120_000 });
    expect(calls).toHaveLength(1);
  });

  it('does not call again, in a later attempt, who has answered', async () => {
    let busy = true;
    answers.set('/busy', (_request, response) => (busy ? response.writeHead(503).end() : json(response, 'now')));
    const services = [service('ok', '/ok'), service('busy', '/busy', { required: true })];
    await expect(enrich(services)).rejects.toThrow('expected every required service to answer, got: busy');
    busy = false;
    const steps = { 'service/ok': { ok: true, status: 200, data: { fine: 'before' }, attempts: 1, ms: 3 } };
    const { result } = await enrich(services, {}, { attempt: 2, steps });
    expect(result.services.map(({ data }) => data)).toEqual([{ fine: 'before' }, 'now']);
    expect(calls.map((call) => call.path).sort()).toEqual(['/busy', '/busy', '/ok']);
  });

  it('fails for good when no service will ever answer', async () => {
    await expect(enrich([service('x', '/none'), service('y', '/nothing')])).rejects.toMatchObject({ name: 'NonRetryableError', code: 'services_failed' });
  });

  it('puts the key into the address, encoded', async () => {
    answers.set('/ok/00501', (_request, response) => json(response, 1));
    await enrich([service('get', '/ok/{key}?q={key}', { method: 'GET' })]);
    expect(calls).toEqual([{ path: '/ok/00501?q=00501', key: `${JOB_ID}/get`, body: '' }]);
  });

  it('reaches no inner address that is not allowed', async () => {
    delete process.env['FANOUT_ALLOW_HOSTS'];
    try {
      const port = (server.address() as AddressInfo).port;
      const services = [service('literal', '/ok'), { ...service('name', ''), url: `http://localhost:${port}/ok` }];
      await expect(enrich(services)).rejects.toMatchObject({
        name: 'NonRetryableError',
        message: expect.stringMatching(/literal: .*public address.*name: .*public address/) as string,
      });
      expect(calls).toEqual([]);
    } finally {
      process.env['FANOUT_ALLOW_HOSTS'] = '127.0.0.1';
    }
  });

  it.each([
    [{ key: '99999999' }, /expected a row of table zips with zip_code "99999999", got none/],
    [{ keyColumn: 'latitude', key: 'north' }, /expected key to be of the type of column latitude, numeric/],
    [{ keyColumn: 'zipcode' }, /did you mean "zip_code"\?/],
    [{ table: 'zip' }, /did you mean "zips"\?/],
  ])('refuses %j, says what would do, and calls nobody (D13)', async (payload, message) => {
    await expect(enrich([service('ok', '/ok')], payload)).rejects.toMatchObject({
      name: 'NonRetryableError',
      message: expect.stringMatching(message) as string,
    });
    expect(calls).toEqual([]);
  });

  it('stops when its signal fires, in the middle of a call', async () => {
    const job = testJob(FanoutEnrich, database.dataSource);
    answers.set('/hang', () => job.stop('drain'));
    const asked = job.run({ table: 'zips', key: '00501', services: [service('hang', '/hang')] });
    await expect(asked).rejects.toMatchObject({ name: 'StopError', reason: 'drain' });
  });
});
