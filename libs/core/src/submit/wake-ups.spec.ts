import type { JobId } from '../job/job.js';
import { accepted } from './job-request.js';
import { sampleNewJob } from '../testing/index.js';
import type { SubmitOutcome } from './submission-store.js';
import { shareOutboxRows, wakeUpsOf } from './wake-ups.js';

const created: SubmitOutcome = { status: 'created', state: 'queued', createdAt: new Date(0), runAt: null };
const rowsOf = (jobs: { outboxId: string }[]) => jobs.map(({ outboxId }) => jobs.findIndex((other) => other.outboxId === outboxId));

describe('jobs that are stored together', () => {
  test('share a row of the outbox up to the size of a message, in their order', () => {
    const jobs = Array.from({ length: 5 }, (_, index) => sampleNewJob({ id: `job ${index}` as JobId }));
    shareOutboxRows(jobs, () => 2);
    expect(rowsOf(jobs)).toEqual([0, 0, 2, 2, 4]);
  });

  test('share one only with those of their kind, queue and priority', () => {
    const jobs = [{}, { kind: 'other' }, { queue: 'other' }, { priority: 9 }, {}].map((more) => sampleNewJob(more));
    shareOutboxRows(jobs, () => 64);
    expect(rowsOf(jobs)).toEqual([0, 1, 2, 3, 0]);
  });

  test('have a row of their own if they wait for a time, or carry a trace', () => {
    const jobs = [{}, { delayMs: 1 }, { runAt: new Date() }, { traceparent: '00-trace' }, {}].map((more) => sampleNewJob(more));
    shareOutboxRows(jobs, () => 64);
    expect(rowsOf(jobs)).toEqual([0, 1, 2, 3, 0]);
  });

  test('are never more than 64 in one row, whatever the size', () => {
    const jobs = Array.from({ length: 65 }, () => sampleNewJob());
    shareOutboxRows(jobs, () => 1_000);
    expect(rowsOf(jobs).filter((row) => row === 0)).toHaveLength(64);
  });
});

describe('the messages of stored jobs', () => {
  test('wake up those that are new and due, one message for each row', () => {
    const jobs = [sampleNewJob(), sampleNewJob(), sampleNewJob(), sampleNewJob(), sampleNewJob({ priority: 9 })];
    shareOutboxRows(jobs, () => 64);
    const [first, refused, replayed, scheduled, urgent] = jobs as [(typeof jobs)[0], (typeof jobs)[0], (typeof jobs)[0], (typeof jobs)[0], (typeof jobs)[0]];
    const messages = wakeUpsOf(jobs, [
      created,
      new Error('refused'),
      { status: 'replayed', job: accepted(replayed, { state: 'queued', createdAt: new Date(0), runAt: null }) },
      { status: 'created', state: 'scheduled', createdAt: new Date(0), runAt: new Date(1) },
      created,
    ]);
    expect(messages.map(({ jobIds, outboxId }) => [jobIds, outboxId])).toEqual([
      [[first.id], first.outboxId],
      [[urgent.id], urgent.outboxId],
    ]);
    expect(messages.flatMap(({ jobIds }) => jobIds)).not.toEqual(expect.arrayContaining([refused.id, scheduled.id]));
  });
});
