// Ring 2: .ci/run runs this file.
import { longhaul, type Stack, startStack } from '../support/index.js';

interface Document {
  paths: Record<string, Record<string, { operationId?: string }>>;
}
interface Problem {
  type: string;
  status: number;
  detail: string;
  errors?: { pointer: string }[];
}
interface Entry {
  action: string;
  detail: { reason?: string; request?: object };
}

const CHANGING = ['post', 'put', 'patch', 'delete'];
const ID = '01890000-0000-7000-8000-000000000000';
/** What changes nothing, or only what its caller itself has made. Whatever else changes something needs a reason here, also what comes later. */
const NO_ACTS = [
  'submitJob',
  'submitBatch',
  'dryRunJob',
  'dryRunLimit',
  'dryRunSchedule',
  'previewSchedule',
  'uploadFile',
  'createStreamTicket',
  'openSession',
  'closeSession',
];

describe('with REQUIRE_REASONS=all', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ mode: 'single-process', env: { REQUIRE_REASONS: 'all', LOG_LEVEL: 'warn' } });
  }, 240_000);
  afterAll(() => stack.stop());

  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => stack.api.call<Problem>(method, path, body, headers);
  const audited = async (action: string): Promise<Entry | undefined> =>
    (await stack.api.call<{ items: Entry[] }>('GET', `/audit?action=${action}&limit=1`)).body.items[0];
  const failed = async (): Promise<string> => {
    const id = await stack.api.accepted('debug.fail', { message: 'no', retryable: false });
    await stack.api.waitForState(id, 'failed');
    return id;
  };

  test('each operation of the document that changes something is refused without a reason, and not for that with one', async () => {
    const { paths } = (await stack.api.call<Document>('GET', '/openapi.json')).body;
    const acts = Object.entries(paths).flatMap(([path, methods]) =>
      CHANGING.flatMap((method) => {
        const name = methods[method]?.operationId;
        return name !== undefined && !NO_ACTS.includes(name) ? [{ name, method: method.toUpperCase(), path: path.replaceAll(/\{[^}]+\}/g, ID) }] : [];
      }),
    );
    for (const { name, method, path } of acts) {
      const body = ['POST', 'PUT', 'PATCH'].includes(method) ? {} : undefined;
      const without = await call(method, path, body);
      expect([name, without.status, without.body.type]).toEqual([name, 400, '/problems/reason-required']);
      expect(without.body.detail).toContain('Act-Reason');
      const refused = await stack.api.call<Problem | undefined>(method, path, body, { 'act-reason': 'a test' });
      expect([name, refused.body?.type]).not.toEqual([name, '/problems/reason-required']);
    }
    expect(acts.length).toBeGreaterThan(40);
    const { body: session } = await stack.api.call<{ reasonsRequired: string[] }>('GET', '/session');
    expect([...session.reasonsRequired].sort()).toEqual(acts.map(({ name }) => name).sort());
  });

  test('a refusal points to the field, changes nothing, and a dry run needs no reason and is not in the audit', async () => {
    const id = await stack.api.accepted('debug.echo', { value: 1 }, { delay: '1h' });
    expect(await call('POST', `/jobs/${id}/cancel`, { by: 'anna' })).toMatchObject({ status: 400, body: { errors: [{ pointer: '/reason' }] } });
    expect((await stack.api.job(id)).state).toBe('scheduled');
    const letters = await call('POST', '/dead-letters/redrive', { reason: 'unknown_kind' });
    expect(letters).toMatchObject({ status: 400, body: { errors: [{ pointer: '/note/reason' }] } });
    expect((await call('POST', '/jobs/cancel', { filter: { kind: 'debug.echo' }, dryRun: true })).status).toBe(200);
    expect(await audited('cancelJobs')).toBeUndefined();
    expect((await call('POST', `/jobs/${id}/cancel`, { reason: 'sent twice' })).status).toBe(200);
    expect((await audited('cancelJob'))?.detail).toMatchObject({ reason: 'sent twice' });
  });

  test('an act that has no dry run is refused where one is asked for, by the query or the body, and nothing is done', async () => {
    const id = await stack.api.accepted('debug.echo', { value: 1 }, { delay: '1h' });
    await call('POST', '/queues/default/pause', { reason: 'a test' });
    const limit = { match: { kind: 'debug.echo' }, concurrency: 2 };
    for (const [method, path, body, says] of [
      ['POST', `/jobs/${id}/cancel?dryRun`, { reason: 'a test' }, 'cancelJob has no dry run'],
      ['POST', `/jobs/${id}/cancel`, { reason: 'a test', dryRun: true }, 'cancelJob has no dry run'],
      ['POST', '/queues/default/resume', { dryRun: true }, 'resumeQueue has no dry run'],
      ['POST', '/queues/default/resume', { dry_run: 1 }, 'resumeQueue has no dry run'],
      ['PUT', '/limits/partner?dry-run=1', limit, 'POST /limits/{name}/dry-run says what putLimit would do'],
      ['POST', '/jobs/cancel?dryRun=true', { filter: { kind: 'debug.echo' }, reason: 'a test' }, 'cancelJobs takes it in its body'],
    ] as const) {
      const { status, body: problem } = await call(method, path, body, { 'act-reason': 'a test' });
      expect([path, status, problem.detail]).toEqual([path, 400, expect.stringContaining(says)]);
    }
    expect((await stack.api.job(id)).state).toBe('scheduled');
    expect((await call('GET', '/queues/default')).body).toMatchObject({ paused: true });
    expect((await call('GET', '/limits/partner')).status).toBe(404);
    expect((await call('POST', '/queues/default/resume', { dryRun: false }, { 'act-reason': 'a test' })).status).toBe(200);
  });

  test('the audit shows the reason of a redrive, from its body or its header', async () => {
    expect((await call('POST', `/jobs/${await failed()}/redrive`, { reason: 'the bank is back', by: 'anna' })).status).toBe(202);
    expect((await audited('redriveJob'))?.detail).toMatchObject({ reason: 'the bank is back', request: { by: 'anna' } });
    expect((await call('POST', `/jobs/${await failed()}/redrive`, undefined, { 'act-reason': encodeURIComponent('für Müller') })).status).toBe(202);
    expect((await audited('redriveJob'))?.detail).toMatchObject({ reason: 'für Müller' });
    expect(await call('POST', `/jobs/${await failed()}/redrive`, { reason: 5 }, { 'act-reason': 'x' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/reason' }] },
    });
  });

  test('the command line sends the reason of each act', async () => {
    const env = { LONGHAUL_URL: stack.api.url };
    const said = async (action: string, args: string[]): Promise<void> => {
      const { code, err } = await longhaul(args, env);
      expect([args, code, err]).toEqual([args, 0, expect.anything()]);
      expect((await audited(action))?.detail.reason).toBe('für später');
    };
    await said('declareQueue', ['queues', 'declare', 'night', '--reason', 'für später']);
    await said('deleteQueue', ['queues', 'delete', 'night', '--reason', 'für später']);
    await said('putLimit', ['limits', 'set', 'partner', '--kind', 'debug.echo', '--concurrency', '2', '--reason', 'für später']);
    await said('redriveJob', ['redrive', await failed(), '--note', 'für später']);
    const id = await failed();
    const letter = (await stack.api.deadLetters()).find(({ jobId }) => jobId === id)?.id ?? '';
    await said('redriveDeadLetter', ['dead-letters', 'redrive', letter, '--note', 'für später', '--by', 'anna']);
    await failed();
    await said('redriveDeadLetters', ['dead-letters', 'redrive', '--kind', 'debug.fail', '--note', 'für später', '--by', 'anna']);
    expect((await audited('redriveDeadLetters'))?.detail.request).toMatchObject({ note: { by: 'anna' } });
    // These work on the database.
    const { out: key } = await longhaul(['keys', 'create', '--name', 'a test', '--admin', '--json', '--reason', 'für später'], stack.env);
    expect((await audited('createKey'))?.detail.reason).toBe('für später');
    const { id: keyId } = JSON.parse(key) as { id: string };
    expect(await longhaul(['keys', 'revoke', keyId], stack.env)).toMatchObject({
      code: 2,
      err: expect.stringContaining('expected --reason <text>') as unknown,
    });
    expect((await longhaul(['keys', 'revoke', keyId, '--reason', 'für später'], stack.env)).code).toBe(0);
    expect((await audited('revokeKey'))?.detail.reason).toBe('für später');
    const { code, err } = await longhaul(['queues', 'pause', 'default'], env);
    expect([code, err]).toEqual([4, expect.stringContaining('expected a reason in the body, or as the header Act-Reason')]);
  });
});
