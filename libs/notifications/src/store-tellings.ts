import type { NewDelivery, SubmitJob, WebhookDeliveries } from '@app/core';
import type { Telling } from './channel.js';

export interface TellingStores<Transaction> {
  deliveries: Pick<WebhookDeliveries<Transaction>, 'add'>;
  submitJob: Pick<SubmitJob<Transaction>, 'submitAll'>;
}

/** Stores the jobs that tell, and the deliveries of those that are webhooks, in the caller's transaction. */
export async function storeTellings<Transaction>(
  tellings: readonly Telling[],
  { deliveries, submitJob }: TellingStores<Transaction>,
  transaction: Transaction,
): Promise<void> {
  if (tellings.length === 0) return;
  const requests = tellings.map(({ request }) => request);
  const submitted = await submitJob.submitAll(requests, transaction);
  const webhooks = tellings.flatMap(({ delivery }, index): NewDelivery[] => {
    const deliveryJobId = submitted[index]?.job.id;
    return delivery && deliveryJobId ? [{ ...delivery, deliveryJobId }] : [];
  });
  if (webhooks.length > 0) await deliveries.add(webhooks, transaction);
}
