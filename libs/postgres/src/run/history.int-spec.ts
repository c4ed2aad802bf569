import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AttemptEvent, type ClaimedJob, type JobId, jsonText, type LeaseToken, type SettleEvent, type WorkerId } from '@app/core';
import fc from 'fast-check';
import { claimOf, newJob, newPublishId, newToken, type StoredJob, TestStore } from '../testing/test-store.js';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());
beforeEach(() => store.clear());

const ERROR = { code: 'handler_error', name: 'Error', message: 'no', attempt: 1, at: '2026-01-31T08:00:00.000Z' };
const LINE: AttemptEvent = { type: 'log', line: { level: 'info', message: 'a line', fields: {} }, ageMs: 0 };
const ABOUT = { name: 'test', concurrency: 1, queues: [] };

const written = async (id: JobId) =>
  (await store.query<{ written: boolean }>('SELECT history IS NOT NULL AS written FROM jobs WHERE id = $1', [id]))[0]?.written;
const settle = ({ id, token }: ClaimedJob, event: SettleEvent = 'succeeded', events?: AttemptEvent[]) =>
  store.attempts.settle([{ jobId: id, token, event, announce: false, result: jsonText(1), error: ERROR, delayMs: 0, ...(events ? { events } : {}) }]);

describe('the history of a plain run', () => {
  test('is written by nothing on its way, and is told as ever', async () => {
    const worker = await store.worker();
    const together = await store.submit({ outboxId: newJob().outboxId }, {});
    const alone = await store.queued({ tags: ['a'] });
    for (const id of [...together, alone]) {
      await settle(await store.claim(id, worker));
      expect(await written(id)).toBe(false);
      expect((await store.row(id)).history.map((entry) => entry.slice(0, 3))).toEqual([[1, 'queued', 0], [2, 'running', 1], [3, 'succeeded', 1]]); // prettier-ignore
    }
  });

  test.each<[string, (job: ClaimedJob, worker: WorkerId) => Promise<unknown>]>([
    ['a retry', (job) => settle(job, 'retried')],
    ['a failure', (job) => settle(job, 'failed')],
    ['events of the settlement', (job) => settle(job, 'succeeded', [LINE])],
    ['events of a heartbeat', ({ id, token }, worker) => store.workers.heartbeat(worker, ABOUT, { leaseSeconds: 60, held: [], events: [{ jobId: id, token, events: [LINE] }] })], // prettier-ignore
    ['the loss of its worker', (_, worker) => store.workers.recover(worker)],
    ['being no longer known to its worker', ({ id, token }) => store.workers.recoverStray(id, token)],
    ['another owner', (job, worker) => store.attempts.takeOver(worker, claimOf(job.id), job.token, true)],
  ])('is written out by %s', async (_, happens) => {
    const worker = await store.worker();
    const job = await store.running(worker);
    await happens(job, worker);
    expect(await written(job.id)).toBe(true);
  });
});

/** What one may do to a job, whatever its state is; what does not fit changes nothing. */
const ACTS: Record<string, (row: StoredJob, worker: WorkerId) => Promise<unknown>> = {
  claim: ({ id }, worker) => store.attempts.claim(worker, [claimOf(id)]),
  'claim alone': ({ id }, worker) => store.attempts.claimSuspect(worker, claimOf(id)),
  'claim what is due': (_, worker) => store.attempts.claimDue(worker, null, 10, false),
  'take over': (row, worker) => store.attempts.takeOver(worker, claimOf(row.id), tokenOf(row), true),
  'take over own': (row, worker) => store.attempts.takeOver(worker, claimOf(row.id), tokenOf(row), false),
  tell: (row, worker) =>
    store.workers.heartbeat(worker, ABOUT, { leaseSeconds: 60, held: [], events: [{ jobId: row.id, token: tokenOf(row), events: [LINE, LINE] }] }),
  ...Object.fromEntries(
    (['succeeded', 'failed', 'cancelled', 'retried', 'snoozed', 'interrupted'] as const).flatMap((event) =>
      [[], [LINE]].map((events) => [`${event} with ${events.length} events`, (row: StoredJob) => ends(row, event, events)]),
    ),
  ),
  exhaust: (row) => store.attempts.exhaust(row.id, newPublishId(), row.state === 'queued' ? null : tokenOf(row), ERROR),
  expire: async ({ id }) => {
    await store.query(`UPDATE jobs SET start_before = now() WHERE id = $1 AND state IN ('queued', 'scheduled')`, [id]);
    await store.workers.expireLate();
  },
  defer: ({ id }) => store.attempts.defer(id, 0, 1e12, ERROR),
  'put back': ({ id }) => store.attempts.putBack([id], 1),
  lose: ({ worker_id }) => store.workers.recover(worker_id ?? (0 as WorkerId)),
  'lose sight': (row) => store.workers.recoverStray(row.id, tokenOf(row)),
  cancel: ({ id }) => store.jobs.cancel(id),
  redrive: ({ id }) => store.jobs.redrive(id),
  wake: () => store.outbox.take(100, 0),
};

