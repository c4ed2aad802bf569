// Ring 2: .ci/run runs this file.
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { describeWithBroker, spawnApp, type Stack, startStack, waitFor } from '../support/index.js';

describeWithBroker('the three real jobs, through RabbitMQ', () => {
  let stack: Stack;
  let service: Server;
  let serviceUrl: string;
  const keys: string[] = [];

  beforeAll(async () => {
    service = createServer((request, response) => {
      keys.push(String(request.headers['idempotency-key']));
      response.setHeader('content-type', 'application/json').end('{"ok":true}');
    });
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    serviceUrl = `http://127.0.0.1:${String((service.address() as { port: number }).port)}`;
    stack = await startStack({ mode: 'distributed', workers: 2, env: { FANOUT_ALLOW_PRIVATE: '1' } });
  });
  afterAll(async () => {
    await stack.stop();
    await new Promise((resolve) => service.close(resolve));
  });

  async function upload(content: Buffer | string): Promise<string> {
    const answer = await fetch(`${stack.api.url}/files?name=data.csv`, { method: 'POST', headers: { 'content-type': 'text/csv' }, body: content });
    expect(answer.status).toBe(201);
    return ((await answer.json()) as { id: string }).id;
  }

  test('a CSV is imported, aggregated and enriched', async () => {
    const csv = readFileSync('node_modules/vega-datasets/data/seattle-weather.csv');
    const lines = csv.toString().trim().split('\n').length;
    const fileId = await upload(csv);
    const imported = await stack.api.submit('csv.import', { fileId, table: 'weather' }, undefined, { prefer: 'wait=60' });
    expect(imported.body).toMatchObject({ state: 'succeeded', result: { table: 'weather', rows: lines - 1, badRows: 0 } });
    const report = await stack.api.submit(
      'report.aggregate',
      {
        table: 'weather',
        dateColumn: 'date',
        period: 'year',
        groupBy: ['weather'],
        measures: [{ column: 'precipitation', functions: ['sum', 'p90'] }],
        format: ['csv', 'html'],
      },
      undefined,
      { prefer: 'wait=60' },
    );
    expect(report.body.state).toBe('succeeded');
    const { files } = report.body.result as unknown as { files: { csv: { url: string } } };
    const download = await fetch(stack.api.url + files.csv.url);
    expect([download.status, (await download.text()).split('\n').length > 4]).toEqual([200, true]);
    const services = ['a', 'b', 'c'].map((name) => ({ name, url: `${serviceUrl}/${name}` }));
    const enriched = await stack.api.submit('fanout.enrich', { table: 'weather', keyColumn: 'weather', key: 'snow', services }, undefined, {
      prefer: 'wait=60',
    });
    expect(enriched.body.state).toBe('succeeded');
    expect(keys.sort()).toEqual(['a', 'b', 'c'].map((name) => `${enriched.body.id}/${name}`));
  });

  test('kill -9 in the middle of an import: another worker takes over within three seconds, and the table has each row once', async () => {
    const rows = 1_500_000;
    const fileId = await upload(['n,text', ...Array.from({ length: rows }, (_, n) => `${String(n)},"some text of row ${String(n)}"`)].join('\n'));
    const id = await stack.api.accepted('csv.import', { fileId, table: 'big' });
    await waitFor('the import to be under way', async () => ((await stack.api.job(id)).progress?.done ?? 0) > 0, { timeoutMs: 90_000 });
    const ownerPid = await stack.ownerPid(id);
    const owner = stack.workers.find(({ pid }) => pid === ownerPid);
    if (!owner) throw new Error('expected the import to run on one of the workers');
    owner.kill('SIGKILL');
    // A lost worker uses no attempt: what tells of the second run is the fence.
    const fence = async () => (await stack.query<{ fence: number }>('SELECT fence FROM jobs WHERE id = $1', [id]))[0]?.fence ?? 0;
    await waitFor('the second run', async () => (await fence()) === 2, { timeoutMs: 3_000 });
    expect((await stack.api.waitForState(id, 'succeeded', 55_000)).attempt).toBe(1);
    expect(await stack.query('SELECT count(*)::integer AS rows, count(DISTINCT n)::integer AS distinct FROM imports.big')).toEqual([{ rows, distinct: rows }]);
    stack.workers.splice(stack.workers.indexOf(owner), 1, await spawnApp('worker', stack.env));
  });
});
