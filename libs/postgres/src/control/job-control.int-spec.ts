import { type JobId, jsonText, type LeaseToken, MAX_CHANNEL_ENTRIES, type SettleEvent, type StopReport, type WorkerId } from '@app/core';
import { limit, placesOf, waitingJob } from '../testing/flow-rows.js';
import { TestStore } from '../testing/test-store.js';

const ERROR = { code: 'handler_error', name: 'Error', message: 'no', attempt: 1, at: '2026-01-31T08:00:00.000Z' };
const NOBODY = '00000000-0000-7000-8000-000000000000' as JobId;

let store: TestStore;
let worker: WorkerId;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());
beforeEach(async () => {
  await store.clear();
  worker = await store.worker();
});

async function ended(event: SettleEvent): Promise<JobId> {
  const job = await store.running(worker);
  await store.query('DELETE FROM outbox WHERE job_ids[1] = $1', [job.id]);
  await store.attempts.settle([{ jobId: job.id, token: job.token, event, announce: false, error: ERROR, result: jsonText(1) }]);
  return job.id;
}

describe('cancelling', () => {
  test.each([
    ['queued', {}],
    ['scheduled', { delayMs: 60_000 }],
  ])('ends a job that is %s at once and announces it', async (_, more) => {
    const id = await store.queued(more);
    expect(await store.jobs.cancel(id)).toMatchObject({ accepted: true, job: { state: 'cancelled', cancelRequested: true, runAt: null } });
    expect((await store.outboxOf(id)).filter(({ type }) => type === 'event')).toHaveLength(1);
    // The copies that are on their way find nothing to do.
    await store.query('UPDATE outbox SET available_at = now()');
    expect((await store.outbox.take(10, 30)).map(({ type }) => type)).toEqual(['event']);
  });

  test('asks a running job to stop, as often as one likes', async () => {
    const { id } = await store.running(worker);
    expect(await store.jobs.cancel(id)).toMatchObject({ accepted: true, job: { state: 'running', cancelRequested: true } });
    expect(await store.jobs.cancel(id)).toMatchObject({ accepted: true });
  });

  const cancellation = async (id: JobId) => (await store.jobs.detail(id))?.cancellation;
  const ending = (event: SettleEvent, stop?: StopReport) => async (id: JobId, token: LeaseToken) => {
    const settled = { result: jsonText(1), error: ERROR, delayMs: 60_000 };
    await store.attempts.settle([{ jobId: id, token, event, announce: false, ...settled, ...(stop ? { stop } : {}) }]);
  };

  test.each<[string, (id: JobId, token: LeaseToken) => Promise<unknown>, string, string]>([
    ['its handler obeys', ending('cancelled', { how: 'stopped', heardMs: 5 }), 'cancelled', 'stopped'],
    ['its handler does not obey', ending('cancelled', { how: 'abandoned', heardMs: 5_000 }), 'cancelled', 'abandoned'],
    ['its process is killed', ending('cancelled', { how: 'killed', heardMs: 4_000 }), 'cancelled', 'killed'],
    ['its attempt fails before it hears', ending('retried'), 'cancelled', 'stopped'],
    ['it succeeds first', ending('succeeded'), 'succeeded', 'too_late'],
    ['it fails for good first', ending('failed'), 'failed', 'too_late'],
    ['its worker is lost', (id, token) => store.workers.recoverStray(id, token), 'cancelled', 'worker_lost'],
  ])('of a running job tells what became of it when %s', async (_, end, state, outcome) => {
    const { id, token } = await store.running(worker);
    await store.jobs.cancel(id, { reason: 'no more', by: 'anna', graceMs: 50 });
    expect(await cancellation(id)).toMatchObject({ reason: 'no more', by: 'anna', graceMs: 50, outcome: null });
    await end(id, token);
    expect(await store.row(id)).toMatchObject({ state });
    expect(await cancellation(id)).toMatchObject({ reason: 'no more', by: 'anna', graceMs: 50, outcome });
  });

  test('of a running job is told to its worker with the time that the handler has, and nobody else', async () => {
    const [asked, other] = [await store.running(worker), await store.running(worker)];
    await store.jobs.cancel(asked.id, { graceMs: 50 });
    const held = [asked, other].map(({ id, token }) => ({ jobId: id, token }));
    expect(await store.workers.check(held)).toEqual({ lost: [], cancelRequested: [{ jobId: asked.id, graceMs: 50 }] });
  });

  test('that came too late is gone when the failed job is put back', async () => {
    const { id, token } = await store.running(worker);
    await store.jobs.cancel(id);
    await ending('failed')(id, token);
    await store.jobs.redrive(id);
    expect(await cancellation(id)).toBeNull();
  });

  test('a job that has ended, or that nobody knows, changes nothing and says so', async () => {
    const id = await ended('succeeded');
    expect(await store.jobs.cancel(id)).toMatchObject({ accepted: false, job: { state: 'succeeded', cancelRequested: false } });
    expect(await store.outboxOf(id)).toEqual([]);
    expect(await store.jobs.cancel(NOBODY)).toBeNull();
  });

  test('does not wait for whoever takes the place of the job at this moment, who may be waiting for the job', async () => {
    const id = await waitingJob(store, []);
    const other = await store.session();
    await other.query('BEGIN');
    // As the claim of single-process mode does, before it writes the job.
    await other.query('SELECT FROM waiting_room WHERE job_id = $1 FOR UPDATE', [id]);
    expect(await store.jobs.cancel(id)).toMatchObject({ accepted: true, job: { state: 'cancelled' } });
    await other.query(`UPDATE jobs SET state = 'running' WHERE id = $1 AND state = 'queued'`, [id]);
    await other.query('COMMIT');
    // The place that is left over leads to nothing.
    expect(await store.attempts.claimDue(worker, null, 10, false)).toEqual([]);
    expect(await placesOf(store)).toEqual([]);
    expect(await store.row(id)).toMatchObject({ state: 'cancelled', attempt: 0 });
  });

  test('and claiming at the same time: one of them is first, and the other knows', async () => {
    for (let round = 0; round < 5; round++) {
      const id = await store.queued();
      const [cancelled, claimed] = await Promise.allSettled([store.jobs.cancel(id), store.claim(id, worker)]);
      const { state } = await store.row(id);
      expect(state).toBe(claimed.status === 'fulfilled' ? 'running' : 'cancelled');
      expect(cancelled).toMatchObject({ value: { accepted: true, job: { state } } });
    }
  });
});

