import 'reflect-metadata';
import { Parser } from '@asyncapi/parser';
import { catalogue } from '@app/jobs';
import { HandlerRegistry } from '@app/sdk';
import { debugKinds } from '../../../../test/kinds/index.js';
import { asyncApiDocument } from './async-api.js';
import { describeControllers } from './describe-controllers.js';

describe('the AsyncAPI document', () => {
  const registry = new HandlerRegistry([...catalogue, ...debugKinds]);
  let openApi: Awaited<ReturnType<typeof describeControllers>>;
  beforeAll(async () => (openApi = await describeControllers(registry)));

  test.each(['amqps://user:secret@broker.example/longhaul', 'amqp://127.0.0.1:5672', undefined])('is valid AsyncAPI 3.0 (%s)', async (url) => {
    const { document, diagnostics } = await new Parser().parse(JSON.stringify(asyncApiDocument(registry, url, openApi)));
    expect(diagnostics.filter(({ severity }) => [0, 1].includes(severity))).toEqual([]);
    expect(document?.version()).toBe('3.0.0');
  });

  test('has a channel with the payload schema of each kind', async () => {
    const { document } = await new Parser().parse(JSON.stringify(asyncApiDocument(registry, undefined, openApi)));
    for (const kind of registry.names()) {
      const [message] = document?.channels().get(`submit.${kind}`)?.messages().all() ?? [];
      expect(message?.payload()?.json()).toMatchObject({ type: 'object', additionalProperties: false });
    }
  });

  test('says where the broker is, and not how to log in', () => {
    const text = JSON.stringify(asyncApiDocument(registry, 'amqps://user:secret@broker.example/longhaul', openApi));
    expect(text).toContain('"host":"broker.example:5671","protocol":"amqps","protocolVersion":"0-9-1","pathname":"/longhaul"');
    expect(text).not.toMatch(/secret|user:/);
  });
});
