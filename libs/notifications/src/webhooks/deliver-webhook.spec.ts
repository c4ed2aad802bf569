import type { DeliveryAttempt, DeliveryState, JobId, WebhookDelivery, WebhookEndpoint } from '@app/core';
import { NonRetryableError, RetryableError } from '@app/sdk';
import { DeliverWebhook, signingSecrets } from './deliver-webhook.js';
import type { SentWebhook } from './webhook-sender.js';

const JOB = '01890000-0000-7000-8000-000000000001' as JobId;
const SCHEDULE = [1_000, 2_000, 3_000];

const endpoint: WebhookEndpoint = {
  id: 'endpoint',
  tenant: 'default',
  url: 'https://example.com/new',
  description: '',
  events: [],
  kinds: [],
  tags: [],
  secrets: [{ secret: 'current', expiresAt: null }],
  disabledAt: null,
  disabledReason: null,
  createdAt: new Date(),
};

function delivering({ sent = {}, of = {}, to = endpoint }: { sent?: Partial<SentWebhook>; of?: Partial<WebhookDelivery>; to?: WebhookEndpoint | null } = {}) {
  const recorded: { state: DeliveryState; attempt: DeliveryAttempt | null; nextMs: number | null }[] = [];
  const requests: { url: string; secrets: readonly string[] }[] = [];
  const disabled: string[] = [];
  const attempt = { at: '', url: 'https://example.com/new', durationMs: 1, status: 500, error: 'got: 500' };
  const delivery = { id: 'delivery', webhookId: 'msg_1', endpointId: 'endpoint', deliveryJobId: JOB, url: 'https://example.com/callback', body: '{}', ...of };
  const deliverWebhook = new DeliverWebhook({
    deliveries: {
      find: async () => delivery as WebhookDelivery,
      record: async (_, __, attempt, state, nextMs) => void recorded.push({ state, attempt, nextMs }),
    },
    endpoints: { find: async () => to, disable: async (_, reason) => void disabled.push(reason), callbackSecret: async () => 'stored' },
    sender: {
      send: async (url, _, secrets) => {
        requests.push({ url, secrets });
        return { outcome: 'failed', attempt, ...sent };
      },
    },
    config: { scheduleMs: SCHEDULE, callbackSecrets: [] },
    random: () => 0.5,
  });
  const deliver = (attempt: number) =>
    deliverWebhook.deliver('delivery', { id: JOB, tenant: 'default', attempt, maxAttempts: 4, signal: new AbortController().signal });
  return { deliver, recorded, requests, disabled };
}

describe('a delivery', () => {
  it.each([1, 2, 3])('that fails for the %i. time is tried again by the schedule, up to a tenth later', async (attempt) => {
    const { deliver, recorded } = delivering();
    const afterMs = (SCHEDULE[attempt - 1] as number) * 1.05;
    await expect(deliver(attempt)).rejects.toMatchObject({ constructor: RetryableError, afterMs });
    expect(recorded).toMatchObject([{ state: 'pending', nextMs: afterMs }]);
  });

  it('that fails at its last attempt has failed', async () => {
    const { deliver, recorded } = delivering();
    await expect(deliver(4)).rejects.toMatchObject({ constructor: NonRetryableError, code: 'webhook_not_delivered' });
    expect(recorded).toMatchObject([{ state: 'failed', nextMs: null }]);
  });

  it('waits as long as Retry-After says, but not longer than a day, and not less than the schedule', async () => {
    await expect(delivering({ sent: { retryAfterMs: 60_000 } }).deliver(1)).rejects.toMatchObject({ afterMs: 60_000 });
    await expect(delivering({ sent: { retryAfterMs: 10 } }).deliver(1)).rejects.toMatchObject({ afterMs: 1_050 });
    await expect(delivering({ sent: { retryAfterMs: 1e12 } }).deliver(1)).rejects.toMatchObject({ afterMs: 86_400_000 });
  });

  it('goes to the present URL of its endpoint, or to the callback URL under the secret of the database', async () => {
    const registered = delivering({ sent: { outcome: 'delivered' } });
    expect(await registered.deliver(1)).toMatchObject({ outcome: 'delivered' });
    expect(registered.requests).toEqual([{ url: 'https://example.com/new', secrets: ['current'] }]);
    expect(registered.recorded).toMatchObject([{ state: 'succeeded' }]);
    const callback = delivering({ sent: { outcome: 'delivered' }, of: { endpointId: null } });
    await callback.deliver(1);
    expect(callback.requests).toEqual([{ url: 'https://example.com/callback', secrets: ['stored'] }]);
  });

  it('to a receiver that wants no more disables the endpoint', async () => {
    const { deliver, recorded, disabled } = delivering({ sent: { outcome: 'gone' } });
    expect(await deliver(1)).toMatchObject({ outcome: 'gone' });
    expect(disabled).toEqual(['it answered 410 Gone']);
    expect(recorded).toMatchObject([{ state: 'failed' }]);
  });

  it('to an address that is refused is not tried again', async () => {
    const { deliver, recorded } = delivering({ sent: { outcome: 'refused' } });
    await expect(deliver(1)).rejects.toMatchObject({ constructor: NonRetryableError, code: 'webhook_refused' });
    expect(recorded).toMatchObject([{ state: 'failed' }]);
  });

  it.each<[string, Parameters<typeof delivering>[0], number]>([
    ['whose endpoint was removed', { to: null }, 1],
    ['whose endpoint is disabled', { to: { ...endpoint, disabledAt: new Date() } }, 1],
    ['that another job has taken over', { of: { deliveryJobId: 'another' as JobId } }, 0],
  ])('%s is dropped without a request', async (_, parts, records) => {
    const { deliver, requests, recorded } = delivering(parts);
    expect(await deliver(1)).toMatchObject({ outcome: 'dropped' });
    expect(requests).toEqual([]);
    expect(recorded).toHaveLength(records);
  });
});

describe('the secrets of an endpoint', () => {
  it('sign until they expire', () => {
    const now = new Date();
    const at = (ms: number) => new Date(now.getTime() + ms);
    const secrets = [{ secret: 'a', expiresAt: null }, { secret: 'b', expiresAt: at(1) }, { secret: 'c', expiresAt: at(-1) }]; // prettier-ignore
    expect(signingSecrets({ secrets }, now.getTime())).toEqual(['a', 'b']);
  });
});
