import { connect } from 'amqplib';
import { describeWithBroker, rawHttp, type Stack, startStack, waitFor } from '../support/index.js';

/** A value is what Go's ParseFloat reads, as Prometheus does: Node's event-loop delay is `Nan` when two scrapes come within one turn of its timer. */
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? ([Nn]a[Nn]|[+-]?Inf|[+-]?[0-9.]+(?:e[+-]?[0-9]+)?)$/;

/** Prometheus' text format, strictly: every series has HELP and TYPE before it, and no series is there twice. */
function parse(text: string): Map<string, number> {
  const series = new Map<string, number>();
  const types = new Set<string>();
  const helped = new Set<string>();
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.split('\n').filter((candidate) => candidate !== '')) {
    const comment = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line);
    if (comment) {
      (comment[1] === 'HELP' ? helped : types).add(comment[2] ?? '');
      continue;
    }
    const sample = SAMPLE.exec(line);
    if (!sample) throw new Error(`expected a sample, got: ${line}`);
    const family = (sample[1] ?? '').replace(/_(bucket|sum|count)$/, '');
    expect(types.has(family) || types.has(sample[1] ?? '')).toBe(true);
    expect(helped.has(family) || helped.has(sample[1] ?? '')).toBe(true);
    const name = `${sample[1] ?? ''}${sample[2] ?? ''}`;
    if (series.has(name)) throw new Error(`expected each series once, got twice: ${name}`);
    series.set(name, Number(sample[4]));
  }
  return series;
}

