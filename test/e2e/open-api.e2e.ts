import 'reflect-metadata';
import { catalogue } from '@app/jobs';
import { HandlerRegistry } from '@app/sdk';
import { describeControllers } from '../../apps/gateway/src/api-docs/describe-controllers.js';
import { debugKinds } from '../kinds/index.js';
import { type Stack, startStack } from '../support/index.js';

interface Operation {
  tags?: string[];
  responses: Record<string, unknown>;
  requestBody?: { content: Record<string, { examples?: Record<string, { value: object }> }> };
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  tags: { name: string }[];
}

describe('the page of the API (C33)', () => {
  let stack: Stack;
  let document: Document;
  beforeAll(async () => {
    stack = await startStack({ mode: 'single-process', env: { LOG_LEVEL: 'warn' } });
    document = (await stack.api.call<Document>('GET', '/openapi.json')).body;
  });
  afterAll(() => stack.stop());

  test('puts a request there for each kind that is accepted as it stands', async () => {
    const examples = Object.entries(document.paths['/jobs']?.['post']?.requestBody?.content['application/json']?.examples ?? {});
    expect(examples.map(([name]) => name)).toEqual(expect.arrayContaining(['csv.import', 'report.aggregate', 'fanout.enrich', 'debug.echo']));
    for (const [name, { value }] of examples) {
      // Not run now: some are made to crash their process.
      const { status, body } = await stack.api.call<object>('POST', '/jobs', { ...value, options: { delay: '1h' } });
      expect([name, status, status === 202 ? '' : body]).toEqual([name, 202, '']);
    }
    const [batch] = Object.values(document.paths['/jobs/batch']?.['post']?.requestBody?.content['application/json']?.examples ?? {});
    expect((await stack.api.call('POST', '/jobs/batch', batch?.value)).status).toBe(202);
  });

  test('is the document that is made without a gateway, for linters and generators', async () => {
    expect(document).toEqual(JSON.parse(JSON.stringify(await describeControllers(new HandlerRegistry([...catalogue, ...debugKinds])))));
  });

  test('has its operations in the order of their tags', () => {
    const order = document.tags.map(({ name }) => name);
    const seen = Object.values(document.paths).map((item) => order.indexOf(Object.values(item)[0]?.tags?.[0] ?? ''));
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen).not.toContain(-1);
  });

  test('names every status that an operation is seen to answer', async () => {
    const bodies = [undefined, '{}', '{"nonsense":1}', '[]', '{', JSON.stringify({ kind: 'debug.echo', payload: { value: 1 } })];
    const undocumented: string[] = [];
    for (const [path, item] of Object.entries(document.paths)) {
      for (const [method, { responses }] of Object.entries(item)) {
        const urls = ['019364d2-7c1e-7a33-8f3e-0b9f6a1d2c3e', 'default', 'nonsense'].map((id) => path.replace(/\{[^}]*\}/g, id));
        for (const url of new Set(urls.flatMap((one) => [one, `${one}?nonsense=1`]))) {
          for (const body of method === 'get' ? [undefined] : bodies) {
            const init = {
              method: method.toUpperCase(),
              signal: AbortSignal.timeout(10_000),
              headers: body === undefined ? {} : { 'content-type': 'application/json' },
            };
            const response = await fetch(stack.gateway.url + url, { ...init, ...(body === undefined ? {} : { body }) });
            await response.body?.cancel();
            if (!(String(response.status) in responses)) undocumented.push(`${init.method} ${url} ${String(body)} → ${String(response.status)}`);
          }
        }
      }
    }
    expect(undocumented).toEqual([]);
  });

  test('does not name a status of success that an operation never answers', () => {
    const successes = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(
        ([method, { responses }]) =>
          `${method} ${path} ${Object.keys(responses)
            .filter((status) => status < '400')
            .join(',')}`,
      ),
    );
    expect(successes).toEqual(
      expect.arrayContaining([
        'post /jobs 200,202',
        'post /jobs/batch 202',
        'get /jobs/{id} 200,304',
        'post /jobs/{id}/cancel 200,202',
        'post /jobs/{id}/redrive 202',
        'post /files 201',
        'delete /files/{id} 204',
        'post /webhooks/endpoints 201',
        'post /queues/{name}/pause 200',
      ]),
    );
  });
});
