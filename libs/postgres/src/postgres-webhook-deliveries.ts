import type { DeliveryAttempt, DeliveryFilter, DeliveryState, JobId, NewDelivery, WebhookDeliveries, WebhookDelivery } from '@app/core';
import type { EntityManager } from 'typeorm';
import type { Database } from './database.js';
import { ADD_DELIVERIES, DELIVERY_STATE, FIND_DELIVERY, RECORD_ATTEMPT, RESTART_DELIVERY, SELECT_DELIVERIES } from './queries/webhooks.js';

interface DeliveryRow {
  id: string;
  webhook_id: string;
  endpoint_id: string | null;
  job_id: string;
  type: string;
  url: string;
  body: string;
  state: DeliveryState;
  attempts: DeliveryAttempt[];
  delivery_job_id: string;
  next_attempt_at: Date | null;
  created_at: Date;
  finished_at: Date | null;
}

export class PostgresWebhookDeliveries implements WebhookDeliveries<EntityManager> {
  /** `reads`: for lists, which may take long. */
  constructor(
    private readonly db: Database,
    private readonly reads = db,
  ) {}

  async add(deliveries: NewDelivery[], transaction: EntityManager): Promise<void> {
    const column = (name: keyof NewDelivery) => deliveries.map((delivery) => delivery[name]);
    const columns = ['id', 'webhookId', 'endpointId', 'jobId', 'type', 'url', 'body', 'deliveryJobId'] as const;
    await this.db.run(ADD_DELIVERIES, columns.map(column), transaction);
  }

  async find(id: string): Promise<WebhookDelivery | null> {
    const [row] = await this.db.run<DeliveryRow>(FIND_DELIVERY, [id]);
    return row ? toDelivery(row) : null;
  }

  async list({ endpointId, jobId, state, since, until, cursor, limit }: DeliveryFilter): Promise<{ items: WebhookDelivery[]; nextCursor: string | null }> {
    const values: unknown[] = [];
    const conditions = {
      'd.endpoint_id =': endpointId,
      'd.job_id =': jobId,
      [`${DELIVERY_STATE} =`]: state,
      'd.created_at >=': since,
      'd.created_at <': until,
      'd.id <': cursor,
    };
    const where = Object.entries(conditions)
      .filter(([, value]) => value !== undefined)
      .map(([condition, value]) => `${condition} $${values.push(value)}`);
    const text = `/* webhook:list-deliveries */ ${SELECT_DELIVERIES} ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''}
      ORDER BY d.id DESC LIMIT $${values.push(limit + 1)}`;
    const rows = await this.reads.runOnce<DeliveryRow>(text, values);
    const items = rows.slice(0, limit).map(toDelivery);
    return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
  }

  async record(id: string, deliveryJobId: JobId, attempt: DeliveryAttempt | null, state: DeliveryState, nextAttemptMs: number | null): Promise<void> {
    await this.db.run(RECORD_ATTEMPT, [id, deliveryJobId, attempt === null ? null : JSON.stringify(attempt), state, nextAttemptMs]);
  }

  async restart(id: string, formerJobId: JobId, deliveryJobId: JobId, transaction: EntityManager): Promise<boolean> {
    return (await this.db.run(RESTART_DELIVERY, [id, formerJobId, deliveryJobId], transaction)).length > 0;
  }
}

function toDelivery(row: DeliveryRow): WebhookDelivery {
  return {
    id: row.id,
    webhookId: row.webhook_id,
    endpointId: row.endpoint_id,
    jobId: row.job_id as JobId,
    type: row.type,
    url: row.url,
    body: row.body,
    state: row.state,
    attempts: row.attempts,
    deliveryJobId: row.delivery_job_id as JobId,
    nextAttemptAt: row.next_attempt_at,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}