describe('redriving', () => {
  test('queues a failed job with all its attempts and a fence that goes on', async () => {
    const id = await ended('failed');
    expect(await store.jobs.redrive(id)).toMatchObject({
      accepted: true,
      job: { state: 'queued', attempt: 0, redrives: 1, finishedAt: null, errors: [ERROR] },
    });
    expect(await store.outboxOf(id)).toMatchObject([{ type: 'job', due: true }]);
    expect(await store.deadLettersOf(id)).toMatchObject([{ redriven: true }]);
    expect(await store.claim(id, worker)).toMatchObject({ attempt: 1, fence: 2 });
  });

  test('is done once, however many ask at once', async () => {
    const id = await ended('failed');
    const answers = await Promise.all([1, 2, 3, 4].map(() => store.jobs.redrive(id)));
    expect(answers.filter((answer) => answer?.accepted)).toHaveLength(1);
    expect(await store.row(id)).toMatchObject({ state: 'queued', redrives: 1 });
    expect(await store.outboxOf(id)).toHaveLength(1);
  });

  test('a job that fails again leaves a dead letter of its own', async () => {
    const id = await ended('failed');
    await store.jobs.redrive(id);
    const job = await store.claim(id, worker);
    await store.attempts.settle([{ jobId: id, token: job.token, event: 'failed', announce: false, error: { ...ERROR, code: 'timeout' } }]);
    expect(await store.deadLettersOf(id)).toEqual([
      { source: 'job', reason: 'handler_error', redriven: true },
      { source: 'job', reason: 'timeout', redriven: false },
    ]);
  });

  test('keeps the results of steps, but not for another payload', async () => {
    const job = await store.running(worker);
    await store.attempts.saveStep(job.id, job.token, 'fetch', jsonText(1));
    const fail = async (token: typeof job.token) => store.attempts.settle([{ jobId: job.id, token, event: 'failed', announce: false, error: ERROR }]);
    await fail(job.token);
    await store.jobs.redrive(job.id);
    expect(await store.attempts.readStep(job.id, job.token, 'fetch')).toMatchObject({ result: '1' });
    await fail((await store.claim(job.id, worker)).token);
    expect(await store.jobs.redrive(job.id, jsonText({ other: true }))).toMatchObject({ job: { payload: '{"other":true}' } });
    expect(await store.attempts.readStep(job.id, job.token, 'fetch')).toMatchObject({ result: null });
  });

  test.each(['succeeded', 'cancelled'] as const)('a job that has %s is refused', async (event) => {
    const id = await ended(event);
    expect(await store.jobs.redrive(id)).toMatchObject({ accepted: false, job: { state: event } });
    expect(await store.jobs.redrive(NOBODY)).toBeNull();
  });
});

