import { randomBytes } from 'node:crypto';
import {
  AesDataBox,
  type ClaimedJob,
  type Fault,
  type JobId,
  type JsonText,
  keyList,
  type Metrics,
  noMetrics,
  type Schedule,
  ScheduleControl,
  type ScheduleSettings,
  type ScheduleSpec,
  ScheduleTicker,
  SubmitJob,
  systemClock,
} from '@app/core';
import { dailyPatterns, RecordingLogger, samplePolicy } from '@app/core/testing';
import type { EntityManager } from 'typeorm';
import { classifyError, Database } from '../pool/database.js';
import { PostgresRecipientCounts } from '../notify/postgres-recipient-counts.js';
import { PostgresRetention } from '../retain/postgres-retention.js';
import { newJob, TestStore } from '../testing/test-store.js';
import { PostgresSchedules } from './postgres-schedules.js';

let store: TestStore;
let schedules: PostgresSchedules;
let submitJob: SubmitJob<EntityManager>;
let control: ScheduleControl<EntityManager>;
let cancelled: JobId[];

const POLICIES = { 'test.job': samplePolicy(), 'test.heavy': { ...samplePolicy({ kind: 'test.heavy' }), priority: 99_999 } };

const kinds = {
  names: () => Object.keys(POLICIES),
  policy: (kind: string) => (POLICIES as Record<string, ReturnType<typeof samplePolicy> | undefined>)[kind],
  validate: (_kind: string, payload: unknown): Fault[] => {
    const { value } = payload as { value?: unknown };
    if (value === 'explodes') throw new TypeError('the schema is broken');
    return value === 'wrong' ? [{ pointer: '/payload/value', detail: 'must be right' }] : [];
  },
};

beforeAll(async () => {
  store = await TestStore.open();
  schedules = new PostgresSchedules(store.db, () => 500, store.db, 'zones of 2026');
  submitJob = new SubmitJob<EntityManager>({
    kinds,
    queues: store.queues,
    store: store.submissions,
    committed: () => undefined,
    classify: classifyError,
    maxBatch: 100,
  });
  control = controlOf(schedules);
});
afterAll(() => store.close());
beforeEach(async () => {
  cancelled = [];
  await store.clear();
  await store.query('DELETE FROM schedules');
});

function controlOf(of: PostgresSchedules): ScheduleControl<EntityManager> {
  const time = { now: () => Date.now() };
  return new ScheduleControl({ store: of, submitJob, patterns: dailyPatterns, time, committed: () => undefined, changed: () => undefined });
}

function ticker(more: { kinds?: string[]; store?: PostgresSchedules; metrics?: Metrics; logger?: RecordingLogger } = {}): ScheduleTicker<EntityManager> {
  return new ScheduleTicker({
    store: more.store ?? schedules,
    submitJob,
    kinds: { names: () => more.kinds ?? kinds.names() },
    patterns: dailyPatterns,
    cancel: (id) => Promise.resolve(cancelled.push(id)),
    committed: () => undefined,
    clock: systemClock,
    logger: more.logger ?? new RecordingLogger(),
    metrics: more.metrics ?? noMetrics,
  });
}

function settings(more: Partial<ScheduleSettings> = {}): ScheduleSettings {
  return {
    kind: 'test.job',
    payload: '{"value":1}' as JsonText,
    options: {},
    description: '',
    spec: { every: '1h' },
    startsAt: null,
    endsAt: null,
    overlap: 'skip',
    missed: 'last',
    missedWindowMs: 86_400_000,
    jitterMs: 0,
    pauseAfterFailures: null,
    ...more,
  };
}

/** Past every rule: also what a door would refuse. */
async function set(id: string, more: Partial<ScheduleSettings> = {}): Promise<void> {
  await schedules.transaction((transaction) =>
    schedules.write(id, settings(more), 'api', null, { nextTick: new Date(Date.now() + 3_600_000), dueAt: new Date(Date.now() + 3_600_000) }, transaction),
  );
}

