import { Refusal } from '../job/errors.js';
import type { JsonValue } from '../job/job.js';
import { formerFingerprint } from '../job/fingerprint.js';
import { JsonBytes } from '../job/json-bytes.js';
import type { JsonText } from '../job/json-text.js';
import type { JobMessage } from '../relay/outbox.js';
import type { Kinds } from '../job/kinds.js';
import { MemorySubmissions, samplePolicy, turns } from '../testing/index.js';
import type { SubmitRequest } from './job-request.js';
import { openGate } from './admission-gate.js';
import { Overload, type Signal } from './admission-decision.js';
import { KnownLimits } from '../limits/known-limits.js';
import { LimitsAt } from '../limits/matching.js';
import { SubmitJob } from './submit-job.js';

class ConnectionLost extends Error {}
class RowBusy extends Error {}

/** One kind, `test.job`, whose payload must be an object without `wrong`. */
const kinds: Kinds = {
  names: () => ['test.job'],
  policy: (kind) => (kind === 'test.job' ? samplePolicy({ queue: 'slow', maxAttempts: 7 }) : undefined),
  validate: (_, payload) =>
    payload !== null && typeof payload === 'object' && 'wrong' in payload ? [{ pointer: '/payload/wrong', detail: 'is not a known field' }] : [],
};

function door(more: Partial<ConstructorParameters<typeof SubmitJob<string>>[0]> = {}) {
  const store = new MemorySubmissions();
  const committed: JobMessage[] = [];
  const ensured: string[][] = [];
  const submitJob = new SubmitJob<string>({
    kinds,
    queues: { all: async () => [], ensure: async (names) => void ensured.push(names) },
    store,
    committed: (wakeUp) => committed.push(wakeUp),
    classify: (error) => (error instanceof ConnectionLost ? 'connection' : error instanceof RowBusy ? 'busy' : 'data'),
    maxBatch: 100,
    ...more,
  });
  return { store, committed, ensured, submitJob };
}

function request(more: Partial<SubmitRequest> = {}): SubmitRequest {
  return { kind: 'test.job', payload: { a: 1 }, ...more };
}

async function refusal(work: Promise<unknown>): Promise<Refusal> {
  const error = await work.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof Refusal)) throw new Error(`expected a refusal, got: ${String(error)}`);
  return error;
}

describe('submit', () => {
  test('stores the job with the defaults of its kind, and tells that it may run', async () => {
    const { store, committed, submitJob } = door();
    const { job, replayed } = await submitJob.submit(request());
    expect(replayed).toBe(false);
    expect(job).toMatchObject({ kind: 'test.job', queue: 'slow', maxAttempts: 7, state: 'queued', payload: '{"a":1}', attempt: 0 });
    expect([...store.jobs.keys()]).toEqual([job.id]);
    expect(committed.map(({ jobIds }) => jobIds)).toEqual([[job.id]]);
  });

  test('of a delayed job does not tell that it may run', async () => {
    const { committed, submitJob } = door();
    expect((await submitJob.submit(request({ options: { delay: '1h' } }))).job.state).toBe('scheduled');
    expect(committed).toEqual([]);
  });

  test("in a caller's transaction goes there at once, and is published by the sweep, for it may roll back", async () => {
    const { store, committed, submitJob } = door();
    await submitJob.submit(request(), 'transaction 1');
    expect(store.calls).toHaveLength(1);
    expect(committed).toEqual([]);
  });

  test('makes a queue known once', async () => {
    const { ensured, submitJob } = door();
    await submitJob.submit(request());
    await submitJob.submit(request());
    await submitJob.submit(request({ options: { queue: 'other' } }));
    expect(ensured).toEqual([['slow'], ['other']]);
  });
});

