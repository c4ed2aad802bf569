import { randomUUID } from 'node:crypto';
import { DEFAULT_SCHEMA, type JobId, jsonText, type LeaseToken, type OutboxMessage, type PublishId, uuidv7 } from '@app/core';
import { jobsOf, RecordingLogger } from '@app/core/testing';
import { waitFor } from '../../../../test/support/index.js';
import { Presence } from '../lease/presence.js';
import type { Database } from '../pool/database.js';
import { transact } from '../pool/transact.js';
import { TestStore } from '../testing/test-store.js';
import { REMOVE_OUTBOX, TAKE_OUTBOX } from './outbox.js';

let store: TestStore;
beforeAll(async () => {
  store = await TestStore.open();
});
afterAll(() => store.close());
beforeEach(() => store.clear());

const jobIds = (messages: OutboxMessage[]) => messages.flatMap(jobsOf);

async function finish(id: JobId): Promise<void> {
  const job = await store.claim(id, await store.worker());
  await store.attempts.settle([{ jobId: id, token: job.token, event: 'succeeded', result: jsonText({ n: 1 }), announce: true }]);
}

describe('taking from the outbox', () => {
  test('gives a message with all that its publishing needs', async () => {
    const [id] = await store.submit({ queue: 'slow', priority: 7, traceparent: '00-trace', kind: 'report.render' });
    const [row] = await store.outboxOf(id as JobId);
    expect(await store.outbox.take(10, 30)).toEqual([
      { type: 'job', outboxId: row?.id, jobIds: [id], kind: 'report.render', queue: 'slow', priority: 7, traceparent: '00-trace' },
    ]);
  });

  test('gives the highest priority first, and of one priority the oldest', async () => {
    const priorities = [4, 9, 0, 4, 9];
    const ids = await store.submit(...priorities.map((priority) => ({ priority })));
    for (const [index, id] of ids.entries()) {
      await store.query(`UPDATE outbox SET available_at = now() - $2 * interval '1 second' WHERE job_ids[1] = $1`, [id, 10 - index]);
    }
    const [a, b, c, d, e] = ids;
    expect(jobIds(await store.outbox.take(1, 30))).toEqual([b]);
    expect(jobIds(await store.outbox.take(10, 30))).toEqual([e, a, d, c]);
  });

  test('gives no row to two relays at once', async () => {
    const ids = await store.submit(...Array.from({ length: 100 }, (_, index) => ({ priority: index % 10 })));
    const taken = await Promise.all(Array.from({ length: 8 }, () => store.outbox.take(20, 30)));
    const seen = taken.flatMap(jobIds);
    expect(seen).toHaveLength(new Set(seen).size);
    const rest = jobIds(await store.outbox.take(200, 30));
    expect([...seen, ...rest].toSorted()).toEqual(ids.toSorted());
  });

  test('passes over rows that another relay is just taking, instead of waiting for them', async () => {
    const [held, free] = await store.submit({}, {});
    const session = await store.session();
    await session.query('BEGIN');
    await session.query('SELECT FROM outbox WHERE job_ids[1] = $1 FOR UPDATE', [held]);
    expect(jobIds(await store.outbox.take(10, 30))).toEqual([free]);
    await session.query('ROLLBACK');
    await session.end();
    expect(jobIds(await store.outbox.take(10, 30))).toEqual([held]);
  });

  test('hides a row for a while; it comes back when its relay has died, and not when it was confirmed', async () => {
    const [lost, confirmed] = await store.submit({}, {});
    const taken = await store.outbox.take(10, 30);
    expect(await store.outbox.take(10, 30)).toEqual([]);
    await store.outbox.remove(taken.filter((message) => jobsOf(message).includes(confirmed as JobId)).map(({ outboxId }) => outboxId as string));
    await store.query(`UPDATE outbox SET available_at = available_at - interval '30 seconds'`);
    expect(jobIds(await store.outbox.take(10, 30))).toEqual([lost]);
    expect(await store.outboxOf(lost as JobId)).toMatchObject([{ attempts: 2 }]);
  });

  test('finds a row with a lower id that was committed later', async () => {
    const late = { id: uuidv7() as JobId, outboxId: uuidv7() };
    const runner = store.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.query(
      `INSERT INTO longhaul.jobs (id, kind, queue, state, priority, payload, max_attempts) VALUES ($1, 'test.job', 'default', 'queued', 4, '1', 1)`,
      [late.id],
    );
    await runner.query(
      `INSERT INTO longhaul.outbox (id, type, job_ids, queue, priority, available_at) VALUES ($1, 'job', ARRAY[$2::uuid], 'default', 4, now())`,
      [late.outboxId, late.id],
    );
    const [early] = await store.submit({});
    expect(jobIds(await store.outbox.take(10, 30))).toEqual([early]);
    await runner.commitTransaction();
    await runner.release();
    expect(jobIds(await store.outbox.take(10, 30))).toEqual([late.id]);
  });
});