/** As if so many seconds had passed: its next tick was so many seconds ago. */
async function due(id: string, secondsAgo: number): Promise<Date> {
  const [row] = await store.query<{ tick: Date }>(
    `UPDATE schedules SET next_tick = date_trunc('second', now()) - $2 * interval '1 second', due_at = date_trunc('second', now()) - $2 * interval '1 second'
     WHERE id = $1 RETURNING next_tick AS tick`,
    [id, secondsAgo],
  );
  return row?.tick as Date;
}

async function until(look: ScheduleTicker<EntityManager>): Promise<void> {
  while ((await look.look()) === 0);
}

interface MadeJob {
  id: JobId;
  tags: string[];
  origin: { schedule: { id: string; tick: string; previousTick: string | null } };
}

const jobs = () => store.query<MadeJob>(`SELECT id, tags, origin FROM jobs ORDER BY origin->'schedule'->>'tick', id`);
const ticks = (id: string) =>
  store.query<{ tick: Date; outcome: string; source: string; job_id: string | null; detail: string | null }>(
    'SELECT tick, outcome, source, job_id, detail FROM schedule_ticks WHERE schedule_id = $1 ORDER BY tick',
    [id],
  );
const outcomes = async (id: string) => (await ticks(id)).map(({ outcome }) => outcome);
const found = async (id: string) => (await schedules.find(id)) as Schedule;