const tokenOf = ({ lease_token }: StoredJob): LeaseToken => lease_token ?? newToken();

function ends(row: StoredJob, event: SettleEvent, events: AttemptEvent[]) {
  const more = events.length > 0 ? { events } : {};
  return store.attempts.settle([{ jobId: row.id, token: tokenOf(row), event, announce: false, delayMs: 0, result: jsonText(1), error: ERROR, ...more }]);
}

/** Writes down every change of state as it happens, and knows of no plain runs: how histories were written up to schema 17. */
const WRITES_ALWAYS = `
  CREATE TABLE told (id uuid PRIMARY KEY, history jsonb NOT NULL);
  CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO told VALUES (NEW.id, jsonb_build_array(jsonb_build_array(NEW.events, NEW.state, NEW.attempt, round(extract(epoch FROM now()), 3))))
      ON CONFLICT (id) DO UPDATE SET history = told.history || excluded.history;
    RETURN NULL;
  END $$;
  CREATE TRIGGER stored AFTER INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION tell();
  CREATE TRIGGER changed AFTER UPDATE ON jobs FOR EACH ROW
    WHEN (NEW.events <> OLD.events AND (NEW.state, NEW.lease_token) IS DISTINCT FROM (OLD.state, OLD.lease_token)) EXECUTE FUNCTION tell()`;

test('whatever happens to jobs, in whatever order, their events are those of histories that are always written', async () => {
  await store.query(WRITES_ALWAYS);
  // Claims more often than the rest: without one little else fits.
  const name = fc.oneof({ weight: 1, arbitrary: fc.constant('claim') }, { weight: 3, arbitrary: fc.constantFrom(...Object.keys(ACTS)) });
  const act = fc.tuple(name, fc.nat(1));
  const check = fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 12 }), fc.boolean(), async (acts, delayed) => {
    const ids = await store.submit({ delayMs: delayed ? 1 : null }, {});
    const worker = await store.worker();
    for (const [name, pick] of acts) {
      await ACTS[name]?.(await store.row(ids[pick] as JobId), worker);
    }
    for (const jobId of ids) {
      const [told] = await store.query<{ history: unknown[][] }>('SELECT history FROM told WHERE id = $1', [jobId]);
      const [page] = await store.events.read([{ jobId, after: 0 }], 1_000);
      const states = (page?.events ?? []).flatMap((event) =>
        event.type === 'state' ? [[event.seq, event.state, event.attempt, event.at.getTime() / 1_000]] : [],
      );
      expect(states).toEqual(told?.history);
      expect(page?.events.map(({ seq }) => seq)).toEqual(Array.from({ length: page?.last ?? 0 }, (_, n) => n + 1));
    }
  });
  await fc.assert(check, { numRuns: 100 });
}, 120_000);

describe('no statement', () => {
  const root = join(import.meta.dirname, '..');
  let sources: { file: string; text: string }[];
  beforeAll(async () => {
    const files = (await readdir(root, { recursive: true })).filter((file) => file.endsWith('.ts') && !/spec\.ts$|migrations\/|testing\//.test(file));
    sources = await Promise.all(files.map(async (file) => ({ file, text: await readFile(join(root, file), 'utf8') })));
  });

  test('sets a state, a number of events or a history without the fragments that write out a plain one', () => {
    const writes = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/UPDATE lh\.jobs\b(?: j)? SET([^]*?)\bWHERE\b/g)].map(([, sets]) => ({ file, sets: sets as string })),
    );
    const [through, others] = [true, false].map((wanted) =>
      writes.filter(({ sets }) => /\$\{(becomes|becomesUnless|tells|CLAIMED|asCancelled)\b/.test(sets) === wanted),
    );
    expect(through?.length).toBeGreaterThan(10);
    expect(through?.filter(({ sets }) => /(^|,)\s*(state|events|history) = /.test(sets))).toEqual([]);
    // When its newest message was made, whom to tell, which limits it has, what has made it, where it waits, and with which key its data are sealed.
    expect(new Set(others?.map(({ sets }) => /^\s*(\w+) =/.exec(sets)?.[1]))).toEqual(
      new Set(['limit_keys', 'messaged_at', 'notify', 'origin', 'payload', 'queue']),
    );
  });

  test('but claims and the plain settlement leaves a history unwritten', () => {
    expect(sources.filter(({ text }) => text.includes('plain: true')).map(({ file }) => file).sort()).toEqual(['run/claim-jobs.ts', 'run/settle-plain.ts']); // prettier-ignore
  });
});