describe('one idempotency key', () => {
  const idempotencyKey = 'key';

  test('used again for the same request gives the same job', async () => {
    const { committed, submitJob } = door();
    const first = await submitJob.submit(request({ idempotencyKey }));
    const second = await submitJob.submit(request({ idempotencyKey }));
    expect(second).toMatchObject({ replayed: true, job: { id: first.job.id } });
    expect(committed).toHaveLength(1);
  });

  test.each([
    ['payload', { payload: { a: 2 } }],
    ['option', { options: { priority: 9 } }],
  ])('used again with another %s is refused and names the job', async (_, change) => {
    const { submitJob } = door();
    const { job } = await submitJob.submit(request({ idempotencyKey }));
    const error = await refusal(submitJob.submit(request({ idempotencyKey, ...change })));
    expect(error.code).toBe('idempotency_key_reused');
    expect(error.message).toContain(job.id);
  });

  test('used at once by several in one process makes one job: the others wait for the first', async () => {
    const { store, submitJob } = door();
    store.hold();
    const all = Promise.all(Array.from({ length: 5 }, () => submitJob.submit(request({ idempotencyKey }))));
    await turns();
    expect(store.calls.map((rows) => rows.length)).toEqual([1]);
    store.letGo();
    const answers = await all;
    expect(new Set(answers.map(({ job }) => job.id)).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    for (const rows of store.calls) expect(new Set(rows.map((row) => row.idempotency?.key)).size).toBe(rows.length);
  });

  test('is free again when its first request has failed', async () => {
    const { store, submitJob } = door();
    store.faults.plan('submit', new RowBusy());
    expect((await refusal(submitJob.submit(request({ idempotencyKey })))).code).toBe('submit_in_progress');
    expect((await submitJob.submit(request({ idempotencyKey }))).replayed).toBe(false);
  });

  test('may stand only once in a batch', async () => {
    const { store, submitJob } = door();
    const error = await refusal(submitJob.submitAll([request({ idempotencyKey }), request({ idempotencyKey })]));
    expect(error).toMatchObject({ code: 'bad_idempotency_key', faults: [{ pointer: '/jobs/1' }] });
    expect(store.jobs.size).toBe(0);
  });
});

describe('a request that is not valid', () => {
  test('of an unknown kind is refused with the near match', async () => {
    const error = await refusal(door().submitJob.submit(request({ kind: 'test.jbo' })));
    expect(error.code).toBe('unknown_kind');
    expect(error.message).toBe('no kind "test.jbo"; did you mean "test.job"?');
  });

  test.each([['longhaul.webhook'], ['longhaul.webhok']])('of one of our own kinds, %s, is refused without a hint, unless we ask ourselves', async (kind) => {
    const own: Kinds = { ...kinds, names: () => ['longhaul.webhook'], policy: (name) => (name === 'longhaul.webhook' ? samplePolicy() : undefined) };
    const { submitJob } = door({ kinds: own });
    expect((await refusal(submitJob.submit(request({ kind })))).message).toBe(`no kind "${kind}"; GET /kinds lists the known ones`);
    expect((await submitJob.submit(request({ kind: 'longhaul.webhook', internal: true }))).job.state).toBe('queued');
  });

  test('because nobody can be told as it asks is refused with what is wrong', async () => {
    const { submitJob, store } = door({
      channels: { webhook: { fault: () => 'must be public' } },
    });
    const error = await refusal(submitJob.submit(request({ options: { callbackUrl: 'http://127.0.0.1' } })));
    expect(error).toMatchObject({
      code: 'invalid_payload',
      message: 'the options are not valid: must be public',
      faults: [{ pointer: '/options/callbackUrl' }],
    });
    expect(store.jobs.size).toBe(0);
  });

  test('of a kind that is like none is refused with where to look', async () => {
    expect((await refusal(door().submitJob.submit(request({ kind: 'mail.send' })))).message).toBe('no kind "mail.send"; GET /kinds lists the known ones');
  });

  test.each<[string, Partial<SubmitRequest>, string]>([
    ['the payload', { payload: { wrong: 1 } }, '/payload/wrong'],
    ['text that cannot be stored', { payload: { a: ['\u0000'] as JsonValue } }, '/payload/a/0'],
    ['a queue', { options: { queue: 'no queue' } }, '/options/queue'],
    ['a priority', { options: { priority: 10 } }, '/options/priority'],
    ['attempts', { options: { maxAttempts: 0 } }, '/options/maxAttempts'],
    ['a delay', { options: { delay: 'soon' } }, '/options/delay'],
    ['a delay of more than ten years', { options: { delay: '4000d' } }, '/options/delay'],
    ['no time at all', { options: { timeout: 0 } }, '/options/timeout'],
    ['a time that is none', { options: { runAt: 'tomorrow' } }, '/options/runAt'],
    ['a bound that is no time', { options: { startBefore: 'soon' } }, '/options/startBefore'],
    ['a bound that is over', { options: { startBefore: '2020-01-31T08:00:00Z' } }, '/options/startBefore'],
    ['a bound of no time at all', { options: { startBefore: 0 } }, '/options/startBefore'],
    ['a bound in more than ten years', { options: { startBefore: '4000d' } }, '/options/startBefore'],
    ['a bound before its delay', { options: { startBefore: '1m', delay: '2m' } }, '/options/startBefore'],
    ['a bound before its time', { options: { startBefore: 1_000, runAt: new Date(Date.now() + 60_000).toISOString() } }, '/options/startBefore'],
    ['a unique key without characters', { options: { unique: { key: '' } } }, '/options/unique/key'],
    ['a unique key that is too long', { options: { unique: { key: 'x'.repeat(256) } } }, '/options/unique/key'],
    ['a unique key that cannot be printed', { options: { unique: { key: 'a\u0000' } } }, '/options/unique/key'],
    ['a unique key that is no text', { options: { unique: { key: 7 as never } } }, '/options/unique/key'],
    ['a unique key of another shape', { options: { unique: 'key' as never } }, '/options/unique'],
    ['a unique key that keeps another job', { options: { unique: { key: 'a', keep: 'latest' as never } } }, '/options/unique/keep'],
    ['a unique key with more', { options: { unique: { key: 'a', scope: 1 } as never } }, '/options/unique/scope'],
    ['a delay beside a time', { options: { runAt: new Date().toISOString(), delay: 1 } }, '/options/delay'],
  ])('in %s is refused with a pointer, and nothing is stored', async (_, change, pointer) => {
    const { store, submitJob } = door();
    const error = await refusal(submitJob.submit(request(change)));
    expect(error.code).toBe('invalid_payload');
    expect(error.faults.map((fault) => fault.pointer)).toEqual([pointer]);
    expect(store.calls).toEqual([]);
  });

  test.each([0, 1])('refuses its whole batch of %p others, with a pointer under its index', async (others) => {
    const { store, submitJob } = door();
    const error = await refusal(submitJob.submitAll([...Array.from({ length: others }, () => request()), request({ payload: { wrong: 1 } })]));
    expect(error.faults).toEqual([{ pointer: `/jobs/${others}/payload/wrong`, detail: 'is not a known field' }]);
    expect(store.jobs.size).toBe(0);
  });
});

describe('a unique key', () => {
  const options = (keep?: 'oldest' | 'newest') => ({ unique: { key: 'a', ...(keep ? { keep } : {}) } });

  test('belongs to its kind, and keeps the oldest unless it says otherwise', async () => {
    const { store, submitJob } = door();
    const { job } = await submitJob.submit(request({ options: options() }));
    expect(store.calls[0]?.[0]?.unique).toEqual({ key: `${job.kind} a`, keep: 'oldest' });
    await submitJob.submit(request());
    expect(store.calls[1]?.[0]).not.toHaveProperty('unique');
  });

  test('is answered with the job that waits, and says so', async () => {
    const { store, submitJob, committed } = door();
    const { job, ...made } = await submitJob.submit(request({ options: options() }));
    expect(made).toEqual({ replayed: false });
    const second = await submitJob.submit(request({ options: options('oldest') }));
    expect(second).toMatchObject({ replayed: true, waiting: true, job: { id: job.id } });
    expect([store.jobs.size, committed.length]).toEqual([1, 1]);
    const third = await submitJob.submit(request({ options: options('newest') }));
    expect(third.replayed).toBe(false);
    expect(store.jobs.get(job.id)?.state).toBe('cancelled');
  });

  test('is looked up by a rehearsal, which stores nothing', async () => {
    const store = new MemorySubmissions();
    const { submitJob } = door({ store, replays: store });
    const { job } = await submitJob.submit(request({ options: options() }));
    expect(await submitJob.rehearse(request({ options: options() }))).toMatchObject({ replayed: { id: job.id } });
    expect(await submitJob.rehearse(request({ options: options('newest') }))).toMatchObject({ job: { unique: { keep: 'newest' } } });
    expect(store.jobs.size).toBe(1);
  });
});

describe('a tag that begins with schedule:', () => {
  test('is refused, unless a schedule asks', async () => {
    const { submitJob } = door();
    const asked = request({ options: { tags: ['a', 'schedule:nightly'] } });
    const detail = 'must not begin with schedule:, which is for the jobs of schedules, got: "schedule:nightly"';
    expect((await refusal(submitJob.submit(asked))).faults).toEqual([{ pointer: '/options/tags/1', detail }]);
    expect((await submitJob.submit({ ...asked, scheduled: true })).job.tags).toEqual(['a', 'schedule:nightly']);
  });
});

describe('requests that are submitted each for itself', () => {
  const savepoint = <Result>(transaction: string, work: (within: string) => Promise<Result>) => work(transaction);

  test('are stored but for those that are refused, by the rules or by the database', async () => {
    const { submitJob, store } = door();
    const requests = [request(), request({ kind: 'no.kind' }), request({ options: { tags: ['bad row'] } }), request(), request({ payload: { wrong: 1 } })];
    const answers = await submitJob.submitEach(requests, 'transaction', savepoint);
    expect(answers.map((answer) => (answer instanceof Refusal ? answer.code : answer.job.state))).toEqual([
      ...['queued', 'unknown_kind', 'invalid_payload', 'queued', 'invalid_payload'],
    ]);
    expect(store.jobs.size).toBe(2);
  });

  test('are not refused for a store that does not answer: the caller is told, and nothing of it stays', async () => {
    const { submitJob, store } = door();
    store.faults.plan('submit', new ConnectionLost());
    await expect(submitJob.submitEach([request()], 'transaction', savepoint)).rejects.toThrow(ConnectionLost);
  });
});

describe('under load', () => {
  test('requests that come together go in one statement and are answered each with its own job', async () => {
    const { store, submitJob } = door();
    const values = Array.from({ length: 20 }, (_, index) => index);
    const answers = await Promise.all(values.map((value) => submitJob.submit(request({ payload: { value }, idempotencyKey: `key ${99 - value}` }))));
    expect(answers.map(({ job }) => job.payload)).toEqual(values.map((value) => `{"value":${value}}`));
    expect(store.calls.length).toBeLessThanOrEqual(2);
    for (const rows of store.calls) {
      const keys = rows.map((row) => row.idempotency?.key);
      expect(keys).toEqual([...keys].sort());
    }
  });

  test('one bad row fails alone: its batch is split until it stands by itself', async () => {
    const { store, submitJob } = door();
    const settled = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => submitJob.submit(request({ options: { tags: index === 5 ? ['bad row'] : [] } }))),
    );
    expect(settled.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(store.jobs.size).toBe(7);
  });

  test('a parsed payload is let go of while its text waits for the store', async () => {
    const { store, submitJob } = door();
    store.hold();
    const read = request({ payloadText: '{"a":1}' as JsonText, idempotencyKey: 'key' });
    const submitting = submitJob.submit(read);
    await turns();
    expect(store.calls).toHaveLength(1);
    expect(read.payload).toBeNull();
    store.letGo();
    expect((await submitting).job.payload).toBe('{"a":1}');
    expect(await submitJob.submit(request({ payloadText: '{"a":1}' as JsonText, idempotencyKey: 'key' }))).toMatchObject({ replayed: true });
  });

  test('a payload that came as bytes is stored as them, and its text is let go of too', async () => {
    const { store, submitJob } = door();
    store.hold();
    const payloadBytes = new JsonBytes(Buffer.from('{"a":1}'));
    const read = request({ payloadText: '{"a":1}' as JsonText, payloadBytes, idempotencyKey: 'key' });
    const submitting = submitJob.submit(read);
    await turns();
    expect(read).not.toHaveProperty('payloadText');
    expect(store.calls[0]?.[0]?.payload).toBe(payloadBytes);
    expect(store.calls[0]?.[0]?.idempotency?.formerFingerprint?.()).toEqual(formerFingerprint('test.job', { a: 1 }, {}));
    store.letGo();
    expect((await submitting).job.payload).toBe('{"a":1}');
  });

  test('large payloads go in several statements, each with 2 Mi characters at most', async () => {
    const { store, submitJob } = door();
    const large = request({ payload: 'x'.repeat(750_000) });
    await Promise.all([large, large, request(), large, large, large].map((each) => submitJob.submit(each)));
    expect(store.calls.map((jobs) => jobs.length)).toEqual([3, 2, 1]);
  });
});