describe('A tick', () => {
  test('has one job, with the tag and the origin of its schedule, and moves the schedule on', async () => {
    await set('a');
    const tick = await due('a', 1);
    await until(ticker());
    const [job] = await jobs();
    expect(job).toMatchObject({ tags: ['schedule:a'], origin: { schedule: { id: 'a', previousTick: null } } });
    expect(new Date(job?.origin.schedule.tick ?? 0)).toEqual(tick);
    expect(await ticks('a')).toEqual([{ tick, outcome: 'submitted', source: 'tick', job_id: job?.id, detail: null }]);
    const after = await found('a');
    expect([after.lastTick, after.lastJobId]).toEqual([tick, job?.id]);
    expect(after.nextTick?.getTime()).toBe((Math.floor(tick.getTime() / 3_600_000) + 1) * 3_600_000);
    expect(after.dueAt).toEqual(after.nextTick);
  });

  test('has one job with any number of processes that look at once', async () => {
    const ids = Array.from({ length: 120 }, (_, index) => `s${index}`);
    for (const id of ids) await set(id, { spec: { every: '1s' }, overlap: 'allow' });
    await store.query(`UPDATE schedules SET next_tick = date_trunc('second', now()) - interval '3 seconds', due_at = now() - interval '3 seconds'`);
    for (let round = 0; round < 3; round++) await Promise.all([1, 2, 3, 4].map(() => until(ticker())));
    const [doubled] = await store.query<{ count: string }>(
      `SELECT count(*) AS count FROM (SELECT origin FROM jobs GROUP BY origin->'schedule'->>'id', origin->'schedule'->>'tick', origin HAVING count(*) > 1) d`,
    );
    expect(doubled?.count).toBe('0');
    // Each of the seconds that have passed, for each of them.
    const rows = await store.query<{ schedule_id: string; ticks: number; seconds: number }>(
      `SELECT schedule_id, count(*)::integer AS ticks, (extract(epoch FROM max(tick) - min(tick)) + 1)::integer AS seconds FROM schedule_ticks GROUP BY schedule_id`,
    );
    expect(rows).toHaveLength(120);
    expect(rows.filter(({ ticks, seconds }) => ticks !== seconds)).toEqual([]);
    const [sum] = await store.query<{ jobs: number; ticks: number }>(
      'SELECT (SELECT count(*) FROM jobs)::integer AS jobs, (SELECT count(*) FROM schedule_ticks WHERE job_id IS NOT NULL)::integer AS ticks',
    );
    expect(sum?.jobs).toBe(sum?.ticks);
  });

  test('of a process that dies before the commit leaves nothing, and the next process makes its job', async () => {
    await set('a');
    await due('a', 1);
    const dying = new PostgresSchedules(store.db, () => 10);
    dying.record = () => Promise.reject(new Error('the process was killed'));
    await ticker({ store: dying }).look();
    expect([await jobs(), await ticks('a')]).toEqual([[], []]);
    await until(ticker());
    expect(await jobs()).toHaveLength(1);
  });

  test('is not lost with the answer of its commit: repeated, it has no second job', async () => {
    await set('a');
    await due('a', 1);
    const mute = new PostgresSchedules(store.db, () => 10);
    mute.transaction = async (work) => {
      await schedules.transaction(work);
      throw new Error('the connection was lost');
    };
    await ticker({ store: mute }).look();
    await until(ticker());
    expect(await jobs()).toHaveLength(1);
  });

  test('that a backfill has given its job gets no second one', async () => {
    await set('a', { spec: { every: '1s' }, overlap: 'allow' });
    const tick = await due('a', 3);
    const filled = await control.backfill('a', tick, new Date(tick.getTime() + 1_000), false);
    expect(filled).toMatchObject({ ticks: 2, submitted: 2 });
    await until(ticker());
    const made = (await jobs()).map(({ origin }) => new Date(origin.schedule.tick).getTime());
    expect(new Set(made).size).toBe(made.length);
    expect(made.slice(0, 4)).toEqual([0, 1, 2, 3].map((second) => tick.getTime() + second * 1_000));
  });

  test.each([
    ['a payload that no longer fits its kind', { payload: '{"value":"wrong"}' as JsonText }, 'invalid_payload: /payload/value must be right'],
    ['what the database refuses', { kind: 'test.heavy' }, 'invalid_payload: '],
  ])('is refused for %s, with the reason, and keeps no other schedule waiting', async (_what, more, detail) => {
    for (const id of ['a', 'b', 'c', 'd']) await set(id, id === 'b' ? more : {});
    for (const id of ['a', 'b', 'c', 'd']) await due(id, 2);
    await until(ticker());
    expect(await jobs()).toHaveLength(3);
    const [refused] = await ticks('b');
    expect(refused).toMatchObject({ outcome: 'refused', job_id: null });
    expect(refused?.detail?.slice(0, detail.length)).toBe(detail);
    expect((await found('b')).nextTick?.getTime()).toBeGreaterThan(Date.now());
  });

  test('that cannot be judged at all keeps no other schedule waiting either', async () => {
    for (const id of ['a', 'b', 'c']) await set(id, id === 'a' ? { payload: '{"value":"explodes"}' as JsonText } : {});
    await due('a', 9);
    for (const id of ['b', 'c']) await due(id, 2);
    const logger = new RecordingLogger();
    await until(ticker({ logger }));
    expect((await jobs()).map(({ tags }) => tags[0]).sort()).toEqual(['schedule:b', 'schedule:c']);
    expect(await ticks('a')).toEqual([]);
  });

  test('whose payload cannot be read here keeps no other schedule waiting, and comes where its key is', async () => {
    const key = (id: string) => ({ id, bytes: randomBytes(32) });
    const [former, current] = [key('former'), key('current')];
    const having = (...keys: ReturnType<typeof key>[]) =>
      new PostgresSchedules(new Database(store.dataSource, undefined, new AesDataBox(keyList(keys), 'all')), () => 500, store.db, 'zones of 2027');
    const [old, now, both] = [having(former), having(current), having(current, former)];
    for (const [id, by] of [
      ['a', old],
      ['b', now],
      ['c', now],
    ] as const)
      await by.transaction((transaction) => by.write(id, settings(), 'api', null, { nextTick: new Date(), dueAt: new Date() }, transaction));
    const tick = await due('a', 130);
    for (const id of ['b', 'c']) await due(id, 2);
    const logger = new RecordingLogger();
    await until(ticker({ store: now, logger }));
    expect((await jobs()).map(({ tags }) => tags[0]).sort()).toEqual(['schedule:b', 'schedule:c']);
    expect(logger.entries.filter(({ level }) => level === 'error')).toMatchObject([
      { fields: { schedule: 'a', reason: expect.stringContaining('to have the key former') as string } },
    ]);
    expect(await now.late(120, 10)).toMatchObject([{ id: 'a', nextTick: tick, unreadable: expect.stringContaining('to have the key former') as string }]);

    const without = controlOf(now);
    for (const refused of [without.find('a'), without.trigger('a'), without.backfill('a', new Date(tick.getTime() - 3_600_000), tick, false)])
      await expect(refused).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('to have the key former') as string });
    // What needs no payload can be done, and leaves it as it is.
    expect(await without.refreshZones()).toBe(0);
    await store.query(`UPDATE schedules SET spec = '{"cron":"0 3 * * *","timezone":"UTC"}', zone_data = 'zones of 2026'`);
    expect(await without.refreshZones()).toBe(3);
    expect((await without.pause('a', {})).pausedBy).toBeNull();
    await without.resume('a');
    await due('a', 3);

    await until(ticker({ store: both }));
    expect((await jobs()).filter(({ tags }) => tags[0] === 'schedule:a')).toHaveLength(1);
    expect(await both.find('a')).toMatchObject({ payload: settings().payload, revision: 1 });
    await without.put('a', settings({ payload: '{"value":2}' as JsonText }), 'any');
    expect(await now.find('a')).toMatchObject({ payload: '{"value":2}', revision: 2 });
    await without.remove('b', 'any');
  });

  test('that Longhaul has paused for its failures is named whichever tenant it is of, and none that somebody else has paused', async () => {
    for (const id of ['a', 'b', 'acme\na', 'acme\nb']) await set(id);
    await store.query(`UPDATE schedules SET due_at = NULL, paused_at = now(), paused_by = 'ada', failures = 2 WHERE id = 'b'`);
    await store.query(
      `UPDATE schedules SET due_at = NULL, paused_at = now() - interval '1 hour', paused_by = 'longhaul', pause_reason = 'its last job has failed', failures = 1 WHERE id = 'a'`,
    );
    await store.query(`UPDATE schedules SET paused_at = now(), failures = 3 WHERE id = 'a' AND tenant = 'acme'`);
    expect(await schedules.failing(10)).toMatchObject([{ id: 'acme\na', pauseReason: 'its last job has failed' }, { id: 'a' }]);
    expect(await schedules.failing(1)).toHaveLength(1);
  });

  test('of a kind that this process does not know is left to others for a minute, and refused after it', async () => {
    await set('a');
    await due('a', 50);
    await until(ticker({ kinds: ['other.kind'] }));
    expect(await ticks('a')).toEqual([]);
    await store.query(`UPDATE schedules SET kind = 'gone.kind'`);
    await due('a', 61);
    await until(ticker({ kinds: ['other.kind'] }));
    expect(await ticks('a')).toMatchObject([{ outcome: 'refused', detail: expect.stringMatching(/^unknown_kind: /) as string }]);
  });
});