describe('a scheduled job', () => {
  test('waits for its time, and is queued by the take that finds it', async () => {
    const id = await store.queued({ delayMs: 60_000 });
    expect(await store.outbox.take(10, 30)).toEqual([]);
    expect(await store.outbox.nextDueMs()).toBeGreaterThan(50_000);
    await store.query('UPDATE jobs SET run_at = now()');
    await store.query('UPDATE outbox SET available_at = now()');
    expect(await store.outbox.nextDueMs()).toBeLessThanOrEqual(0);
    expect(jobIds(await store.outbox.take(10, 30))).toEqual([id]);
    expect(await store.row(id)).toMatchObject({ state: 'queued', run_at: null, queued_at: expect.any(String) });
  });

  test('is not woken early by a row that was left over', async () => {
    const id = await store.queued();
    const job = await store.claim(id, await store.worker());
    await store.attempts.settle([{ jobId: id, token: job.token, event: 'retried', delayMs: 60_000, announce: false }]);
    expect(jobIds(await store.outbox.take(10, 30))).toEqual([id]);
    expect(await store.row(id)).toMatchObject({ state: 'scheduled' });
  });
});

describe('an outcome event', () => {
  test('is published with the view of the job and an id that stays the same', async () => {
    const id = await store.queued({ notify: [{ channel: 'reply', to: 'replies', id: 'c' }] });
    await store.query('DELETE FROM outbox');
    await finish(id);
    const [event] = await store.outbox.take(10, 0);
    expect(event).toMatchObject({
      type: 'event',
      jobId: id,
      messageId: `${id}.succeeded.0`,
      routingKey: 'test.job.succeeded',
      notify: [{ channel: 'reply', to: 'replies', id: 'c' }],
    });
    const { body } = event as { body: string };
    expect(JSON.parse(body)).toMatchObject({ id, state: 'succeeded', result: { n: 1 } });
    expect(await store.outbox.take(10, 0)).toEqual([event]);
  });

  test('is dropped where nobody listens, jobs are not', async () => {
    await finish(await store.queued());
    await store.query(`DELETE FROM outbox WHERE type = 'job'`);
    const waiting = await store.queued();
    await store.outbox.discardEvents();
    expect(jobIds(await store.outbox.take(10, 30))).toEqual([waiting]);
  });
});

describe('the disk', () => {
  /** Whether the commit of a statement waits for it. */
  async function waits(statement: Parameters<Database['run']>[0], values: unknown[]): Promise<boolean> {
    const setting = `SELECT current_setting('synchronous_commit') AS setting`;
    const [after] = await transact(store.db, async (transaction) => {
      await store.db.run(statement, values, transaction);
      return transaction.query<{ setting: string }[]>(setting);
    });
    expect(await store.dataSource.query<unknown>(setting)).toEqual([{ setting: 'on' }]);
    return after?.setting !== 'off';
  }
  const take = [100, 30, [], [], 1_000];

  test('is not waited for by what forgets confirmed messages, or takes outcomes alone', async () => {
    await finish(await store.queued());
    await store.query(`DELETE FROM outbox WHERE type = 'job'`);
    expect(await waits(TAKE_OUTBOX, take)).toBe(false);
    const ids = (await store.query<{ id: string }>('SELECT id FROM outbox')).map(({ id }) => id);
    expect(await waits(REMOVE_OUTBOX, [ids])).toBe(false);
    expect(await store.query('SELECT FROM outbox')).toEqual([]);
  });

  test('is waited for by what takes jobs, which may turn queued or go to the waiting room by that', async () => {
    await finish(await store.queued());
    await store.queued();
    expect(await waits(TAKE_OUTBOX, take)).toBe(true);
  });
});

