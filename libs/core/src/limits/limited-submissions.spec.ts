import type { NewJob, SubmissionStore } from '../submit/submission-store.js';
import { KnownLimits } from './known-limits.js';
import { LimitedSubmissions, StaleLimits } from './limited-submissions.js';
import { LimitsAt, type MatchingLimit } from './matching.js';

const TENANTS: MatchingLimit = { name: 'tenant', match: { tag: 'tenant:*' }, per: 'tag:tenant' };
const newJob = (more: Partial<NewJob> = {}) => ({ kind: 'a.b', queue: 'default', tags: ['tenant:acme'], ...more }) as NewJob;

/** A store whose limits are at a revision; it refuses what goes by an older one. */
function world(limits: LimitsAt) {
  const now = { limits, reads: 0, stored: [] as { keys: NewJob['limitKeys']; waits: NewJob['waits'] }[] };
  const store: SubmissionStore = {
    submit: (jobs, _, revision = Infinity) => {
      if (revision < now.limits.revision) return Promise.reject(new StaleLimits());
      now.stored.push(...jobs.map(({ limitKeys, waits }) => ({ keys: limitKeys, waits })));
      return Promise.resolve([]);
    },
  };
  const known = new KnownLimits(() => {
    now.reads++;
    return Promise.resolve(now.limits);
  });
  return { now, submissions: new LimitedSubmissions(store, known) };
}

describe('submissions by limits', () => {
  test('are stored with the keys that hold at that moment, whatever this process has read before', async () => {
    const { now, submissions } = world(new LimitsAt(1, []));
    await submissions.submit([newJob()]);
    now.limits = new LimitsAt(2, [TENANTS]);
    await submissions.submit([newJob(), newJob({ tags: [] })]);
    expect(now.stored).toEqual([{}, { keys: ['tenant/tenant:acme'], waits: true }, {}]);
  });

  test('read the limits when they have changed, and at no other time', async () => {
    const { now, submissions } = world(new LimitsAt(7, [TENANTS]));
    for (let n = 0; n < 5; n++) await submissions.submit([newJob()]);
    expect(now.reads).toBe(1);
  });

  test('of jobs whose limit is deleted while they are stored have no keys', async () => {
    const { now, submissions } = world(new LimitsAt(1, [TENANTS]));
    await submissions.submit([newJob()]);
    now.limits = new LimitsAt(2, []);
    await submissions.submit([newJob()]);
    expect(now.stored.map(({ keys }) => keys)).toEqual([['tenant/tenant:acme'], undefined]);
  });

  test("of Longhaul's own jobs go by no limits: such a job may be stored with the change of one", async () => {
    const { now, submissions } = world(new LimitsAt(3, [{ ...TENANTS, match: {} }]));
    await submissions.submit([newJob({ kind: 'longhaul.rekey' })]);
    expect([now.reads, now.stored]).toEqual([0, [{}]]);
  });

  test('refuse a job under more limits than a job may be', async () => {
    const { submissions } = world(
      new LimitsAt(
        1,
        Array.from({ length: 9 }, (_, n) => ({ name: `limit-${String(n)}`, match: {}, per: null })),
      ),
    );
    await expect(submissions.submit([newJob()])).rejects.toMatchObject({ code: 'invalid_payload', faults: [{ pointer: '/kind' }] });
  });

  test('reject with what the store rejects with', async () => {
    const failing = new LimitedSubmissions({ submit: () => Promise.reject(new Error('away')) }, new KnownLimits(() => Promise.resolve(new LimitsAt(1, []))));
    await expect(failing.submit([newJob()])).rejects.toThrow('away');
  });
});

test('limits that were read never go back to an older revision', async () => {
  const revisions = [5, 4];
  const known = new KnownLimits(() => Promise.resolve(new LimitsAt(revisions.shift() ?? 0, [])));
  expect((await known.refresh()).revision).toBe(5);
  expect((await known.refresh()).revision).toBe(5);
});
