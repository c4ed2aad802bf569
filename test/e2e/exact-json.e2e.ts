import { type ChannelModel, connect } from 'amqplib';
import { describeWithBroker, type Stack, startStack, waitFor } from '../support/index.js';

const NUMBERS = '{"value":[12345678901234567890,-0,1E400,1e-400,0.10000000000000000001,{"deep":[[9007199254740993]]}]}';
const MEMBERS = 80_000;

describeWithBroker('JSON, exact and bounded', () => {
  let stack: Stack;
  let connection: ChannelModel;
  const events: string[] = [];

  beforeAll(async () => {
    stack = await startStack({ mode: 'distributed' });
    connection = await connect(stack.amqpUrl);
    const channel = await connection.createChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, 'longhaul.events', '#');
    await channel.consume(queue, (message) => message && events.push(message.content.toString()), { noAck: true });
  });
  afterAll(async () => {
    await connection.close();
    await stack.stop();
  });

  /** With its body read: one that nobody reads keeps its connection open. */
  async function whole(answer: Promise<Response>): Promise<Response> {
    const response = await answer;
    return new Response(await response.arrayBuffer(), { status: response.status, headers: response.headers });
  }
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    whole(fetch(`${stack.gateway.url}${path}`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } }));
  const text = async (path: string) => (await fetch(`${stack.gateway.url}${path}`)).text();
  const longest = (texts: string[]) => texts.find((one) => one.includes('12345678901234567890'));

  test('a payload comes back digit by digit in the answer, the view, the list, the events and the stream (C2)', async () => {
    const answer = await post('/jobs', `{"kind":"debug.echo","payload":${NUMBERS}}`, { prefer: 'wait=30' });
    const view = await answer.text();
    expect(answer.status).toBe(200);
    expect(view).toContain(`"result":${NUMBERS}`);
    const { id } = JSON.parse(view) as { id: string };
    expect(await text(`/jobs/${id}`)).toContain(`"result":${NUMBERS}`);
    expect(await text(`/jobs/${id}/events`)).toContain(NUMBERS);
    expect(await waitFor('the outcome event', () => longest(events))).toContain(`"result":${NUMBERS}`);
  });

  test('so does one of the AMQP door (C2)', async () => {
    const channel = await connection.createChannel();
    channel.publish('longhaul.submit', 'debug.echo', Buffer.from('{"value":98765432109876543210.0}'), { contentType: 'application/json', messageId: 'exact' });
    expect(await waitFor('the outcome event', () => events.find((event) => event.includes('9876543210987654321')))).toContain(
      '"result":{"value":98765432109876543210.0}',
    );
  });

  test('two payloads that only differ beyond the digits of a double are two requests (C2)', async () => {
    const key = { 'idempotency-key': 'digits' };
    expect((await post('/jobs', '{"kind":"debug.echo","payload":{"value":12345678901234567890}}', key)).status).toBe(202);
    expect((await post('/jobs', '{"kind":"debug.echo","payload":{"value":12345678901234567891}}', key)).status).toBe(422);
    expect((await post('/jobs', '{"payload":{ "value": 12345678901234567890 },"kind":"debug.echo"}', key)).headers.get('idempotency-replayed')).toBe('true');
  });

  test('a batch keeps the digits of each of its jobs (C2)', async () => {
    const answer = await post('/jobs/batch', `{"jobs":[{"kind":"debug.echo","payload":{"value":1.0}},{"payload":{"value":1e400},"kind":"debug.echo"}]}`);
    const { jobs } = (await answer.json()) as { jobs: { id: string }[] };
    const results = await Promise.all(
      jobs.map(({ id }) => waitFor(`the result of ${id}`, async () => /"result":(\{[^}]*\})/.exec(await text(`/jobs/${id}`))?.[1])),
    );
    expect(results).toEqual(['{"value":1.0}', '{"value":1e400}']);
  });

  test.each([
    ['a name twice', '{"kind":"debug.echo","payload":{"value":1,"value":2}}'],
    ['something behind the end', '{"kind":"debug.echo","payload":{"value":1}} x'],
  ])('a body with %s is refused as malformed (E21)', async (_, body) => {
    expect((await post('/jobs', body)).status).toBe(400);
  });

  const many = (name: string) => Array.from({ length: MEMBERS }, (_, index) => `"${name}${index}":1`).join();
  test.each([
    ['a value of 80,000 members', `{"kind":"debug.echo","payload":{"value":{${many('k')}}}}`],
    ['80,000 unknown payload fields', `{"kind":"debug.echo","payload":{${many('k')}}}`],
    ['80,000 unknown options', `{"kind":"debug.echo","payload":{"value":1},"options":{${many('k')}}}`],
    ['20,000 services', `{"kind":"fanout.enrich","payload":{"table":"t","key":"k","services":[${Array(20_000).fill('{}').join()}]}}`],
    ['100,000 tags', `{"kind":"debug.echo","payload":{"value":1},"options":{"tags":[${Array(100_000).fill('"t"').join()}]}}`],
  ])('%s is refused with few faults, and holds nobody up (E6)', async (_, body) => {
    const started = performance.now();
    const refused = post('/jobs', body);
    const alive = whole(fetch(`${stack.gateway.url}/health/live`));
    const answer = await refused;
    expect(answer.status).toBe(422);
    expect((await alive).status).toBe(200);
    expect(((await answer.json()) as { errors: unknown[] }).errors.length).toBeLessThanOrEqual(25);
    // Seven seconds before; generous, for other tests run beside this one.
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  test('a thousand small jobs in one batch are not too many members (E6)', async () => {
    const job = '{"kind":"debug.echo","payload":{"value":{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10}}}';
    expect((await post('/jobs/batch', `{"jobs":[${Array(1_000).fill(job).join()}]}`)).status).toBe(202);
  });
});
