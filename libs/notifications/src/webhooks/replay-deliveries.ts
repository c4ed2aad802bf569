import { type JobId, Refusal, SubmitJob, type WebhookDelivery } from '@app/core';
import { Store } from '@app/host';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { NOTIFICATIONS_CONFIG, type NotificationsConfig } from '../notifications.config.js';
import { deliveryRequest } from './webhook-channel.js';

/** Sends a delivery again that was delivered, was given up, or waits for its next attempt. Body and `webhook-id` stay the same. */
@Injectable()
export class ReplayDeliveries {
  constructor(
    private readonly store: Store,
    private readonly submitJob: SubmitJob<EntityManager>,
    @Inject(NOTIFICATIONS_CONFIG) private readonly config: NotificationsConfig,
  ) {}

  /** Resolves with the id of the job that delivers it now. Rejects with `Refusal` when another caller has replayed it in between. */
  async replay({ id, tenant, deliveryJobId: former }: WebhookDelivery): Promise<JobId> {
    const now = await this.store.dataSource.transaction(async (transaction) => {
      const { job } = await this.submitJob.submit(deliveryRequest(id, tenant, this.config.webhooks), transaction);
      if (await this.store.webhookDeliveries.restart(id, former, job.id, transaction)) return job.id;
      throw new Refusal('state_forbids', `delivery ${id} was replayed just now`);
    });
    // The former job would notice by itself that it is no longer wanted, but perhaps only hours later.
    await this.store.jobs.cancel(former);
    return now;
  }
}
