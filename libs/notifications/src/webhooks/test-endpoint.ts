import { Refusal, type WebhookEndpoint, writeJson } from '@app/core';
import { Store } from '@app/host';
import { Injectable } from '@nestjs/common';
import { signingSecrets } from './deliver-webhook.js';
import { newWebhookMessageId } from './webhook-event.js';
import { type SentWebhook, WebhookSender } from './webhook-sender.js';

/** The event that a test sends. It tells of no job, so no filter names it and nothing else sends it. */
export const TEST_EVENT = 'webhook.test';
/** Of one process. Each holds a request open for as long as its receiver takes. */
const MAX_AT_ONCE = 10;

export interface TestedEndpoint extends SentWebhook {
  webhookId: string;
  /** The text that was signed and sent. */
  body: string;
}

/**
 * Sends one signed event to an endpoint now, also to one that is disabled, and says what came of it. It is no delivery: it is never repeated, is on no list,
 * and an answer of 410 disables nothing.
 */
@Injectable()
export class TestEndpoint {
  private readonly underWay = new Set<string>();

  constructor(
    private readonly store: Store,
    private readonly sender: WebhookSender,
  ) {}

  /** Throws a `Refusal` while a test of the same endpoint is under way, or too many of others. */
  async test(endpoint: WebhookEndpoint): Promise<TestedEndpoint> {
    const { id, url } = endpoint;
    if (this.underWay.has(id)) throw new Refusal('state_forbids', 'a test of this endpoint is under way; see what it comes to first');
    if (this.underWay.size >= MAX_AT_ONCE) throw new Refusal('unavailable', `${MAX_AT_ONCE} tests of endpoints are under way; try again when one has ended`);
    this.underWay.add(id);
    try {
      const now = this.store.time.now();
      const sent = { webhookId: newWebhookMessageId(), body: testBody(id, new Date(now)) };
      // It ends by itself, at the latest after WEBHOOK_TIMEOUT_SECONDS, and is written down whether or not its caller still waits.
      return { ...sent, ...(await this.sender.send(url, sent, signingSecrets(endpoint, now), new AbortController().signal)) };
    } finally {
      this.underWay.delete(id);
    }
  }
}

function testBody(endpoint: string, at: Date): string {
  return writeJson({ type: TEST_EVENT, timestamp: at.toISOString(), data: { endpoint, message: 'A test of this endpoint: no job has ended.' } });
}
