import { kindPolicy, type Kinds, Refusal, type SubmissionStore, SubmitJob, type SubmitRequest } from '@app/core';
import type { EntityManager } from 'typeorm';
import { classifyError } from '../pool/database.js';
import { TestStore } from '../testing/test-store.js';

const kinds: Kinds = {
  names: () => ['test.job'],
  policy: (kind) => (kind === 'test.job' ? kindPolicy({ kind }) : undefined),
  validate: () => [],
};

let store: TestStore;
let submitJob: SubmitJob<EntityManager>;

/** A process that accepts jobs. */
function door(submissions: SubmissionStore<EntityManager> = store.submissions): SubmitJob<EntityManager> {
  return new SubmitJob<EntityManager>({
    kinds,
    queues: store.queues,
    store: submissions,
    committed: () => undefined,
    classify: classifyError,
    maxBatch: 100,
  });
}

beforeAll(async () => {
  store = await TestStore.open();
  submitJob = door();
});
afterAll(() => store.close());
beforeEach(() => store.clear());

function request(value: number, more: Partial<SubmitRequest> = {}): SubmitRequest {
  return { kind: 'test.job', payload: { value }, ...more };
}

/** What SQL refuses and no check before it does: text of PostgreSQL knows no NUL. */
const BAD: Partial<SubmitRequest> = { notify: [{ channel: 'reply', to: 'a\u0000b' }] };

describe('submitting to PostgreSQL', () => {
  test('a row that the database refuses fails alone, its neighbours of the same batch are stored', async () => {
    const requests = Array.from({ length: 20 }, (_, value) => request(value, value === 7 ? BAD : {}));
    const answers = await Promise.allSettled(requests.map((each) => submitJob.submit(each)));
    expect(answers.map(({ status }) => status)).toEqual(requests.map((_, value) => (value === 7 ? 'rejected' : 'fulfilled')));
    expect(answers[7]).toMatchObject({ reason: { code: 'invalid_payload' } });
    const stored = await store.query<{ value: number }>(`SELECT (payload ->> 'value')::integer AS value FROM jobs ORDER BY 1`);
    expect(stored.map(({ value }) => value)).toEqual([...requests.keys()].filter((value) => value !== 7));
  });

  test('a key that is being stored elsewhere is a matter of its own request only', async () => {
    const runner = store.dataSource.createQueryRunner();
    await runner.startTransaction();
    await submitJob.submit(request(1, { idempotencyKey: 'held' }), runner.manager);
    const other = door();
    const [busy, free] = await Promise.allSettled([other.submit(request(1, { idempotencyKey: 'held' })), other.submit(request(2))]);
    await runner.rollbackTransaction();
    await runner.release();
    expect(busy).toMatchObject({ status: 'rejected', reason: { code: 'submit_in_progress' } });
    expect(free).toMatchObject({ status: 'fulfilled', value: { replayed: false } });
  });

  test('a key whose job is gone is refused, and does no harm to the batch it comes in', async () => {
    await submitJob.submit(request(1, { idempotencyKey: 'k' }));
    await store.query('DELETE FROM jobs');
    const [again, neighbour] = await Promise.allSettled([submitJob.submit(request(1, { idempotencyKey: 'k' })), submitJob.submit(request(2))]);
    expect(again).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
    expect(neighbour).toMatchObject({ status: 'fulfilled', value: { replayed: false } });
    expect(await store.query('SELECT payload FROM jobs')).toEqual([{ payload: { value: 2 } }]);
  });

  test('equal keys of one process and of two make one job', async () => {
    const processes = [door(), door()];
    const answers = await Promise.all(processes.flatMap((each) => Array.from({ length: 5 }, () => each.submit(request(1, { idempotencyKey: 'k' })))));
    expect(new Set(answers.map(({ job }) => job.id)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
  });

  test('a commit whose answer is lost is not repeated as a second job', async () => {
    let lost = 0;
    const lossy = door({
      submit: async (jobs) => {
        const outcomes = await store.submissions.submit(jobs);
        if (lost++ === 0) throw new Error('Connection terminated unexpectedly');
        return outcomes;
      },
    });
    const { job, replayed } = await lossy.submit(request(1));
    expect(replayed).toBe(false);
    expect(await store.query('SELECT id FROM jobs')).toEqual([{ id: job.id }]);
  });

  test('queues that nobody has declared are refused, and so are declarations beyond the limit (E15)', async () => {
    const codeOf = (error: unknown) => (error instanceof Refusal ? error.code : error);
    for (let index = 0; index < 10; index++) await store.queues.ensure([`q${index}`]);
    await submitJob.submit(request(1, { options: { queue: 'q9' } }));
    expect(await submitJob.submit(request(1, { options: { queue: 'one-more' } })).catch(codeOf)).toBe('unknown_queue');
    expect(await store.queues.ensure(['one-more']).catch(codeOf)).toBe('too_many_queues');
  });
});