describe('pausing a queue', () => {
  test('keeps its first time, and says where there is no such queue', async () => {
    await store.queues.ensure(['q', 'q', 'r']);
    const first = await store.queues.setPaused('q', true, { by: 'anna', reason: 'repair' });
    expect(first).toEqual({ paused: true, pausedAt: expect.any(Date), pausedBy: 'anna', pauseReason: 'repair' });
    expect(await store.queues.setPaused('q', true)).toEqual(first);
    expect(await store.queues.setPaused('q', true, { reason: 'paint' })).toEqual({ ...first, pauseReason: 'paint' });
    expect(await store.queues.all()).toEqual([
      { name: 'q', paused: true },
      { name: 'r', paused: false },
    ]);
    expect(await store.queues.setPaused('nobody', true)).toBeNull();
  });

  test('forgets who and why when it is resumed', async () => {
    await store.queues.ensure(['q']);
    await store.queues.setPaused('q', true, { by: 'anna', reason: 'repair' });
    const nothing = { paused: false, pausedAt: null, pausedBy: null, pauseReason: null };
    expect(await store.queues.setPaused('q', false)).toEqual(nothing);
    expect(await store.queues.setPaused('q', true)).toMatchObject({ paused: true, pausedBy: null, pauseReason: null });
    expect((await store.jobs.queueStats()).find(({ name }) => name === 'q')).toMatchObject({ paused: true, pausedAt: expect.any(Date), pausedBy: null });
  });

  test('shows in the depths of the queues, with who works on them', async () => {
    await store.queues.ensure(['default', 'other']);
    await store.submit({}, {}, { delayMs: 60_000 });
    await store.running(worker);
    const [stats, other] = await store.jobs.queueStats();
    expect(stats).toMatchObject({ name: 'default', paused: false, scheduled: 1, queued: 2, running: 1, consumers: 1 });
    expect(stats?.oldestAgeSeconds).toBeGreaterThanOrEqual(0);
    expect(other).toMatchObject({ name: 'other', scheduled: 0, queued: 0, running: 0, oldestAgeSeconds: null });
  });

  test('shows of the queued jobs how many wait for their turn and how many a limit has parked, and never more than are queued', async () => {
    await store.queues.ensure(['default', 'other']);
    await limit(store, 'one', { concurrency: 1 });
    await store.queued();
    const ids = [await waitingJob(store, []), await waitingJob(store, ['one'], { parkedOn: 'one' }), await waitingJob(store, ['one'], { parkedOn: 'one' })];
    const [stats] = await store.jobs.queueStats();
    expect(stats).toMatchObject({ name: 'default', queued: 4, waiting: 1, parked: 2 });
    expect(await store.jobs.queueStats('default')).toEqual([{ ...stats, oldestAgeSeconds: expect.any(Number) }]);
    expect(await store.jobs.queueStats('other')).toMatchObject([{ name: 'other', queued: 0, waiting: 0, parked: 0 }]);
    expect(await store.jobs.queueStats('nobody')).toEqual([]);
    // Places may be left over of jobs that have moved on: they count as nobody.
    await store.query('DELETE FROM jobs WHERE id = ANY ($1::uuid[])', [ids]);
    expect(await store.jobs.queueStats('default')).toMatchObject([{ queued: 1, waiting: 0, parked: 1 }]);
  });
});

describe('pausing a kind', () => {
  test('keeps its first time, with who and why, until it is resumed', async () => {
    const first = await store.pauses.pause('report.render', { by: 'anna', reason: 'wrong font' });
    expect(first).toEqual({ paused: true, pausedAt: expect.any(Date), pausedBy: 'anna', pauseReason: 'wrong font' });
    expect(await store.pauses.pause('report.render', { by: 'ben' })).toEqual({ ...first, pausedBy: 'ben' });
    expect(await store.pauses.pauses()).toEqual(new Map([['report.render', { ...first, pausedBy: 'ben' }]]));
    expect([await store.pauses.resume('report.render'), await store.pauses.resume('report.render')]).toEqual([true, false]);
    expect(await store.pauses.pauses()).toEqual(new Map());
  });

  test('is read by all processes together with the queues that are paused', async () => {
    await store.queues.ensure(['q', 'open']);
    await store.queues.setPaused('q', true);
    await store.pauses.pause('report.render');
    expect(await store.pauses.paused()).toEqual({ queues: ['q'], kinds: ['report.render'] });
  });
});

