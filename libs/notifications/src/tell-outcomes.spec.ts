import { type Job, type NewDelivery, Refusal, type SubmitRequest, uuidv7, type WebhookEndpoint } from '@app/core';
import { ManualClock, RecordingLogger, sampleJob } from '@app/core/testing';
import { Environment } from '@app/host';
import { addressPolicy } from '@app/sdk';
import { notificationsConfig } from './notifications.config.js';
import { TellOutcomes } from './tell-outcomes.js';

const ended = (more: Partial<Job> = {}) => sampleJob({ state: 'succeeded', finishedAt: new Date(), ...more });
const endpoint = (id: string, more: Partial<WebhookEndpoint> = {}): WebhookEndpoint => ({
  id,
  tenant: 'default',
  url: `https://example.com/${id}`,
  description: '',
  events: [],
  kinds: [],
  tags: [],
  secrets: [],
  disabledAt: null,
  disabledReason: null,
  createdAt: new Date(),
  ...more,
});

/** Notices in memory: when `tell` throws, all of them stay. Submitting the jobs that would announce `untellable` ones is refused. */
function telling(jobs: Job[], endpoints: WebhookEndpoint[] = [], untellable: Job[] = []) {
  const due = [...jobs];
  const putOff: Job[] = [];
  const requests: SubmitRequest[] = [];
  const deliveries: NewDelivery[] = [];
  const tell = new TellOutcomes<string>({
    notices: {
      tell: async (limit, work) => {
        const taken = due.slice(0, limit);
        if (taken.length > 0) await work(taken, 'transaction');
        due.splice(0, taken.length);
        return taken.length;
      },
      putOffFirst: async () => void putOff.push(...due.splice(0, 1)),
    },
    endpoints: { enabled: async () => endpoints },
    deliveries: { add: async (added) => void deliveries.push(...added) },
    submitJob: {
      submitAll: async (all, transaction) => {
        expect(transaction).toBe('transaction');
        if (all.some(({ payload }) => untellable.some(({ notify }) => (payload as { to?: string }).to === notify[0]?.to)))
          throw new Refusal('unavailable', 'no');
        requests.push(...all);
        return all.map(() => ({ job: sampleJob({ id: uuidv7() as Job['id'] }), replayed: false }));
      },
    },
    clock: new ManualClock(),
    logger: new RecordingLogger(),
    config: {
      publicUrl: null,
      channels: notificationsConfig(new Environment({}), {}).channels,
      webhooks: { policy: addressPolicy({}, 'WEBHOOK'), requireHttps: false, scheduleMs: [1, 2], timeoutMs: 1, callbackSecrets: [] },
      pollMs: 1,
      batch: 10,
    },
  });
  return { tell, due, putOff, requests, deliveries };
}

describe('telling of outcomes', () => {
  it('makes a delivery with a job of its own for each endpoint that wants it and for the callback URL, and a job for the e-mail', async () => {
    const job = ended({
      notify: [
        { channel: 'webhook', to: 'https://example.com/callback' },
        { channel: 'email', to: 'ada@example.org' },
      ],
    });
    const { tell, requests, deliveries } = telling([job], [endpoint('a'), endpoint('b', { events: ['job.failed'] })]);
    expect(await tell.round()).toBe(1);
    expect(deliveries).toMatchObject([
      { endpointId: 'a', url: 'https://example.com/a', jobId: job.id, type: 'job.succeeded' },
      { endpointId: null, url: 'https://example.com/callback' },
    ]);
    expect(requests).toMatchObject([
      { kind: 'longhaul.webhook', payload: { delivery: deliveries[0]?.id }, options: { maxAttempts: 3 }, internal: true },
      { kind: 'longhaul.webhook', payload: { delivery: deliveries[1]?.id } },
      { kind: 'longhaul.email', payload: { to: 'ada@example.org', job: { id: job.id } }, internal: true },
    ]);
    expect(await tell.round()).toBe(0);
  });

  it('is done with an outcome that nobody wants any more', async () => {
    const { tell, due, requests } = telling([ended()], [endpoint('b', { events: ['job.failed'] })]);
    await tell.round();
    expect([due, requests]).toEqual([[], []]);
  });

  it('puts an outcome off that cannot be told, and tells the others', async () => {
    const bad = ended({ notify: [{ channel: 'email', to: 'bad@example.org' }] });
    const good = [1, 2].map((n) => ended({ notify: [{ channel: 'email', to: `good${n}@example.org` }] }));
    const { tell, due, putOff, requests } = telling([good[0] as Job, bad, good[1] as Job], [], [bad]);
    for (let round = 0; due.length > 0 && round < 10; round++) await tell.round();
    expect(putOff).toEqual([bad]);
    expect(requests).toHaveLength(2);
  });
});