describe('The claim of a job', () => {
  test('says which schedule has made it, for which tick', async () => {
    await set('a', { spec: { every: '1s' }, overlap: 'allow' });
    const tick = await due('a', 1);
    await until(ticker());
    const [first, second] = await jobs();
    const worker = await store.worker();
    expect((await store.claim(first?.id as JobId, worker)).schedule).toEqual({ id: 'a', tick, previousTick: null });
    expect((await store.jobs.find(second?.id as JobId))?.schedule).toEqual({ id: 'a', tick: new Date(tick.getTime() + 1_000), previousTick: tick });
    const plain = await store.queued();
    expect('schedule' in (await store.claim(plain, worker))).toBe(false);
  });
});

describe('While the last job runs', () => {
  async function running(more: Partial<ScheduleSettings>): Promise<ClaimedJob> {
    await set('a', more);
    const job = await store.running(await store.worker());
    await store.query(`UPDATE schedules SET last_job_id = $1`, [job.id]);
    await due('a', 1);
    return job;
  }

  const end = ({ id, token }: ClaimedJob, event: 'succeeded' | 'failed') =>
    store.attempts.settle([
      {
        ...{ jobId: id, token, event, announce: false },
        ...(event === 'failed' ? { error: { code: 'handler_error', name: 'Error', message: 'no', attempt: 1, at: new Date().toISOString() } } : {}),
      },
    ]);

  test('`skip` makes no job', async () => {
    await running({ overlap: 'skip' });
    await until(ticker());
    expect(await outcomes('a')).toEqual(['skipped_overlap']);
  });

  test('`buffer` keeps the tick, and makes its job when the last one has ended', async () => {
    const job = await running({ overlap: 'buffer' });
    await until(ticker());
    expect(await outcomes('a')).toEqual(['buffered']);
    const waiting = await found('a');
    expect(waiting.dueAt?.getTime()).toBeLessThan(Date.now() + 2_000);
    await end(job, 'succeeded');
    await store.query(`UPDATE schedules SET due_at = now()`);
    await until(ticker());
    expect(await outcomes('a')).toEqual(['submitted']);
    expect((await jobs()).filter(({ tags }) => tags.includes('schedule:a'))).toHaveLength(1);
    expect((await found('a')).buffered).toBeNull();
  });

  test('`cancel` asks it to stop', async () => {
    const { id } = await running({ overlap: 'cancel' });
    await until(ticker());
    expect([cancelled, await outcomes('a')]).toEqual([[id], ['buffered']]);
  });

  test('`allow` makes a job, until a hundred in a row have not started', async () => {
    await set('a', { overlap: 'allow', spec: { every: '1s' } });
    const waiting = Array.from({ length: 100 }, () => newJob({ tags: ['schedule:a'] }));
    await store.submissions.submit(waiting);
    await store.query(
      `INSERT INTO schedule_ticks (schedule_id, tick, outcome, job_id)
       SELECT 'a', date_trunc('second', now()) - (200 - ordinality) * interval '1 second', 'submitted', id FROM unnest($1::uuid[]) WITH ORDINALITY AS j (id, ordinality)`,
      [waiting.map(({ id }) => id)],
    );
    await store.query(`UPDATE schedules SET last_job_id = $1`, [waiting.at(-1)?.id]);
    await due('a', 1);
    await until(ticker());
    expect(new Set(await outcomes('a').then((all) => all.slice(100)))).toEqual(new Set(['coalesced']));
    await store.claim(waiting[0]?.id as JobId, await store.worker());
    const free = await due('a', 0);
    await until(ticker());
    // The next second may be due as well by now: the place that was free is taken then.
    expect((await ticks('a')).find(({ tick }) => tick.getTime() === free.getTime())?.outcome).toBe('submitted');
  });

  test('a job that retention has removed counts as ended', async () => {
    const { id } = await running({ overlap: 'skip' });
    await store.query('DELETE FROM jobs WHERE id = $1', [id]);
    await until(ticker());
    expect(await outcomes('a')).toEqual(['submitted']);
  });

  test('failures in a row pause the schedule, which then is due no more', async () => {
    const counted: string[] = [];
    const metrics: Metrics = { ...noMetrics, count: (name) => void counted.push(name) };
    await end(await running({ pauseAfterFailures: 1 }), 'failed');
    await until(ticker({ metrics }));
    const paused = await found('a');
    expect(paused).toMatchObject({ pausedBy: 'longhaul', pauseReason: 'its last job has failed', dueAt: null });
    expect(counted).toContain('schedules_paused_total');
    expect(await ticks('a')).toEqual([]);
    expect((await control.resume('a')).failures).toBe(0);
    await until(ticker());
    expect(await outcomes('a')).toEqual(['submitted']);
  });
});

