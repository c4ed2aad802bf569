import { type AttemptEvent, type ClaimedJob, type EventPage, type JobId, type JobState, jsonText, type StoredEvent } from '@app/core';
import { MAX_HISTORY } from '../run/history.js';
import { TestStore } from '../testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());

const DESCRIPTION = { name: 'test', concurrency: 1, queues: [] };
const log = (message: string): AttemptEvent => ({ type: 'log', line: { level: 'info', message, fields: {} }, ageMs: 0 });
const progress = (done: number): AttemptEvent => ({ type: 'progress', progress: { done }, ageMs: 0 });

async function running(): Promise<ClaimedJob> {
  return store.running(await store.worker());
}

function beat(job: ClaimedJob, ...events: AttemptEvent[]) {
  return store.workers.heartbeat(0 as never, DESCRIPTION, { leaseSeconds: 30, held: [], events: [{ jobId: job.id, token: job.token, events }] });
}

function settle(job: ClaimedJob, event: 'succeeded' | 'failed' | 'retried', events: AttemptEvent[] = []) {
  const error = { code: 'handler_error', name: 'Error', message: 'no', attempt: 1, at: '2026-01-31T08:00:00.000Z' };
  const outcome = event === 'succeeded' ? { result: jsonText({ n: 1 }) } : { error };
  return store.attempts.settle([{ jobId: job.id, token: job.token, event, announce: false, delayMs: 3_600_000, events, ...outcome }]);
}

async function page(jobId: JobId, after = 0, limit = 100): Promise<EventPage | undefined> {
  return (await store.events.read([{ jobId, after }], limit))[0];
}

function short(event: StoredEvent): (number | string)[] {
  const said = { state: () => (event as { state: JobState }).state, progress: () => String((event as { progress: { done: number } }).progress.done) };
  return [event.seq, event.type === 'log' ? event.line.message : said[event.type]()];
}

async function told(jobId: JobId, after = 0): Promise<(number | string)[][]> {
  return ((await page(jobId, after))?.events ?? []).map(short);
}

describe('the events of a job', () => {
  test('are one sequence without gaps, whoever wrote them: store, heartbeat, settlement', async () => {
    const job = await running();
    await beat(job, log('begun'), progress(1));
    await settle(job, 'succeeded', [log('nearly'), progress(2), log('done')]);
    const expected = [[1, 'queued'], [2, 'running'], [3, 'begun'], [4, '1'], [5, 'nearly'], [6, '2'], [7, 'done'], [8, 'succeeded']]; // prettier-ignore
    expect(await told(job.id)).toEqual(expected);
    for (let after = 0; after <= 8; after++) expect(await told(job.id, after)).toEqual(expected.slice(after));
    expect(await page(job.id, 8)).toBeUndefined();
  });

  test('say of the end what the row says', async () => {
    const [good, bad] = [await running(), await running()];
    await beat(good, progress(3));
    await settle(good, 'succeeded');
    await settle(bad, 'failed');
    expect((await page(good.id))?.events.at(-1)).toMatchObject({
      state: 'succeeded',
      attempt: 1,
      end: { result: '{"n":1}', error: null, progress: { done: 3 } },
    });
    expect((await page(bad.id))?.events.at(-1)).toMatchObject({ state: 'failed', end: { result: null, error: { code: 'handler_error' } } });
  });

  test('carry their progress on the row in the same write', async () => {
    const job = await running();
    await beat(job, progress(1), log('between'), progress(2));
    expect(await store.row(job.id)).toMatchObject({ progress: { done: 2 }, events: 5 });
  });

  test('of a zombie are none', async () => {
    const job = await running();
    await store.query(`UPDATE jobs SET lease_token = gen_random_uuid() WHERE id = $1`, [job.id]);
    expect(await beat(job, log('late'))).toMatchObject({ notWritten: [job.token] });
    expect(await settle(job, 'succeeded', [log('later')])).toEqual([{ settled: false }]);
    expect(await told(job.id)).toEqual([[1, 'queued'], [2, 'running']]); // prettier-ignore
  });

  test('of a settlement that is repeated are written once', async () => {
    const job = await running();
    await settle(job, 'succeeded', [log('once')]);
    expect(await settle(job, 'succeeded', [log('once')])).toMatchObject([{ settled: true }]);
    expect(await told(job.id)).toEqual([[1, 'queued'], [2, 'running'], [3, 'once'], [4, 'succeeded']]); // prettier-ignore
  });

  test("of a handler's transaction come with its commit", async () => {
    const job = await running();
    const open = await store.transactions.begin();
    await store.attempts.settle([{ jobId: job.id, token: job.token, event: 'succeeded', announce: false, events: [log('inside')] }], open.transaction);
    expect(await told(job.id)).toHaveLength(2);
    await open.commit();
    expect(await told(job.id)).toEqual([[1, 'queued'], [2, 'running'], [3, 'inside'], [4, 'succeeded']]); // prettier-ignore
  });

  test('come page by page when there are many, in order', async () => {
    const job = await running();
    await beat(job, ...Array.from({ length: 25 }, (_, n) => log(`line ${n}`)));
    await settle(job, 'succeeded');
    const seen: number[] = [];
    for (let read = await page(job.id, 0, 10); read; read = await page(job.id, seen.at(-1), 10)) seen.push(...read.events.map(({ seq }) => seq));
    expect(seen).toEqual(Array.from({ length: 28 }, (_, n) => n + 1));
  });

  test('what the database refuses of them does not cost the worker its lease', async () => {
    const job = await running();
    expect(await beat(job, { type: 'log', line: { level: 'info', message: '\u0000', fields: {} }, ageMs: 0 })).toMatchObject({ notWritten: [] });
  });

  test('go with the job when it is deleted', async () => {
    const job = await running();
    await beat(job, log('gone'));
    await store.query('DELETE FROM jobs WHERE id = $1', [job.id]);
    expect(await store.query('SELECT FROM job_events WHERE job_id = $1', [job.id])).toEqual([]);
  });

  test('of a job that changes without end are kept from a number on, which readers are told', async () => {
    const job = await running();
    const entries = Array.from({ length: MAX_HISTORY }, (_, n) => [n + 1, 'queued', 0, 0]);
    await store.query(`UPDATE jobs SET events = $2, history = $3 WHERE id = $1`, [job.id, MAX_HISTORY, JSON.stringify(entries)]);
    await settle(job, 'retried');
    expect(await page(job.id)).toMatchObject({ first: 2, last: MAX_HISTORY + 1 });
    expect((await store.row(job.id)).history).toHaveLength(MAX_HISTORY);
  });

  test('are found again by what happened lately, by kind and by tag', async () => {
    const [id] = await store.submit({ kind: 'other.kind', tags: ['mine'] });
    const [old] = await store.submit({ kind: 'other.kind', tags: ['mine'] });
    await store.query(`UPDATE jobs SET history = '[[1, "queued", 0, 1000]]' WHERE id = $1`, [old]);
    expect(await store.events.recent({ kind: 'other.kind', seconds: 60, limit: 100 })).toMatchObject({ jobIds: [id] });
    expect(await store.events.recent({ tag: 'mine', seconds: 60, limit: 100 })).toMatchObject({ jobIds: [id] });
    expect(await store.events.recent({ tag: 'another', seconds: 60, limit: 100 })).toMatchObject({ jobIds: [] });
  });
});