describe('what would become of a request', () => {
  test('is told without anything being stored, published or declared', async () => {
    const { store, committed, ensured, submitJob } = door();
    const rehearsal = await submitJob.rehearse(request({ options: { priority: 7 }, idempotencyKey: 'key' }));
    expect(rehearsal).toMatchObject({ job: { kind: 'test.job', queue: 'slow', priority: 7 }, limitKeys: [] });
    expect([store.calls, store.jobs.size, committed, ensured]).toEqual([[], 0, [], []]);
    expect((await submitJob.submit(request({ idempotencyKey: 'key' }))).replayed).toBe(false);
  });

  test('is by the limits of this moment', async () => {
    let revision = 0;
    const limits = new KnownLimits(async () => new LimitsAt(++revision, [{ name: `limit-${revision}`, match: { kind: 'test.*' }, per: 'tag:tenant' }]));
    const { submitJob } = door({ limits });
    const asked = () => submitJob.rehearse(request({ options: { tags: ['tenant:acme'] } }));
    expect(await asked()).toMatchObject({ limitKeys: ['limit-1/tenant:acme'] });
    expect(await asked()).toMatchObject({ limitKeys: ['limit-2/tenant:acme'] });
  });

  test('is refused as a submission is: for its payload, its queue, its kind, too many limits, and a full queue', async () => {
    const queues = { all: async () => [], ensure: async () => undefined, declared: async () => ['slow', 'reports'] };
    const nine = Array.from({ length: 9 }, (_, index) => ({ name: `limit-${index}`, match: {}, per: null }));
    const overload = new Overload({ signal: 'queue_depth', measured: 1, limit: 1, retryAfterSeconds: 7 });
    const code = async (more: Partial<SubmitRequest>, dependencies: Parameters<typeof door>[0] = {}) =>
      (await refusal(door({ queues, ...dependencies }).submitJob.rehearse(request(more)))).code;
    expect(await code({ payload: { wrong: 1 } })).toBe('invalid_payload');
    expect(await code({ kind: 'no.kind' })).toBe('unknown_kind');
    expect(await code({ options: { queue: 'report' } })).toBe('unknown_queue');
    expect(await code({}, { limits: new KnownLimits(async () => new LimitsAt(1, nine)) })).toBe('invalid_payload');
    expect(await code({}, { admission: { ...openGate, refusal: () => overload } })).toBe('queue_full');
    expect(await door({ queues }).submitJob.rehearse(request({ options: { queue: 'reports' } }))).toMatchObject({ job: { queue: 'reports' } });
  });

  test('whose key was used is the job that it made, or the refusal of another request', async () => {
    const store = new MemorySubmissions();
    const { submitJob } = door({ store, replays: store });
    const { job } = await submitJob.submit(request({ idempotencyKey: 'key' }));
    expect(await submitJob.rehearse(request({ idempotencyKey: 'key' }))).toMatchObject({ replayed: { id: job.id } });
    expect((await refusal(submitJob.rehearse(request({ idempotencyKey: 'key', payload: 2 })))).code).toBe('idempotency_key_reused');
  });
});