describe('a row that has become pointless', () => {
  test('is removed unpublished: its job has ended, or is gone, or was redriven', async () => {
    const [cancelled, gone, failed] = (await store.submit({}, {}, {})) as [JobId, JobId, JobId];
    await store.jobs.cancel(cancelled);
    await store.query(`DELETE FROM outbox WHERE type = 'event'`);
    await store.query('DELETE FROM jobs WHERE id = $1', [gone]);
    const job = await store.claim(failed, await store.worker());
    await store.query('DELETE FROM outbox WHERE job_ids[1] = $1', [failed]);
    await store.attempts.settle([{ jobId: failed, token: job.token, event: 'failed', announce: true }]);
    await store.jobs.redrive(failed);
    // What is left is the copy of the redriven job, not the event of its failure.
    expect(await store.outbox.take(10, 0)).toMatchObject([{ type: 'job', jobIds: [failed] }]);
    expect(await store.query('SELECT job_ids[1] AS job_id FROM outbox')).toEqual([{ job_id: failed }]);
  });
});

test('an empty outbox has nothing due', async () => {
  expect(await store.outbox.nextDueMs()).toBeNull();
  expect(await store.outbox.take(10, 30)).toEqual([]);
  await store.outbox.remove([]);
});

describe('a row whose job was claimed under its id, by the process to which a slot was handed on', () => {
  /** The job, claimed under the row's own id or another. */
  async function claimedUnder(own: boolean) {
    const id = await store.queued();
    const [row] = await store.outboxOf(id);
    const token = randomUUID() as LeaseToken;
    const worker = await store.worker();
    await store.attempts.claim(worker, [{ jobId: id, publishId: (own ? row?.id : randomUUID()) as PublishId, token }]);
    return { id, token, worker, row: row?.id };
  }

  test('is published under that id: whoever gets the copy may take the job over', async () => {
    const { id, row } = await claimedUnder(true);
    expect(await store.outbox.take(10, 0)).toMatchObject([{ type: 'job', outboxId: row, publishId: row, jobIds: [id] }]);
  });

  test('is kept, and not published, while that process lives and runs the job', async () => {
    const { worker } = await claimedUnder(true);
    const presence = new Presence(store.url, DEFAULT_SCHEMA, new RecordingLogger());
    await presence.start(worker);
    try {
      expect(await store.outbox.take(10, 0)).toEqual([]);
    } finally {
      await presence.close();
    }
    await waitFor('its lock to be free', async () => (await store.outbox.take(10, 0)).length === 1);
  });

  test('is published even when the job has ended: nobody may have heard of that', async () => {
    const { id, token, row } = await claimedUnder(true);
    await store.attempts.settle([{ jobId: id, token, event: 'succeeded', announce: false }]);
    expect(await store.outbox.take(10, 0)).toMatchObject([{ type: 'job', publishId: row, jobIds: [id] }]);
  });

  test('is unlike a row whose job was claimed by another copy: that one is published under an id of its own, and is pointless when the job has ended', async () => {
    const { id, token } = await claimedUnder(false);
    const [message] = await store.outbox.take(10, 0);
    expect(message).toMatchObject({ type: 'job', jobIds: [id] });
    expect(message).not.toHaveProperty('publishId');
    await store.attempts.settle([{ jobId: id, token, event: 'succeeded', announce: false }]);
    expect(await store.outbox.take(10, 0)).toEqual([]);
  });
});
