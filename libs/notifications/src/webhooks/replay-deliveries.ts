import { type JobControl, type JobId, Refusal, type SubmitJob, type WebhookDeliveries, type WebhookDelivery } from '@app/core';
import type { DataSource, EntityManager } from 'typeorm';
import type { WebhookConfig } from '../notifications.config.js';
import { deliveryRequest } from '../outcome-requests.js';

/** Sends a delivery again that was delivered, was given up, or waits for its next attempt. Body and `webhook-id` stay the same. */
export class ReplayDeliveries {
  constructor(
    private readonly dataSource: Pick<DataSource, 'transaction'>,
    private readonly deliveries: Pick<WebhookDeliveries<EntityManager>, 'restart'>,
    private readonly jobs: Pick<JobControl, 'cancel'>,
    private readonly submitJob: Pick<SubmitJob<EntityManager>, 'submit'>,
    private readonly config: Pick<WebhookConfig, 'scheduleMs'>,
  ) {}

  /** Resolves with the id of the job that delivers it now. Rejects with `Refusal` when another caller has replayed it in between. */
  async replay({ id, deliveryJobId: former }: WebhookDelivery): Promise<JobId> {
    const now = await this.dataSource.transaction(async (transaction) => {
      const { job } = await this.submitJob.submit(deliveryRequest(id, this.config), transaction);
      if (await this.deliveries.restart(id, former, job.id, transaction)) return job.id;
      throw new Refusal('state_forbids', `delivery ${id} was replayed just now`);
    });
    // The former job would notice by itself that it is no longer wanted, but perhaps only hours later.
    await this.jobs.cancel(former);
    return now;
  }
}