describe('when the database fails', () => {
  test('a lost connection is tried once more with the same rows', async () => {
    const { store, submitJob } = door();
    store.faults.plan('submit', new ConnectionLost());
    const { job } = await submitJob.submit(request());
    expect(store.calls.map((rows) => rows.map(({ id, outboxId }) => [id, outboxId]))).toEqual([store.calls[1]?.map(({ id, outboxId }) => [id, outboxId]), store.calls[1]?.map(({ id, outboxId }) => [id, outboxId])]); // prettier-ignore
    expect(job.id).toBe(store.calls[0]?.[0]?.id);
  });

  test('a commit whose answer was lost makes no second job', async () => {
    const { store, submitJob } = door();
    store.faults.plan('answer', new ConnectionLost());
    const { replayed } = await submitJob.submit(request({ idempotencyKey: 'key' }));
    expect(replayed).toBe(false);
    expect(store.jobs.size).toBe(1);
  });

  test('twice in a row the request is refused as one to repeat, with the cause', async () => {
    const { store, committed, submitJob } = door();
    const lost = new ConnectionLost('gone');
    store.faults.plan('submit', lost, 2);
    const error = await refusal(submitJob.submit(request()));
    expect(error).toMatchObject({ code: 'unavailable', cause: lost });
    expect(committed).toEqual([]);
  });
});

