import { type Job, type JobId, type NewJob, plainSecrets, type SecretBox, uuidv7 } from '@app/core';
import { newPublishId, TestStore } from '../testing/test-store.js';
import { PostgresNotices } from './postgres-notices.js';
import { PostgresWebhookEndpoints } from './postgres-webhook-endpoints.js';

const ERROR = { code: 'handler_error', name: 'Error', message: 'no', attempt: 1, at: '2026-01-31T08:00:00.000Z' };
const CALLBACK: Pick<NewJob, 'notify'> = { notify: [{ channel: 'webhook', to: 'https://example.com/' }] };

let store: TestStore;
let notices: PostgresNotices;
let endpoints: PostgresWebhookEndpoints;
beforeAll(async () => {
  store = await TestStore.open();
  await store.query('CREATE TABLE public.effects (key text NOT NULL, job_id uuid NOT NULL)');
  notices = new PostgresNotices(store.db);
  endpoints = new PostgresWebhookEndpoints(store.db);
});
afterAll(() => store.close());
beforeEach(() => store.clear());

async function told(limit = 100): Promise<Job[]> {
  const all: Job[] = [];
  await notices.tell(limit, async (jobs) => void all.push(...jobs));
  return all;
}

async function settled(event: 'succeeded' | 'failed' | 'cancelled' | 'retried', more = {}): Promise<JobId> {
  const job = await store.running(await store.worker(), more);
  await store.attempts.settle([{ jobId: job.id, token: job.token, event, announce: false, delayMs: 1_000, ...(event === 'failed' ? { error: ERROR } : {}) }]);
  return job.id;
}

/** Every statement that ends jobs; each returns the id of the job that it has ended. */
const ENDS: Record<string, (more: Partial<Pick<NewJob, 'notify' | 'kind'>>) => Promise<JobId>> = {
  'a success': (more) => settled('succeeded', more),
  'a failure': (more) => settled('failed', more),
  'a cancellation by its handler': (more) => settled('cancelled', more),
  'a cancellation before it ran': async (more) => {
    const id = await store.queued(more);
    await store.jobs.cancel(id);
    return id;
  },
  'no attempts left': async (more) => {
    const id = await store.queued(more);
    await store.query('UPDATE jobs SET attempt = max_attempts WHERE id = $1', [id]);
    await store.attempts.exhaust(id, newPublishId(), null, ERROR);
    return id;
  },
  'a kind that nobody knows for an hour': async (more) => {
    const id = await store.queued(more);
    await store.query(`UPDATE jobs SET deferred_at = now() - interval '2 hours' WHERE id = $1`, [id]);
    await store.attempts.defer(id, 1_000, 3_600_000, ERROR);
    return id;
  },
  'its last lost worker': async (more) => {
    const worker = await store.worker(-1);
    const { id } = await store.running(worker, more);
    await store.query('UPDATE jobs SET crashes = 4 WHERE id = $1', [id]);
    await store.workers.recover(worker);
    return id;
  },
  'an orphan that has lost its workers before': async (more) => {
    const worker = await store.worker();
    const { id } = await store.running(worker, more);
    await store.query('UPDATE jobs SET crashes = 4 WHERE id = $1', [id]);
    await store.workers.unregister(worker);
    await store.workers.recoverOrphans();
    return id;
  },
  'a stray that was asked to stop': async (more) => {
    const { id, token } = await store.running(await store.worker(), more);
    await store.jobs.cancel(id);
    await store.workers.recoverStray(id, token);
    return id;
  },
};

describe.each(Object.entries(ENDS))('a job that ends by %s', (_, end) => {
  test('is told of once, if it names a callback URL', async () => {
    const id = await end(CALLBACK);
    expect((await told()).map((job) => job.id)).toEqual([id]);
    expect(await told()).toEqual([]);
  });

  test('is told of, if it names an address of any other channel', async () => {
    const id = await end({
      notify: [
        { channel: 'reply', to: 'q', id: null },
        { channel: 'pager', to: 'ops' },
      ],
    });
    expect((await told()).map((job) => job.id)).toEqual([id]);
  });

  test('is told of, if there is an endpoint that is enabled', async () => {
    const { id: endpointId } = await endpoints.create(uuidv7(), { url: 'https://example.com/', description: '', events: [], kinds: [], tags: [] }, 'whsec_');
    const id = await end({});
    expect((await told()).map((job) => job.id)).toEqual([id]);
    await endpoints.disable(endpointId, 'test');
    await end({});
    expect(await told()).toEqual([]);
  });

  test('is told of to nobody, if nobody asked or the kind is one of our own', async () => {
    await end({});
    await end({ notify: [{ channel: 'reply', to: 'q', id: null }] });
    await end({ ...CALLBACK, kind: 'longhaul.webhook' });
    expect(await told()).toEqual([]);
  });
});

describe('notices', () => {
  test('are not written while a job goes on', async () => {
    await settled('retried', CALLBACK);
    const { id } = await store.running(await store.worker(), CALLBACK);
    await store.jobs.cancel(id);
    expect(await told()).toEqual([]);
  });

  test('stay when telling fails, and are gone with what telling wrote', async () => {
    const id = await settled('succeeded', CALLBACK);
    const failing = notices.tell(10, async (_, transaction) => {
      await transaction.query(`INSERT INTO public.effects (key, job_id) VALUES ('told', $1)`, [id]);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await store.query('SELECT * FROM public.effects')).toEqual([]);
    expect((await told()).map((job) => job.id)).toEqual([id]);
  });

  test('are told by one of many that look at once', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => settled('succeeded', CALLBACK)));
    const all = await Promise.all(Array.from({ length: 5 }, () => told(4)));
    expect(all.flat().map(({ id }) => id).sort()).toEqual([...ids].sort()); // prettier-ignore
  });

  test('of a job that was redriven since are dropped, and its next outcome is told', async () => {
    const id = await settled('failed', CALLBACK);
    await store.jobs.redrive(id);
    expect(await told()).toEqual([]);
    const again = await store.claim(id, await store.worker());
    await store.attempts.settle([{ jobId: id, token: again.token, event: 'succeeded', announce: false }]);
    expect(await told()).toMatchObject([{ id, state: 'succeeded', redrives: 1 }]);
  });

  test('that cannot be told are put off one by one', async () => {
    await settled('succeeded', CALLBACK);
    await notices.putOffFirst(60);
    expect(await told()).toEqual([]);
  });
});