describe('A schedule that is set', () => {
  test('counts its revisions by what it says, and keeps its next tick where that does not change', async () => {
    const { schedule, created } = await control.put('a', settings(), 'none');
    expect([created, schedule.revision]).toEqual([true, 1]);
    const tick = await due('a', 1);
    const same = await control.put('a', settings(), 'any');
    expect([same.created, same.schedule.revision, same.schedule.nextTick]).toEqual([false, 1, tick]);
    const other = await control.put('a', settings({ payload: '{"value": 1}' as JsonText }), { revision: 1 });
    expect([other.schedule.revision, other.schedule.payload, other.schedule.nextTick]).toEqual([2, '{"value": 1}', tick]);
    const moved = await control.put('a', settings({ spec: { every: '2h' } }), 'any');
    expect(moved.schedule.nextTick?.getTime()).toBeGreaterThan(Date.now());
  });

  test('is refused for whom it has changed meanwhile', async () => {
    await control.put('a', settings(), 'any');
    await expect(control.put('a', settings(), 'none')).rejects.toMatchObject({ code: 'revision_mismatch' });
    await expect(control.put('a', settings(), { revision: 2 })).rejects.toMatchObject({ code: 'revision_mismatch' });
    await expect(control.put('b', settings(), { revision: 1 })).rejects.toMatchObject({ code: 'revision_mismatch' });
    await expect(control.remove('a', { revision: 7 })).rejects.toMatchObject({ code: 'revision_mismatch' });
    await control.remove('a', { revision: 1 });
    await expect(control.remove('a', 'any')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('twice at the same moment is one schedule', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => control.put('a', settings(), 'any')));
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    expect((await found('a')).revision).toBe(1);
  });

  test('is one too many beyond MAX_SCHEDULES', async () => {
    const few = new ScheduleControl({
      ...{ store: new PostgresSchedules(store.db, () => 1), submitJob, patterns: dailyPatterns, time: { now: () => Date.now() } },
      ...{ committed: () => undefined, changed: () => undefined },
    });
    await few.put('a', settings(), 'any');
    await expect(few.put('b', settings(), 'any')).rejects.toMatchObject({ code: 'too_many_schedules' });
    await few.put('a', settings({ description: 'changed' }), 'any');
  });

  test('is refused for what each of its ticks would be refused for', async () => {
    await expect(control.put('a', settings({ payload: '{"value":"wrong"}' as JsonText }), 'any')).rejects.toMatchObject({ code: 'invalid_payload' });
    await expect(control.put('a', settings({ kind: 'no.kind' }), 'any')).rejects.toMatchObject({ code: 'unknown_kind' });
    await expect(control.put('kind:test.job', settings(), 'any')).rejects.toMatchObject({ code: 'state_forbids' });
  });

  test('keeps its payload as it came, with all digits', async () => {
    const payload = '{"id":12345678901234567890,"rate":1.50}' as JsonText;
    await control.put('a', settings({ payload }), 'any');
    await due('a', 1);
    await until(ticker());
    const [job] = await jobs();
    expect((await store.jobs.find(job?.id as JobId))?.payload).toBe(payload);
  });

  test('paused makes no job, and goes on by its rule for missed ticks', async () => {
    await control.put('a', settings({ spec: { every: '1h' }, missed: 'skip' }), 'any');
    await control.pause('a', { by: 'ada', reason: 'holiday' });
    await store.query(`UPDATE schedules SET next_tick = date_trunc('hour', now()) - interval '2 hours'`);
    await until(ticker());
    expect(await found('a')).toMatchObject({ pausedBy: 'ada', pauseReason: 'holiday', dueAt: null });
    expect((await control.put('a', settings({ missed: 'last' }), 'any')).schedule.pausedAt).not.toBeNull();
    await control.resume('a');
    await until(ticker());
    expect((await outcomes('a')).filter((outcome) => outcome === 'submitted')).toHaveLength(1);
    expect((await outcomes('a')).filter((outcome) => outcome === 'missed').length).toBeGreaterThanOrEqual(1);
  });
});

