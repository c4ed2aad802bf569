// Ring 2: .ci/run runs this file.
import { connect } from 'amqplib';
import { describeWithBroker, type Stack, startStack, waitFor } from '../support/index.js';

/** Each of these is some other application's good reason; none may change what a job does. */
const ODD = [
  `datestyle = 'SQL, DMY'`,
  `intervalstyle = 'sql_standard'`,
  `timezone = 'Asia/Kathmandu'`,
  `extra_float_digits = 0`,
  `bytea_output = 'escape'`,
  `standard_conforming_strings = off`,
  `escape_string_warning = off`,
  `default_transaction_isolation = 'serializable'`,
  `default_transaction_read_only = on`,
  `default_transaction_deferrable = on`,
  `synchronous_commit = off`,
  `lock_timeout = '1ms'`,
  `idle_session_timeout = '300ms'`,
  `idle_in_transaction_session_timeout = '300ms'`,
  `statement_timeout = '5s'`,
  `enable_indexscan = off`,
  `enable_bitmapscan = off`,
];

/** Where a statement that does not name its schema would find nothing, or something else. */
const PATHS = [`search_path = ''`, `search_path = some_other`];

const tests = (path: string) => () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode: 'distributed', databaseSettings: [...ODD, path] });
  });
  afterAll(() => stack.stop());

  test('submissions over both doors are accepted once, and run (C16)', async () => {
    const { status, body } = await stack.api.submit('debug.echo', { value: 'ä' }, undefined, { 'idempotency-key': '"odd"' });
    expect(status).toBe(202);
    const again = await stack.api.submit('debug.echo', { value: 'ä' }, undefined, { 'idempotency-key': '"odd"' });
    expect(again.body.id).toBe(body.id);
    const job = await stack.api.waitForState(body.id, 'succeeded');
    // A time, in its right order: a wrong reading of 12/11 would be a month or a zone off.
    expect(Math.abs(Date.parse(job.createdAt) - Date.now())).toBeLessThan(600_000);
    expect(Date.parse(job.finishedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(job.createdAt));
    const connection = await connect(stack.amqpUrl);
    const channel = await connection.createConfirmChannel();
    channel.publish('longhaul.submit', 'debug.effect', Buffer.from('{"key":"amqp"}'), { contentType: 'application/json', messageId: 'odd over AMQP' });
    await channel.waitForConfirms();
    await waitFor('the effect of the job from AMQP', async () => (await stack.query(`SELECT FROM debug_effects WHERE key = 'amqp'`)).length === 1);
    await connection.close();
  });

  test('a hundred effects in transactions all succeed at their first attempt (C17)', async () => {
    const ids = await Promise.all(Array.from({ length: 100 }, (_, n) => stack.api.accepted('debug.effect', { key: `effect ${String(n)}` })));
    const jobs = await Promise.all(ids.map((id) => stack.api.waitForState(id, 'succeeded', 60_000)));
    expect(jobs.filter(({ attempt }) => attempt !== 1)).toEqual([]);
  });

  test('retries, delays, lists, queues and events work (C16)', async () => {
    const id = await stack.api.accepted('debug.fail', { message: 'no' }, { maxAttempts: 2 });
    const failed = await stack.api.waitForState(id, 'failed', 60_000);
    expect(failed.attempt).toBe(2);
    const later = await stack.api.accepted('debug.echo', { value: 1 }, { delay: '1s' });
    await stack.api.waitForState(later, 'succeeded', 30_000);
    const list = await stack.api.call<{ items: { id: string }[] }>('GET', '/jobs?state=failed&limit=5');
    expect(list.body.items.map((job) => job.id)).toContain(id);
    expect((await stack.api.call('GET', '/queues')).status).toBe(200);
    expect((await stack.api.call('GET', '/dead-letters')).status).toBe(200);
    expect((await fetch(`${stack.api.url}/metrics`)).status).toBe(200);
    const events = await fetch(`${stack.api.url}/jobs/${id}/events`, { headers: { accept: 'text/event-stream' } });
    expect(await events.text()).toContain('failed');
  });

  test('a file is imported and reported on (C16)', async () => {
    const csv = ['day,amount', ...Array.from({ length: 500 }, (_, n) => `2026-0${String(1 + (n % 9))}-15,${String(n)}.25`)].join('\n');
    const upload = await fetch(`${stack.api.url}/files?name=data.csv`, { method: 'POST', headers: { 'content-type': 'text/csv' }, body: csv });
    expect(upload.status).toBe(201);
    const { id: fileId } = (await upload.json()) as { id: string };
    const imported = await stack.api.submit('csv.import', { fileId, table: 'odd' }, undefined, { prefer: 'wait=60' });
    expect(imported.body).toMatchObject({ state: 'succeeded', result: { rows: 500, badRows: 0 } });
    const measures = [{ column: 'amount', functions: ['sum'] }];
    const report = { table: 'odd', dateColumn: 'day', period: 'month', groupBy: [], measures, format: ['csv'] };
    const reported = await stack.api.submit('report.aggregate', report, undefined, { prefer: 'wait=60' });
    expect(reported.body).toMatchObject({ state: 'succeeded', attempt: 1 });
  });

  test('nothing was lost or ended by the silence between (C16)', async () => {
    // Longer than the database lets an idle session live.
    await stack.query('SELECT pg_sleep(1)');
    const { body } = await stack.api.submit('debug.echo', { value: 1 }, undefined, { prefer: 'wait=20' });
    expect(body.state).toBe('succeeded');
    expect(await stack.query(`SELECT FROM jobs WHERE state = 'running'`)).toEqual([]);
  });
};

for (const path of PATHS) describeWithBroker(`on a database whose sessions begin in an unusual way, and with ${path}`, tests(path));
