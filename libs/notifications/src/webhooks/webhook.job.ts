import { type Handles, type JobContext, JobHandler } from '@app/sdk';
import { IsUUID } from 'class-validator';
import { DeliverWebhook, type DeliveryResult } from './deliver-webhook.js';

export const WEBHOOK_KIND = 'longhaul.webhook';

export class WebhookPayload {
  @IsUUID() delivery!: string;
}

/** `backoff` is for failures on Longhaul's side, such as an unreachable database. Failures of receivers have a schedule of their own. */
@JobHandler({
  kind: WEBHOOK_KIND,
  description: 'Delivers a webhook.',
  payload: WebhookPayload,
  queue: 'webhooks',
  timeout: '2m',
  backoff: { base: '5s', max: '10m' },
})
export class WebhookJob implements Handles<WebhookPayload, DeliveryResult> {
  constructor(private readonly deliverWebhook: DeliverWebhook) {}

  run({ delivery }: WebhookPayload, job: JobContext): Promise<DeliveryResult> {
    return this.deliverWebhook.deliver(delivery, job);
  }
}
