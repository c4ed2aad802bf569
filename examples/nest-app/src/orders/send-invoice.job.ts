import { IsInt } from 'class-validator';
import { type Handles, type JobContext, JobHandler } from 'longhaul';
import { InvoiceMailer } from './invoice-mailer.js';

export class SendInvoicePayload {
  @IsInt() order!: number;
}

/** Safe to repeat: the mailer gets the same key in each attempt, and the note of it is committed with the job's outcome. */
@JobHandler({ kind: 'invoice.send', payload: SendInvoicePayload })
export class SendInvoice implements Handles<SendInvoicePayload, { receipt: string }> {
  constructor(private readonly mailer: InvoiceMailer) {}

  async run({ order }: SendInvoicePayload, job: JobContext) {
    const receipt = await job.step('send', () => this.mailer.send(order, job.idempotencyKey));
    await job.transaction((manager) => manager.query('UPDATE orders SET invoiced_at = now() WHERE id = $1', [order]));
    return { receipt };
  }
}
