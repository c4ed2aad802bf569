import { type DeliveryAttempt, ownTime, type StoreTime, type WebhookDelivery } from '@app/core';
import { assertPublicHost, guardedLookup, parseRetryAfter, portOf, PrivateAddressError, remoteText } from '@app/sdk';
import { Webhook } from 'standardwebhooks';
import type { Agent, Dispatcher } from 'undici';
import type { WebhookConfig } from '../notifications.config.js';
import { beginningOf } from './answer-body.js';
import { failureOf, type FailureReason } from './failure-words.js';

export interface SentWebhook {
  /** `gone`: the receiver wants no more webhooks. `refused`: nothing was sent, and no retry would change that. */
  outcome: 'delivered' | 'gone' | 'refused' | 'failed';
  attempt: DeliveryAttempt;
  /** Absent when it was delivered. */
  reason?: FailureReason;
  retryAfterMs?: number;
}

/**
 * Sends one webhook by Standard Webhooks 1.0.0: only 2xx is success, redirects are not followed. The address is checked after the
 * name is resolved, and the connection is made to that very address, so that no webhook reaches into the inner network.
 */
export class WebhookSender {
  private agent: Promise<Agent> | undefined;

  /** `resolve` replaces the system's resolver. `time` gives the signed time: receivers refuse one that is minutes off. */
  constructor(
    private readonly config: Pick<WebhookConfig, 'policy' | 'requireHttps' | 'timeoutMs'>,
    private readonly resolve?: Parameters<typeof guardedLookup>[1],
    private readonly time: StoreTime = ownTime,
  ) {}

  /** Sends it. Rejects only with the reason of `signal`. */
  async send(url: string, delivery: Pick<WebhookDelivery, 'webhookId' | 'body'>, secrets: readonly string[], signal: AbortSignal): Promise<SentWebhook> {
    const began = performance.now();
    const at = new Date(this.time.now());
    const sent = await this.request(url, signedHeaders(delivery, secrets, at), delivery.body, signal);
    signal.throwIfAborted();
    const { outcome, reason, retryAfterMs, ...seen } = sent;
    const attempt = { at: at.toISOString(), url, durationMs: Math.round(performance.now() - began), ...seen };
    return { outcome, attempt, ...(reason === undefined ? {} : { reason }), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }

  async close(): Promise<void> {
    await (await this.agent)?.destroy();
  }

  /** Loaded for the first webhook: a hundred files, for processes of which most never send one. */
  private async open(): Promise<Agent> {
    const { Agent, Pool } = await import('undici');
    const lookup = (origin: string | URL) => guardedLookup(this.config.policy, this.resolve, portOf(new URL(origin)));
    return new Agent({ factory: (origin, options) => new Pool(origin, Object.assign({}, options, { connect: { lookup: lookup(origin) } })) });
  }

  private async request(url: string, headers: Record<string, string>, body: string, signal: AbortSignal): Promise<Answer> {
    const timeout = AbortSignal.timeout(this.config.timeoutMs);
    try {
      const target = new URL(url);
      assertPublicHost(target, this.config.policy);
      if (this.config.requireHttps && target.protocol !== 'https:')
        return { outcome: 'refused', reason: 'https_required', error: 'expected https, as WEBHOOK_REQUIRE_HTTPS says' };
      const agent = await (this.agent ??= this.open());
      const to = { origin: target.origin, path: `${target.pathname}${target.search}` };
      const response = await agent.request({ ...to, method: 'POST', headers, body, signal: AbortSignal.any([signal, timeout]) });
      return await judge(response);
    } catch (error) {
      if (error instanceof PrivateAddressError) return { outcome: 'refused', reason: 'address_refused', error: remoteText(error.message) };
      if (timeout.aborted) return { outcome: 'failed', reason: 'timeout', error: `expected an answer within ${this.config.timeoutMs} ms, got none` };
      return { outcome: 'failed', ...failureOf(error) };
    }
  }
}

type Answer = Pick<SentWebhook, 'outcome' | 'reason' | 'retryAfterMs'> & Pick<DeliveryAttempt, 'status' | 'error' | 'answer'>;

/** The headers, with one signature for each secret, so that a receiver may change to a new secret at any time. */
function signedHeaders({ webhookId, body }: Pick<WebhookDelivery, 'webhookId' | 'body'>, secrets: readonly string[], at: Date): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'longhaul',
    'webhook-id': webhookId,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(webhookId, at, body)).join(' '),
  };
}

async function judge(response: Dispatcher.ResponseData): Promise<Answer> {
  const status = response.statusCode;
  const answer = { contentType: remoteText(String(response.headers['content-type'] ?? ''), 200), body: await beginningOf(response) };
  if (status >= 200 && status < 300) return { outcome: 'delivered', status, answer };
  if (status === 410) return { outcome: 'gone', reason: 'status', status, answer, error: 'got 410: the receiver wants no more' };
  const redirect = status >= 300 && status < 400 ? ', a redirect, which is not followed' : '';
  const retryAfterMs = parseRetryAfter(response.headers['retry-after']);
  return {
    outcome: 'failed',
    reason: 'status',
    status,
    answer,
    error: `expected a status of 200 to 299, got: ${status}${redirect}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}
