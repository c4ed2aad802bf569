import { type JobEvent, Longhaul } from './index.js';
import { hangUp, problem, ScriptedGateway, stream } from './testing/scripted-gateway.js';

const EVENTS = 'GET /jobs/j1/events';

/** The part of each type of event that the tests compare. */
function told(event: JobEvent): string {
  switch (event.type) {
    case 'state':
      return event.state;
    case 'progress':
      return `${event.done} of ${String(event.total)}`;
    case 'log':
      return event.message;
    case 'reset':
      return event.view.state;
  }
}

describe('events()', () => {
  let gateway: ScriptedGateway;
  let longhaul: Longhaul;

  beforeEach(async () => {
    gateway = await new ScriptedGateway().start();
    longhaul = new Longhaul({ url: gateway.url, backoff: { firstMs: 1, longestMs: 5 } });
  });
  afterEach(() => gateway.close());

  async function all(after?: number): Promise<string[]> {
    const seen: string[] = [];
    for await (const event of longhaul.events('j1', after === undefined ? {} : { after })) seen.push(`${event.type} ${event.seq} ${told(event)}`);
    return seen;
  }

  test('ends after the event that ends the job', async () => {
    gateway.on(EVENTS, stream([': hello\n\n', 'state 1 queued', 'log 2 hello', 'state 3 failed']));
    await expect(all()).resolves.toEqual(['state 1 queued', 'log 2 hello', 'state 3 failed']);
    expect(gateway.seen).toHaveLength(1);
  });

  test('goes on where it was when the connection is lost, and drops what it has seen', async () => {
    gateway.on(
      EVENTS,
      stream(['state 1 queued', 'progress 2 2'], 'cut'),
      hangUp,
      problem(503, 'unavailable'),
      stream(['progress 2 2', 'progress 3 3'], 'close'),
      stream(['progress 3 3', 'state 4 succeeded', 'state 4 succeeded']),
    );
    await expect(all()).resolves.toEqual(['state 1 queued', 'progress 2 2 of 10', 'progress 3 3 of 10', 'state 4 succeeded']);
    expect(gateway.seen.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '2', '2', '2', '3']);
  });

  test('is over when the gateway says so: 204 to who has seen the end', async () => {
    gateway.on(EVENTS, (response) => response.writeHead(204).end());
    await expect(all(7)).resolves.toEqual([]);
    expect(gateway.seen[0]?.headers['last-event-id']).toBe('7');
  });

  test('does not wait for a gateway that forgets to close', async () => {
    gateway.on(EVENTS, stream(['state 1 succeeded'], 'open'));
    await expect(all()).resolves.toEqual(['state 1 succeeded']);
  });

  test('goes on after an end that is not the last: the job was redriven', async () => {
    gateway.on(EVENTS, stream(['state 1 queued', 'state 2 failed', 'state 3 queued', 'state 4 succeeded']));
    await expect(all()).resolves.toEqual(['state 1 queued', 'state 2 failed', 'state 3 queued', 'state 4 succeeded']);
  });

  test('takes a reset as how things stand, wherever its number is', async () => {
    gateway.on(EVENTS, stream(['reset 5 running', 'state 6 succeeded']));
    await expect(all(9)).resolves.toEqual(['reset 5 running', 'state 6 succeeded']);
  });

  test('skips what it cannot read, and events of a type that it does not know', async () => {
    gateway.on(EVENTS, stream(['data: {"half"\n\n', 'data: 1\n\n', 'event: news\ndata: {"seq":1}\n\n', 'state 1 succeeded']));
    await expect(all()).resolves.toEqual(['state 1 succeeded']);
  });

  test('of a job that is not there is a problem', async () => {
    gateway.on(EVENTS, problem(404, 'not-found'));
    await expect(all()).rejects.toMatchObject({ name: 'ProblemError', status: 404 });
  });

  test('lets go of the connection when its reader has enough', async () => {
    const closed = new Promise((resolve) =>
      gateway.on(EVENTS, (response, seen) => {
        response.once('close', resolve);
        stream(['state 1 queued', 'state 2 running'], 'open')(response, seen);
      }),
    );
    for await (const event of longhaul.events('j1')) if (event.seq === 2) break;
    await closed;
  });

  test('ends with the reason of its signal', async () => {
    gateway.on(EVENTS, stream(['state 1 queued'], 'open'));
    const controller = new AbortController();
    const reading = (async () => {
      for await (const { seq } of longhaul.events('j1', { signal: controller.signal })) controller.abort(new Error(`enough after ${seq}`));
    })();
    await expect(reading).rejects.toThrow('enough after 1');
  });
});