describe('A trigger', () => {
  test('makes a job at once, also of a paused schedule, and once for one key', async () => {
    await control.put('a', settings(), 'any');
    await control.pause('a', {});
    const first = await control.trigger('a', 'key');
    const again = await control.trigger('a', 'key');
    expect([again.jobId, again.replayed]).toEqual([first.jobId, true]);
    expect(await ticks('a')).toMatchObject([{ source: 'trigger', outcome: 'submitted', job_id: first.jobId }]);
    expect((await found('a')).lastJobId).toBe(first.jobId);
    await expect(control.trigger('none')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('makes a job each time, also where others have triggered in the same milliseconds', async () => {
    await control.put('a', settings(), 'any');
    const { jobId } = await control.trigger('a');
    await store.query(
      `INSERT INTO schedule_ticks (tenant, schedule_id, tick, outcome, source, job_id)
       SELECT 'default', 'a', date_trunc('second', now()) + ms * interval '1 ms', 'submitted', 'trigger', $1 FROM generate_series(1, 20000) AS ms WHERE ms % 1000 <> 0
       ON CONFLICT DO NOTHING`,
      [jobId],
    );
    const made = [await control.trigger('a'), await control.trigger('a')];
    expect(new Set(made.map((each) => each.jobId)).size).toBe(2);
    for (const { tick } of made) expect(tick.getTime() % 1_000).not.toBe(0);
  });

  test('does not hide a job that still runs from the rule of overlap', async () => {
    await control.put('a', settings(), 'any');
    const first = await control.trigger('a');
    await control.trigger('a');
    expect((await found('a')).lastJobId).toBe(first.jobId);
  });
});

describe('A backfill', () => {
  const from = new Date('2026-01-01T00:00:00Z');
  const to = new Date('2026-01-01T05:30:00Z');

  test('makes a job for each tick that has none, each with its interval, and none twice', async () => {
    await control.put('a', settings(), 'any');
    expect(await control.backfill('a', from, to, true)).toEqual({ ticks: 6, submitted: 6, skipped: 0, refused: 0, detail: null });
    expect(await jobs()).toEqual([]);
    expect(await control.backfill('a', from, to, false)).toMatchObject({ submitted: 6, skipped: 0 });
    expect(await control.backfill('a', from, to, false)).toMatchObject({ submitted: 0, skipped: 6 });
    const made = await jobs();
    expect(made).toHaveLength(6);
    const texts = made.map(({ origin }) => [origin.schedule.previousTick, origin.schedule.tick].map((tick) => new Date(tick ?? 0).getUTCHours()));
    expect(texts).toEqual([23, 0, 1, 2, 3, 4].map((hour, index) => [hour, index]));
  });

  test('of several processes at once makes each job once', async () => {
    await control.put('a', settings(), 'any');
    const filled = await Promise.all([1, 2, 3].map(() => control.backfill('a', from, new Date('2026-01-11T00:00:00Z'), false)));
    expect(filled.reduce((sum, { submitted }) => sum + submitted, 0)).toBe(241);
    expect(await jobs()).toHaveLength(241);
  });

  test('makes up for ticks that were missed or refused', async () => {
    await control.put('a', settings(), 'any');
    await store.query(`INSERT INTO schedule_ticks (schedule_id, tick, outcome) VALUES ('a', $1, 'missed')`, [from]);
    expect(await control.backfill('a', from, from, false)).toMatchObject({ ticks: 1, submitted: 1 });
    expect(await ticks('a')).toMatchObject([{ outcome: 'submitted', source: 'backfill' }]);
  });

  test('of more than ten thousand ticks is refused, with the last that fits', async () => {
    await control.put('a', settings({ spec: { every: '1s' } }), 'any');
    const refusal = { code: 'invalid_payload', faults: [{ pointer: '/to', detail: expect.stringContaining('2026-01-01T02:46:39.000Z') as string }] };
    await expect(control.backfill('a', from, to, true)).rejects.toMatchObject(refusal);
  });
});

describe('Schedules in code', () => {
  const inCode = (id: string, spec: ScheduleSpec = { every: '1h' }) => ({ id, settings: settings({ spec }) });

  test('are set when a process starts, and paused when they are gone from the code, those of other configurations not', async () => {
    await control.putCode('code:shop', [inCode('kind:a.b'), inCode('kind:c.d')]);
    await control.putCode('code:mail', [inCode('kind:e.f')]);
    await control.putCode('code:shop', [inCode('kind:a.b', { every: '2h' })]);
    expect(await found('kind:a.b')).toMatchObject({ spec: { every: '2h' }, pausedAt: null, origin: 'code:shop', revision: 2 });
    expect(await found('kind:c.d')).toMatchObject({ pausedBy: 'longhaul', pauseReason: 'not in the code any more' });
    expect((await found('kind:e.f')).pausedAt).toBeNull();
  });

  test('go on when they are back in the code, unless somebody else has paused them', async () => {
    await control.putCode('code:shop', [inCode('kind:a.b'), inCode('kind:c.d')]);
    await control.putCode('code:shop', []);
    await control.pause('kind:c.d', { by: 'ada' });
    await control.putCode('code:shop', [inCode('kind:a.b'), inCode('kind:c.d')]);
    expect([(await found('kind:a.b')).pausedAt, (await found('kind:c.d')).pausedBy]).toEqual([null, 'ada']);
    await expect(control.remove('kind:a.b', 'any')).rejects.toMatchObject({ code: 'state_forbids' });
  });
});

describe('Next ticks', () => {
  test('are worked out anew once where the zone data of a process is another, and a tick that is due stays', async () => {
    for (const id of ['a', 'b']) await control.put(id, settings({ spec: { cron: '30 2 * * *', timezone: 'UTC' } }), 'any');
    await store.query(`UPDATE schedules SET zone_data = 'zones of 2025', next_tick = now() + interval '3 days' WHERE id = 'a'`);
    const tick = await due('b', 5);
    await store.query(`UPDATE schedules SET zone_data = 'zones of 2025'`);
    expect([await control.refreshZones(), await control.refreshZones()]).toEqual([2, 0]);
    const after = await found('a');
    expect([after.nextTick?.getUTCHours(), after.nextTick?.getUTCMinutes(), after.revision]).toEqual([2, 30, 1]);
    expect((after.nextTick?.getTime() ?? 0) - Date.now()).toBeLessThanOrEqual(86_400_000);
    expect((await found('b')).nextTick).toEqual(tick);
  });
});

describe('What is written down of ticks', () => {
  test('goes with its time, and with its schedule', async () => {
    await control.put('a', settings(), 'any');
    await store.query(
      `INSERT INTO schedule_ticks (schedule_id, tick, outcome, at) SELECT 'a', now() - n * interval '1 day', 'missed', now() - n * interval '1 day' FROM generate_series(1, 10) n`,
    );
    await store.query(`UPDATE schedules SET last_tick = now()`);
    const retention = new PostgresRetention(store.db, [new PostgresRecipientCounts(store.db)]);
    await retention.prune({ succeededSeconds: null, failedSeconds: 5.5 * 86_400, letterSeconds: null, statsSeconds: null }, 100);
    expect(await ticks('a')).toHaveLength(5);
    await control.remove('a', 'any');
    expect(await ticks('a')).toEqual([]);
  });

  test('does not bind a job to its schedule: the jobs stay when it is deleted', async () => {
    await control.put('a', settings(), 'any');
    await control.trigger('a');
    await control.remove('a', 'any');
    expect(await jobs()).toHaveLength(1);
  });

  test('is listed by kind and by pause, in pages', async () => {
    for (const id of ['a', 'b', 'c']) await control.put(id, settings(id === 'c' ? { kind: 'test.job', description: 'third' } : {}), 'any');
    await control.pause('b', {});
    const ids = async (filter: Parameters<PostgresSchedules['list']>[0]) => (await schedules.list(filter)).map(({ id }) => id);
    expect(await ids({ limit: 2 })).toEqual(['a', 'b']);
    expect(await ids({ limit: 2, after: 'b' })).toEqual(['c']);
    expect(await ids({ limit: 9, paused: true })).toEqual(['b']);
    expect(await ids({ limit: 9, kind: 'other.kind' })).toEqual([]);
  });
});
