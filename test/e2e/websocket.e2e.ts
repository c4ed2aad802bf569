// Ring 2: .ci/run runs this file.
import { uuidv7 } from '@app/core';
import WebSocket from 'ws';
import { type App, describeWithBroker, spawnApp, type Stack, startStack, waitFor } from '../support/index.js';

interface Frame {
  event: string;
  data: Record<string, unknown> & { job?: string; seq?: number };
}

/** A client that keeps what it is told. */
class Client {
  readonly frames: Frame[] = [];
  pings = 0;
  closed: number | undefined;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer) => this.frames.push(JSON.parse(data.toString()) as Frame));
    socket.on('ping', () => this.pings++);
    socket.on('close', (code) => (this.closed = code));
    socket.on('error', () => undefined);
  }

  static async open({ url }: App, options: WebSocket.ClientOptions = {}): Promise<Client> {
    const client = new Client(new WebSocket(`${url.replace('http', 'ws')}/ws`, options));
    await waitFor('the connection', () => client.socket.readyState === WebSocket.OPEN);
    return client;
  }

  say(event: string, data: unknown): void {
    this.socket.send(JSON.stringify({ event, data }));
  }

  of(job: string): Frame[] {
    return this.frames.filter(({ data }) => data.job === job);
  }

  seqsOf(job: string): number[] {
    return this.of(job).flatMap(({ data }) => data.seq ?? []);
  }
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describeWithBroker('events over one WebSocket', () => {
  let stack: Stack;
  let other: App;
  beforeAll(async () => {
    stack = await startStack({ mode: 'distributed', env: { EVENT_HEARTBEAT_SECONDS: '1', EVENT_SUBSCRIPTIONS: '20' } });
    other = await spawnApp('gateway', stack.env);
  }, 240_000);
  afterAll(async () => {
    if (other.isRunning()) await other.stop();
    await stack.stop();
  });

  test('come of many jobs, each complete and in order, until each has ended', async () => {
    const client = await Client.open(other);
    const ids = await Promise.all(upTo(10).map((n) => stack.api.accepted('debug.log', { lines: n, pauseMs: 100 })));
    for (const job of ids) client.say('subscribe', { job });
    await waitFor('the end of all', () => ids.every((id) => client.of(id).at(-1)?.event === 'end'), { timeoutMs: 90_000 });
    for (const id of ids) {
      const { lastEventId } = await stack.api.job(id);
      expect(client.seqsOf(id)).toEqual(upTo(lastEventId));
      expect(client.of(id)[0]).toEqual({ event: 'subscribed', data: { job: id } });
      expect(client.of(id).at(-2)).toMatchObject({ event: 'state', data: { state: 'succeeded' } });
    }
    client.socket.close();
  });

  test('go on after the event that a client has, and stop when it unsubscribes', async () => {
    const client = await Client.open(other);
    const job = await stack.api.accepted('debug.log', { lines: 200, pauseMs: 100 });
    client.say('subscribe', { job });
    await waitFor('some events', () => client.seqsOf(job).length > 4);
    client.say('unsubscribe', { job });
    await waitFor('it to be over', () => client.of(job).some(({ event }) => event === 'unsubscribed'));
    const had = client.seqsOf(job);
    await waitFor('more to happen', async () => (await stack.api.job(job)).lastEventId > had.length + 5);
    expect(client.seqsOf(job)).toEqual(had);
    client.say('subscribe', { job, lastEventId: had.at(-1) });
    await stack.api.call('POST', `/jobs/${job}/cancel`);
    await waitFor('the end', () => client.of(job).at(-1)?.event === 'end', { timeoutMs: 90_000 });
    expect(client.seqsOf(job)).toEqual(upTo((await stack.api.job(job)).lastEventId));
    client.socket.close();
  });

  test('are not to be had by frames that make no sense: each is answered with an error, and the connection lives', async () => {
    const client = await Client.open(other);
    const bad = [
      'not json',
      '[]',
      'null',
      '{"event":"shout"}',
      '{"event":"subscribe"}',
      '{"event":"subscribe","data":{"job":7}}',
      '{"event":"unsubscribe","data":[]}',
    ];
    for (const frame of bad) client.socket.send(frame);
    client.socket.send(Buffer.from([0xff, 0x00]));
    client.say('subscribe', { job: uuidv7(), lastEventId: -1 });
    await waitFor('an answer to each', () => client.frames.length === bad.length + 2);
    expect(new Set(client.frames.map(({ event, data }) => `${event} ${String(data['type'])}`))).toEqual(new Set(['error /problems/malformed-request']));
    const missing = uuidv7();
    client.say('subscribe', { job: missing });
    await waitFor('an answer', () => client.of(missing).length === 1);
    expect(client.of(missing)[0]).toMatchObject({ event: 'error', data: { type: '/problems/not-found', status: 404 } });
    client.socket.send('x'.repeat(20_000));
    await waitFor('the connection to be closed for a frame that is too large', () => client.closed === 1009);
    expect((await fetch(`${other.url}/health/live`)).status).toBe(200);
  });

  test('are bounded in number of subscriptions', async () => {
    const client = await Client.open(other);
    const ids = await Promise.all(upTo(21).map(() => stack.api.accepted('debug.echo', { value: 1 }, { delay: '1h' })));
    for (const job of ids) client.say('subscribe', { job });
    await waitFor('the last to be refused', () => client.frames.some(({ event }) => event === 'error'));
    expect(client.frames.filter(({ event }) => event === 'error')).toMatchObject([{ data: { job: ids[20], type: '/problems/overloaded' } }]);
    client.say('unsubscribe', { job: ids[0] });
    client.say('subscribe', { job: ids[20] });
    await waitFor('room', () => client.of(ids[20] ?? '').some(({ event }) => event === 'subscribed'));
    client.socket.close();
  });

  test('need a client that answers pings: one that does not is dropped', async () => {
    const [awake, asleep] = [await Client.open(other), await Client.open(other, { autoPong: false })];
    await waitFor('the sleeper to be dropped', () => asleep.closed !== undefined);
    await waitFor('two pings', () => awake.pings >= 2);
    expect(awake.closed).toBeUndefined();
    awake.socket.close();
  });

  test('end in good order with their gateway', async () => {
    const leaving = await spawnApp('gateway', stack.env);
    const client = await Client.open(leaving);
    await leaving.stop();
    await waitFor('the close', () => client.closed === 1001);
  });
});
