import { connect } from 'node:net';
import { uuidv7 } from '@app/core';
import { Api, type App, describeEachMode, spawnApp, type SseEvent, SseReader, type Stack, startStack, waitFor } from '../support/index.js';

const seqs = (events: SseEvent[]) => events.map(({ data }) => data.seq);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
const states = (events: SseEvent[]) => events.filter(({ event }) => event === 'state').map(({ data }) => data['state']);

/** Two gateways on one database; in distributed mode the jobs run on a worker, in single-process mode on either of the two. */
describeEachMode('the events of %s mode', (mode) => {
  let stack: Stack;
  let other: App;
  let there: Api;
  beforeAll(async () => {
    stack = await startStack({ mode, env: { EVENT_HEARTBEAT_SECONDS: '1', EVENT_STALL_SECONDS: '1' } });
    other = await spawnApp('gateway', stack.env);
    there = new Api(other.url);
  }, 240_000);
  afterAll(async () => {
    if (other.isRunning()) await other.stop();
    await stack.stop();
  });

  const eventsOf = (id: string, gateway: App = other) => `${gateway.url}/jobs/${id}/events`;

  test('of a job come to a reader at another gateway, all of them, in order, once; and the stream ends after the last one', async () => {
    const id = await stack.api.accepted('debug.log', { lines: 30, pauseMs: 100 });
    const reader = await SseReader.open(eventsOf(id));
    expect([reader.status, reader.response.headers.get('content-type'), reader.response.headers.get('cache-control')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
      'no-store',
    ]);
    expect(reader.response.headers.get('x-accel-buffering')).toBe('no');
    await reader.ended;
    const job = await there.job(id);
    expect(seqs(reader.events)).toEqual(upTo(job.lastEventId));
    expect(reader.events.map((event) => event.id)).toEqual(upTo(job.lastEventId).map(String));
    expect(states(reader.events)).toEqual(['queued', 'running', 'succeeded']);
    expect(reader.events.filter(({ event }) => event === 'log').map(({ data }) => data['message'])).toEqual(upTo(30).map((line) => `line ${line}`));
    expect(reader.events.filter(({ event }) => event === 'progress').length).toBeGreaterThan(1);
    expect(reader.events.at(-1)).toMatchObject({ event: 'state', data: { job: id, attempt: 1, result: { lines: 30 }, error: null, progress: job.progress } });
    expect(reader.events.every(({ data }) => data.job === id)).toBe(true);
    expect(reader.comments).toBeGreaterThan(0);
  });

  test('come fast: a wake-up crosses the gateways, no reader waits for a poll', async () => {
    const id = await stack.api.accepted('debug.sleep', { ms: 60_000 });
    const reader = await SseReader.open(eventsOf(id));
    await waitFor('the job to run', () => states(reader.events).includes('running'));
    const times: number[] = [];
    for (let repeat = 0; repeat < 3; repeat++) {
      const late = await stack.api.accepted('debug.echo', { value: repeat }, { delay: '1h' });
      const cancelled = await SseReader.open(eventsOf(late));
      await waitFor('its first event', () => cancelled.events.length > 0);
      const asked = performance.now();
      await stack.api.call('POST', `/jobs/${late}/cancel`);
      await cancelled.ended;
      times.push(performance.now() - asked);
      expect(states(cancelled.events)).toEqual(['scheduled', 'cancelled']);
    }
    // A poll takes two seconds; one of three may be unlucky on a busy machine.
    expect(Math.min(...times)).toBeLessThan(1_000);
    await stack.api.call('POST', `/jobs/${id}/cancel`);
    await reader.ended;
    expect(states(reader.events).at(-1)).toBe('cancelled');
  });

  test('are all there, once and in order, for a reader that is cut off after each single one', async () => {
    const id = await stack.api.accepted('debug.log', { lines: 8, pauseMs: 300 });
    const seen: SseEvent[] = [];
    for (let last = ''; ;) {
      const reader = await SseReader.open(eventsOf(id, seen.length % 2 ? other : stack.gateway), last, (_, me) => me.close());
      if (reader.status === 204) break;
      await reader.ended;
      seen.push(...reader.events);
      last = reader.lastEventId;
    }
    expect(seqs(seen)).toEqual(upTo((await there.job(id)).lastEventId));
    expect(states(seen)).toEqual(['queued', 'running', 'succeeded']);
  });

  test('that a reader has seen to the end are answered 204, over the header or the query; an older id replays', async () => {
    const { body } = await stack.api.submit('debug.echo', { value: 1 }, undefined, { prefer: 'wait=20' });
    const last = String(body.lastEventId);
    expect((await SseReader.open(eventsOf(body.id), last)).status).toBe(204);
    expect((await fetch(`${eventsOf(body.id)}?lastEventId=${last}`)).status).toBe(204);
    const replay = await SseReader.open(eventsOf(body.id), '1');
    await replay.ended;
    expect(states(replay.events)).toEqual(['running', 'succeeded']);
  });

  test('of a job that is not there, or after an id that is none, are a problem before any stream begins', async () => {
    const missing = await there.call('GET', `/jobs/${uuidv7()}/events`);
    expect([missing.status, missing.headers.get('content-type')?.split(';')[0], missing.body]).toMatchObject([
      404,
      'application/problem+json',
      { type: '/problems/not-found' },
    ]);
    const id = await stack.api.accepted('debug.echo', { value: 1 });
    const bad = await there.call('GET', `/jobs/${id}/events`, undefined, { 'last-event-id': 'one' });
    expect([bad.status, bad.body]).toMatchObject([400, { type: '/problems/malformed-request' }]);
  });

  test('are told to a client that adds parameters of its own, or gives the last id twice: then the later one holds (C31)', async () => {
    const { body } = await stack.api.submit('debug.echo', { value: 1 }, undefined, { prefer: 'wait=20' });
    const reader = await SseReader.open(`${eventsOf(body.id)}?cacheBuster=17&lastEventId=1&lastEventId=2`);
    await reader.ended;
    expect(states(reader.events)).toEqual(['succeeded']);
  });

  test('of a failed job that is put back go on with the next numbers', async () => {
    const { body } = await stack.api.submit('debug.fail', { message: 'no', retryable: false }, undefined, { prefer: 'wait=20' });
    const first = await SseReader.open(eventsOf(body.id));
    await first.ended;
    expect(first.events.at(-1)?.data).toMatchObject({ state: 'failed', error: { code: 'non_retryable', message: 'no' } });
    await stack.api.call('POST', `/jobs/${body.id}/redrive`);
    const second = await SseReader.open(eventsOf(body.id), first.lastEventId);
    await second.ended;
    expect(states(second.events)).toEqual(['queued', 'running', 'failed']);
    expect(seqs([...first.events, ...second.events])).toEqual(upTo((await there.job(body.id)).lastEventId));
  });

  test('that are not kept any more, or were never given, are answered with a snapshot of the job', async () => {
    const { body } = await stack.api.submit('debug.echo', { value: 1 }, undefined, { prefer: 'wait=20' });
    await stack.query(`UPDATE jobs SET history = jsonb_build_array(jsonb_build_array(events, state, attempt, extract(epoch FROM finished_at))) WHERE id = $1`, [
      body.id,
    ]);
    for (const last of ['', '999']) {
      const reader = await SseReader.open(eventsOf(body.id), last);
      await reader.ended;
      expect(reader.events.map(({ event }) => event)).toEqual(['reset', 'state']);
      expect(reader.events[0]?.data).toMatchObject({ job: body.id, seq: body.lastEventId - 1, view: { state: 'succeeded', result: { value: 1 } } });
      expect(reader.events[1]?.data).toMatchObject({ seq: body.lastEventId, state: 'succeeded' });
    }
  });

  test('are not piled up for a reader that does not read: it is cut off, and goes on where it was', async () => {
    const { body } = await stack.api.submit('debug.echo', { value: 1 }, undefined, { prefer: 'wait=20' });
    await stack.query(
      `WITH told AS (INSERT INTO job_events SELECT $1, n, 'log', now(), jsonb_build_object('level', 'info', 'message', repeat('x', 8000), 'fields', '{}'::jsonb) FROM generate_series(4, 4003) n)
       UPDATE jobs SET events = 4003, history = '[[1, "queued", 0, 0], [2, "running", 1, 0], [3, "succeeded", 1, 0]]' WHERE id = $1`,
      [body.id],
    );
    const { hostname, port } = new URL(other.url);
    const socket = connect(Number(port), hostname).pause();
    socket.write(`GET /jobs/${body.id}/events HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    const streams = async () => /longhaul_event_streams (\d+)/.exec(await (await fetch(`${other.url}/metrics`)).text())?.[1];
    await waitFor('the stream to be open', async () => (await streams()) === '1');
    await waitFor('it to be cut off', async () => (await streams()) === '0');
    socket.destroy();
    const reader = await SseReader.open(eventsOf(body.id), '10');
    await waitFor('all of them', () => reader.events.length === 3_993, { timeoutMs: 90_000 });
    expect(seqs(reader.events)).toEqual(upTo(4_003).slice(10));
    reader.close();
  });

  test('of all jobs of a kind or a tag come to one reader, wherever they were submitted', async () => {
    const tagged = await SseReader.open(`${other.url}/jobs/events?tag=mine`);
    const ofKind = await SseReader.open(`${other.url}/jobs/events?kind=debug.fail`);
    await waitFor('both to be placed', () => tagged.lastEventId !== '' && ofKind.lastEventId !== '');
    const mine = await stack.api.accepted('debug.echo', { value: 1 }, { tags: ['mine'] });
    const theirs = await there.accepted('debug.fail', { message: 'no', retryable: false });
    await waitFor('the end of both', () => states(tagged.events).includes('succeeded') && states(ofKind.events).includes('failed'));
    expect(new Set(tagged.events.map(({ data }) => data.job))).toEqual(new Set([mine]));
    expect(new Set(ofKind.events.map(({ data }) => data.job))).toEqual(new Set([theirs]));
    expect(states(tagged.events)).toEqual(['queued', 'running', 'succeeded']);
    tagged.close();
    const missed = await stack.api.accepted('debug.echo', { value: 2 }, { tags: ['mine'] });
    await stack.api.waitForState(missed, 'succeeded');
    const again = await SseReader.open(`${stack.gateway.url}/jobs/events?tag=mine`, tagged.lastEventId);
    await waitFor('what was missed', () => states(again.events.filter(({ data }) => data.job === missed)).includes('succeeded'));
    expect(seqs(again.events.filter(({ data }) => data.job === missed))).toEqual(upTo(3));
    again.close();
    ofKind.close();
  });

  test('go on at another gateway when the one that served them is killed', async () => {
    const doomed = await spawnApp('gateway', { ...stack.env, WORKER_QUEUES: 'none-of-them' });
    const id = await stack.api.accepted('debug.log', { lines: 10, pauseMs: 300 });
    const first = await SseReader.open(eventsOf(id, doomed));
    await waitFor('some events', () => first.events.length >= 3);
    doomed.kill('SIGKILL');
    await first.ended;
    const second = await SseReader.open(eventsOf(id), first.lastEventId);
    await second.ended;
    expect(seqs([...first.events, ...second.events])).toEqual(upTo((await there.job(id)).lastEventId));
  });

  test('do not keep a gateway from its end: open streams are closed, and so is a connection on which nothing was sent', async () => {
    const leaving = await spawnApp('gateway', { ...stack.env, WORKER_QUEUES: 'none-of-them' });
    const { hostname, port } = new URL(leaving.url);
    const silent = connect(Number(port), hostname).on('error', () => undefined);
    const id = await stack.api.accepted('debug.echo', { value: 1 }, { delay: '1h' });
    const reader = await SseReader.open(eventsOf(id, leaving));
    await waitFor('its first event', () => reader.events.length > 0);
    await leaving.stop();
    await reader.ended;
    silent.destroy();
    await stack.api.call('POST', `/jobs/${id}/cancel`);
  });

  test('are described in the API', async () => {
    const { body } = await there.call<{ paths: Record<string, { get?: { responses: object } }> }>('GET', '/openapi.json');
    expect(Object.keys(body.paths['/jobs/{id}/events']?.get?.responses ?? {})).toEqual(['200', '204', '400', '401', '403', '404', '429', '503', 'default']);
    expect(body.paths['/jobs/events']).toBeDefined();
  });
});