describe('dead letters of messages', () => {
  const letter = {
    reason: 'unreadable',
    detail: 'no \u0000 id',
    jobId: null,
    kind: null,
    queue: 'default',
    messageId: 'm',
    contentType: null,
    headers: { 'x-bad': '\ud800 and \u0000' },
    body: Buffer.from([0, 255, 0]),
  };

  test('keep the original bytes, and count the same message up', async () => {
    await store.deadLetters.record(letter);
    await store.deadLetters.record(letter);
    await store.deadLetters.record({ ...letter, body: Buffer.from('other') });
    const { items } = await store.deadLetters.list({ limit: 10 });
    expect(items.map(({ occurrences }) => occurrences)).toEqual([1, 2]);
    const found = await store.deadLetters.find(items[1]?.id ?? '');
    expect(found).toMatchObject({ source: 'message', reason: 'unreadable', body: letter.body, messageId: 'm' });
  });

  test('are paged newest first, each once, and leave the list when redriven', async () => {
    for (let n = 0; n < 5; n++) await store.deadLetters.record({ ...letter, messageId: `m${n}` });
    const first = await store.deadLetters.list({ limit: 2 });
    const second = await store.deadLetters.list({ limit: 2, cursor: first.nextCursor as string });
    const third = await store.deadLetters.list({ limit: 2, cursor: second.nextCursor as string });
    const pages = [first, second, third].flatMap(({ items }) => items.map(({ messageId }) => messageId));
    expect(pages).toEqual(['m4', 'm3', 'm2', 'm1', 'm0']);
    expect(third.nextCursor).toBeNull();
    const job = await store.queued();
    await store.deadLetters.markRedriven(first.items[0]?.id ?? '', job);
    expect((await store.deadLetters.list({ limit: 10 })).items).toHaveLength(4);
    expect((await store.deadLetters.list({ limit: 10, redriven: true })).items).toHaveLength(5);
  });

  test('are listed to the end, though the last letter of a page is removed before the next page', async () => {
    for (let n = 0; n < 4; n++) await store.deadLetters.record({ ...letter, messageId: `m${n}` });
    const first = await store.deadLetters.list({ limit: 2 });
    await store.query('DELETE FROM dead_letters WHERE id = $1', [first.items.at(-1)?.id]);
    const second = await store.deadLetters.list({ limit: 2, cursor: first.nextCursor as string });
    expect([first, second].flatMap(({ items }) => items.map(({ messageId }) => messageId))).toEqual(['m3', 'm2', 'm1', 'm0']);
  });
});

describe('asking again for the outcome', () => {
  const addressesOf = async (id: JobId) =>
    (await store.jobs.find(id))?.notify.filter(({ channel }) => channel === 'reply').map(({ to, id: knownBy }) => `${to} ${knownBy}`);
  const reply = (to: string, knownBy: string) => ({ channel: 'reply', to, id: knownBy });

  test('adds an address once, and leaves those that were there and other ways of telling as they were', async () => {
    const id = await store.queued({ notify: [{ channel: 'webhook', to: 'https://example.org' }, reply('first', 'a')] });
    for (const again of ['b', 'b', 'a']) expect(await store.jobs.addNotify(id, reply('first', again))).toBe(true);
    expect(await addressesOf(id)).toEqual(['first a', 'first b']);
    expect((await store.jobs.find(id))?.notify[0]).toEqual({ channel: 'webhook', to: 'https://example.org' });
  });

  test('is the first address of a job that had none, and of one that is sent an e-mail', async () => {
    for (const notify of [[], [{ channel: 'email', to: 'a@example.org' }]]) {
      const id = await store.queued({ notify });
      expect(await store.jobs.addNotify(id, reply('q', '1'))).toBe(true);
      expect((await store.jobs.find(id))?.notify).toEqual([...notify, reply('q', '1')]);
    }
  });

  test('keeps the first address and the newest of the others', async () => {
    const id = await store.queued({ notify: [reply('q', '0')] });
    for (let n = 1; n <= MAX_CHANNEL_ENTRIES + 1; n++) await store.jobs.addNotify(id, reply('q', String(n)));
    const newest = Array.from({ length: MAX_CHANNEL_ENTRIES - 1 }, (_, n) => `q ${n + 3}`);
    expect(await addressesOf(id)).toEqual(['q 0', ...newest]);
  });

  test('of a job that has ended changes nothing, and says so', async () => {
    const id = await ended('succeeded');
    expect(await store.jobs.addNotify(id, reply('q', '1'))).toBe(false);
    expect((await store.jobs.find(id))?.notify).toEqual([]);
  });
});