describe('admission', () => {
  function gated(overload: { signal: Signal } | undefined) {
    const state = { overload };
    const store = new MemorySubmissions();
    const submitJob = new SubmitJob<string>({
      kinds,
      queues: { all: async () => [], ensure: async () => undefined },
      store,
      committed: () => undefined,
      classify: () => 'busy',
      maxBatch: 100,
      admission: {
        ...openGate,
        refusal: () => state.overload && new Overload({ ...state.overload, measured: 1, limit: 1, retryAfterSeconds: 7 }),
      },
      replays: store,
    });
    return { state, store, submitJob };
  }

  test('refuses new work before anything is written', async () => {
    const { store, submitJob } = gated({ signal: 'depth' });
    expect(await refusal(submitJob.submit(request({ idempotencyKey: 'new' })))).toMatchObject({ code: 'overloaded', exceeded: { retryAfterSeconds: 7 } });
    expect(store.calls).toEqual([]);
  });

  test('a repeat of what was accepted gets its job all the same, unless this very process is what is short', async () => {
    const { state, submitJob } = gated(undefined);
    const { job } = await submitJob.submit(request({ idempotencyKey: 'a' }));
    state.overload = { signal: 'depth' };
    expect(await submitJob.submit(request({ idempotencyKey: 'a' }))).toMatchObject({ replayed: true, job: { id: job.id } });
    expect((await refusal(submitJob.submit(request({ idempotencyKey: 'a', payload: 2 })))).code).toBe('idempotency_key_reused');
    state.overload = { signal: 'in_flight' };
    expect((await refusal(submitJob.submit(request({ idempotencyKey: 'a' })))).code).toBe('overloaded');
  });

  test('a repeat gets its job after its queue was deleted, and new work for that queue is refused', async () => {
    const declared = new Set(['reports']);
    const store = new MemorySubmissions();
    const make = () =>
      new SubmitJob<string>({
        kinds,
        queues: { all: async () => [], ensure: async () => undefined, declared: async () => [...declared] },
        store,
        committed: () => undefined,
        classify: () => 'busy',
        maxBatch: 100,
        replays: store,
      });
    const options = { queue: 'reports' };
    const { job } = await make().submit(request({ idempotencyKey: 'a', options }));
    declared.clear();
    expect(await make().submit(request({ idempotencyKey: 'a', options }))).toMatchObject({ replayed: true, job: { id: job.id } });
    expect((await refusal(make().submit(request({ idempotencyKey: 'b', options })))).code).toBe('unknown_queue');
    expect((await refusal(make().submit(request({ options })))).code).toBe('unknown_queue');
  });

  test("what joins a caller's transaction is admitted: it belongs to accepted work", async () => {
    const { submitJob } = gated({ signal: 'depth' });
    expect((await submitJob.submit(request(), 'transaction')).replayed).toBe(false);
  });

  test('a table that is locked costs two waits, not one for each row of the batch', async () => {
    const { store, submitJob } = gated(undefined);
    store.hold();
    const first = submitJob.submit(request());
    await turns();
    const others = Array.from({ length: 50 }, () => refusal(submitJob.submit(request())));
    await turns();
    store.faults.plan('submit', new RowBusy(), 60);
    store.letGo();
    await first.catch(() => undefined);
    expect(new Set((await Promise.all(others)).map(({ code }) => code))).toEqual(new Set(['unavailable']));
    expect(store.calls.length).toBeLessThan(12);
  });
});