describe('the secrets of an endpoint', () => {
  test('are rotated: the former ones expire, at most five are kept, and two that ask at once agree on the secret of callbacks', async () => {
    const { id } = await endpoints.create(uuidv7(), { url: 'https://example.com/', description: '', events: [], kinds: [], tags: [] }, 's0');
    for (let n = 1; n <= 6; n++) await endpoints.rotateSecret(id, `s${n}`, 60);
    const endpoint = await endpoints.find(id);
    expect(endpoint?.secrets.map(({ secret }) => secret)).toEqual(['s6', 's5', 's4', 's3', 's2']);
    expect(endpoint?.secrets.map(({ expiresAt }) => expiresAt === null)).toEqual([true, false, false, false, false]);
    expect((await endpoints.rotateSecret(id, 'last', 0))?.secrets.map(({ secret }) => secret)).toEqual(['last', 's5', 's4', 's3']);
    expect(new Set(await Promise.all([endpoints.callbackSecret('a'), endpoints.callbackSecret('b')])).size).toBe(1);
  });
});

describe('endpoints', () => {
  const SETTINGS = { url: 'https://example.com/', description: '', events: [], kinds: [], tags: [] };

  test('are at most as many as there may be, also when many are made at once (E17)', async () => {
    await store.query('DELETE FROM webhook_endpoints');
    const few = new PostgresWebhookEndpoints(store.db, { max: () => 3, secrets: plainSecrets });
    const made = await Promise.allSettled(Array.from({ length: 20 }, () => few.create(uuidv7(), SETTINGS, 'secret')));
    const refused = made.flatMap((one) => (one.status === 'rejected' ? [(one.reason as { code: string }).code] : []));
    expect(new Set(refused)).toEqual(new Set(['too_many_endpoints']));
    expect((await few.all()).length).toBeLessThanOrEqual(3);
    for (const { id } of await few.all()) await few.remove(id);
    await expect(few.create(uuidv7(), SETTINGS, 'secret')).resolves.toMatchObject({ url: SETTINGS.url });
  });

  test('have secrets that the database alone does not tell, which a change of keys seals anew (E26)', async () => {
    await store.query('DELETE FROM webhook_endpoints; DELETE FROM webhook_callback_secret');
    /** As the real box is: what one key has sealed no other opens, and only in its place. */
    const box = (keys: string[]): SecretBox => ({
      seal: (secret, place) => `${String(keys[0])}|${Buffer.from(`${place}|${secret}`).toString('hex')}`,
      open: (stored, place) => {
        const [key = '', text = ''] = stored.split('|');
        if (!keys.includes(key)) throw new Error(`no key ${key}`);
        return Buffer.from(text, 'hex')
          .toString()
          .slice(place.length + 1);
      },
      isStale: (stored) => !stored.startsWith(`${String(keys[0])}|`),
    });
    const under = (...keys: string[]) => new PostgresWebhookEndpoints(store.db, { max: () => 50, secrets: box(keys) });
    const { id } = await under('a').create(uuidv7(), SETTINGS, 'first');
    await under('a').rotateSecret(id, 'second', 60);
    const callback = await under('a').callbackSecret('callback');
    const stored = async () =>
      JSON.stringify(await store.query('SELECT secrets FROM webhook_endpoints UNION ALL SELECT to_jsonb(secret) FROM webhook_callback_secret'));
    expect(await stored()).not.toMatch(/first|second|callback/);
    expect(await under('b', 'a').resealSecrets()).toBe(2);
    expect(await under('b', 'a').resealSecrets()).toBe(0);
    expect(await stored()).not.toContain('a|');
    expect((await under('b').find(id))?.secrets.map(({ secret }) => secret)).toEqual(['second', 'first']);
    expect(await under('b').callbackSecret('another')).toBe(callback);
    await expect(under('a').find(id)).rejects.toThrow('no key b');

    // The key is lost: what it has sealed gets new secrets, and what another opens stays.
    await under('b').rotateSecret(id, 'third', 60);
    const { id: whole } = await under('c').create(uuidv7(), SETTINGS, 'whole');
    await under('c', 'b').rotateSecret(id, 'fourth', 60);
    await expect(under('c').requireKeys(true)).rejects.toThrow('no key b');
    let made = 0;
    const fresh = () => `fresh ${made++}`;
    expect(await under('c').replaceLost(fresh)).toEqual([
      { endpoint: { id, url: SETTINGS.url }, secret: null },
      { endpoint: null, secret: 'fresh 0' },
    ]);
    expect(await under('d').replaceLost(fresh)).toEqual([
      { endpoint: { id, url: SETTINGS.url }, secret: 'fresh 1' },
      { endpoint: { id: whole, url: SETTINGS.url }, secret: 'fresh 2' },
      { endpoint: null, secret: 'fresh 3' },
    ]);
    expect(await under('d').replaceLost(fresh)).toEqual([]);
    await under('d').requireKeys(true);
    expect((await under('d').find(id))?.secrets).toEqual([{ secret: 'fresh 1', expiresAt: null }]);
  });
});
