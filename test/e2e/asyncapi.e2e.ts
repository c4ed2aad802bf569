import { Parser } from '@asyncapi/parser';
import { connect } from 'amqplib';
import type { JobView } from '@app/contracts';
import { describeWithBroker, type Stack, startStack, waitFor } from '../support/index.js';

interface Channel {
  address: string;
  bindings: { amqp: { exchange: { name: string; type: string; durable: boolean } } };
}
interface Document {
  servers: Record<string, { host: string; pathname?: string }>;
  channels: Record<string, Channel>;
  components: { messages: Record<string, { payload: { properties: object; required: string[] } }> };
}

describeWithBroker('/asyncapi.json', () => {
  let stack: Stack;
  let document: Document;
  beforeAll(async () => {
    stack = await startStack({ mode: 'distributed' });
    const { status, body } = await stack.api.call<Document>('GET', '/asyncapi.json');
    expect(status).toBe(200);
    document = body;
  });
  afterAll(() => stack.stop());

  test('is valid AsyncAPI 3.0, with a channel for each kind that can be submitted', async () => {
    const { diagnostics } = await new Parser().parse(JSON.stringify(document));
    expect(diagnostics.filter(({ severity }) => [0, 1].includes(severity))).toEqual([]);
    const { body } = await stack.api.call<{ items: { kind: string }[] }>('GET', '/kinds');
    for (const { kind } of body.items) expect(document.channels[`submit.${kind}`]?.address).toBe(kind);
  });

  test('says what is so: who does as it says gets a job done and hears of it', async () => {
    const connection = await connect(stack.amqpUrl);
    const channel = await connection.createConfirmChannel();
    const { events, 'submit.debug.echo': submit } = document.channels as Record<'events' | 'submit.debug.echo', Channel>;
    // A declaration with other arguments than the exchange has would be refused.
    for (const { name, type, durable } of [events, submit].map(({ bindings }) => bindings.amqp.exchange)) await channel.assertExchange(name, type, { durable });
    const { queue } = await channel.assertQueue('', { exclusive: true });
    const heard: JobView[] = [];
    const address = events.address.replace('{kind}', submit.address).replace('{state}', 'succeeded');
    await channel.bindQueue(queue, events.bindings.amqp.exchange.name, address);
    await channel.consume(queue, (message) => message && heard.push(JSON.parse(message.content.toString()) as JobView), { noAck: true });
    channel.publish(submit.bindings.amqp.exchange.name, submit.address, Buffer.from('{"value":1}'), {
      messageId: 'by the document',
      contentType: 'application/json',
      persistent: true,
    });
    await channel.waitForConfirms();
    const view = await waitFor('the event', () => heard[0]);
    const schema = document.components.messages['outcome']?.payload;
    // Only a result that is too large for a message is left out, and this job was made by no schedule.
    expect([...Object.keys(view), 'resultOmitted', 'schedule'].sort()).toEqual(Object.keys(schema?.properties ?? {}).sort());
    expect(Object.keys(view)).toEqual(expect.arrayContaining(schema?.required ?? ['none']));
    await connection.close();
  });
});