async function scrape(url: string): Promise<Map<string, number>> {
  const response = await fetch(`${url}/metrics`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  return parse(await response.text());
}

describeWithBroker('metrics', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode: 'distributed' });
  });
  afterAll(() => stack.stop());

  const ofWorker = () => scrape(stack.workers[0]?.url ?? '');
  const ofGateway = () => scrape(stack.gateway.url);

  test('gateway and worker show what came in, what became of it, and the state of the connections', async () => {
    expect((await stack.api.submit('debug.echo', { value: 1 }, undefined, { prefer: 'wait=20', 'idempotency-key': 'm' })).status).toBe(200);
    await stack.api.submit('debug.echo', { value: 1 }, undefined, { 'idempotency-key': 'm' });
    await stack.api.submit('debug.fail', { message: 'no', retryable: false }, undefined, { prefer: 'wait=20' });
    await stack.api.submit('debug.nope', {});
    const gateway = await ofGateway();
    expect(Object.fromEntries(gateway)).toMatchObject({
      'longhaul_submissions_total{door="http",outcome="accepted",kind="debug.echo"}': 1,
      'longhaul_submissions_total{door="http",outcome="replayed",kind="debug.echo"}': 1,
      'longhaul_submissions_refused_total{door="http",reason="unknown_kind"}': 1,
      'longhaul_http_requests_total{route="/jobs",status="4xx"}': 1,
      'longhaul_amqp_up{connection="publish"}': 1,
      'longhaul_amqp_up{connection="consume"}': 1,
      'longhaul_amqp_blocked{connection="publish"}': 0,
      longhaul_consumers: 2,
      longhaul_confirms_in_flight: 0,
      'longhaul_overloaded{signal="depth"}': 0,
      'longhaul_admission_limit{signal="depth"}': 1_000_000,
    });
    for (const name of [
      'longhaul_outbox_rows',
      'longhaul_outbox_age_seconds',
      'longhaul_event_loop_delay_seconds',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_seconds',
    ])
      expect([name, gateway.has(name)]).toEqual([name, true]);

    const worker = await ofWorker();
    expect(Object.fromEntries(worker)).toMatchObject({
      'longhaul_attempts_settled_total{kind="debug.echo",outcome="succeeded"}': 1,
      'longhaul_attempts_settled_total{kind="debug.fail",outcome="failed"}': 1,
      'longhaul_attempt_duration_seconds_count{kind="debug.fail",outcome="threw"}': 1,
      'longhaul_delivery_decisions_total{decision="claimed"}': 2,
      longhaul_claim_batch_size_sum: 2,
      longhaul_settle_batch_size_sum: 2,
      longhaul_ready: 1,
      'longhaul_amqp_up{connection="consume"}': 1,
    });
    expect(worker.get('longhaul_consumers')).toBeGreaterThan(0);
    expect(worker.get('longhaul_heartbeat_age_seconds')).toBeLessThan(10);
  });

  test('the time in the queue is counted from when a job was due, by kind (C37)', async () => {
    const figure = async (name: string) => (await ofWorker()).get(`longhaul_queue_wait_seconds_${name}{kind="debug.effect"}`) ?? 0;
    const before = await figure('count');
    const consumers = async () => Number((await ofWorker()).get('longhaul_consumers'));
    const open = await consumers();
    await stack.api.call('POST', '/queues/default/pause');
    await waitFor('the worker to leave the queue', async () => (await consumers()) === open - 1);
    const waiting = await stack.api.accepted('debug.effect', { key: 'waits', ms: 1 });
    await stack.query(`UPDATE jobs SET queued_at = queued_at - interval '100 seconds' WHERE id = $1`, [waiting]);
    await stack.api.call('POST', '/queues/default/resume');
    await stack.api.waitForState(waiting, 'succeeded', 40_000);
    expect(await figure('count')).toBe(before + 1);
    const sum = await figure('sum');
    expect(sum).toBeGreaterThanOrEqual(100);
    // A delay is no wait: the job was not due.
    await stack.api.waitForState(await stack.api.accepted('debug.effect', { key: 'delayed', ms: 1 }, { delay: '3s' }), 'succeeded', 40_000);
    expect(await figure('count')).toBe(before + 2);
    expect((await figure('sum')) - sum).toBeLessThan(3);
  });

  test("jobs whose time has not come are no part of a queue's depth, but have a gauge of their own (C37)", async () => {
    await stack.api.accepted('debug.echo', { value: 1 }, { delay: '1h' });
    await waitFor('the job to be counted as scheduled', async () => (await ofGateway()).get('longhaul_scheduled_jobs{queue="default"}') === 1);
    await waitFor('the depth to be without it', async () => ((await ofGateway()).get('longhaul_queue_depth{queue="default"}') ?? 0) === 0);
  });

  test('a consumer that the broker cancels and subscribes again is counted', async () => {
    const connection = await connect(stack.amqpUrl);
    const channel = await connection.createChannel();
    await channel.deleteQueue('longhaul.jobs.default');
    await waitFor('the cancel to be counted and repaired', async () => {
      const worker = await ofWorker();
      return (
        worker.get('longhaul_amqp_consumer_cancels_total{consumer="jobs"}') === 1 && worker.get('longhaul_amqp_resubscriptions_total{consumer="jobs"}') === 1
      );
    });
    await connection.close();
  });

  test('a target that is no path does not end the worker', async () => {
    for (const target of ['//', 'http://', '*', '/%']) {
      const answer = await rawHttp(stack.workers[0]?.url ?? '', Buffer.from(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`), {
        end: false,
      });
      expect([404, 400]).toContain(answer?.status);
    }
    expect(stack.workers[0]?.isRunning()).toBe(true);
  });

  test('what callers send makes no series, and is not seen in any', async () => {
    const before = [...(await ofGateway()).keys()];
    for (let n = 0; n < 30; n++) {
      await stack.api.submit(`evil.kind-${String(n)}`, {});
      await stack.api.call('GET', `/evil-${String(n)}`);
      await stack.api.call('PUT', `/queues/evil-${String(n)}`);
      await stack.api.submit('debug.echo', { value: n }, { queue: `evil-${String(n)}` });
    }
    await waitFor('the queues to be counted', async () => (await ofGateway()).has('longhaul_queue_depth{queue="other"}'));
    const more = [...(await ofGateway()).keys()].filter((name) => !before.includes(name));
    expect(more.filter((name) => name.includes('evil'))).toEqual([]);
    // Node's own series come when they come: the first full garbage collection brings eighteen.
    expect(more.filter((name) => name.startsWith('longhaul_')).length).toBeLessThan(40);
    // Each queue has a consumer, which listens for the end of the connection.
    await waitFor('the worker to consume the queues', async () => ((await ofWorker()).get('longhaul_consumers') ?? 0) > 30);
    expect(stack.workers[0]?.logs().filter((line) => line.includes('MaxListeners'))).toEqual([]);
  });
});
