import {
  type DeliveryAttempt,
  type DeliveryFilter,
  type DeliveryState,
  type JobId,
  type NewDelivery,
  type Sees,
  type WebhookDeliveries,
  type WebhookDelivery,
} from '@app/core';
import type { EntityManager } from 'typeorm';
import type { Database } from '../pool/database.js';
import { fitting } from '../pool/fitting.js';
import { placeOf } from '../sealed/job-data.js';
import { ofOneTenant } from '../pool/of-tenant.js';
import { ADD_DELIVERIES, DELIVERY_STATE, FIND_DELIVERY, RECORD_ATTEMPT, RESTART_DELIVERY, SELECT_DELIVERIES } from './webhooks.js';
import { WALK_STEPS } from '../control/walk.js';

interface DeliveryRow {
  id: string;
  webhook_id: string;
  endpoint_id: string | null;
  job_id: string | null;
  type: string;
  url: string;
  body: string;
  state: DeliveryState;
  attempts: DeliveryAttempt[];
  delivery_job_id: string;
  tenant: string;
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
    const columns = ['id', 'webhookId', 'endpointId', 'jobId', 'type', 'url', 'body', 'deliveryJobId', 'tenant'] as const;
    const values = columns.map(column);
    const { data } = this.db;
    if (data.isOn) values[columns.indexOf('body')] = deliveries.map(({ id, body, tenant }) => data.seal(body, placeOf.delivery(tenant, id)));
    await this.db.run(ADD_DELIVERIES, values, transaction);
    // They are not committed yet, and the news is a little early.
    this.db.changed([]);
  }

  async find(id: string, sees: Sees = null): Promise<WebhookDelivery | null> {
    const [row] = await this.db.run<DeliveryRow>(FIND_DELIVERY, [id, sees]);
    if (!row) return null;
    row.body = this.db.data.open(row.body, placeOf.delivery(row.tenant, row.id));
    return toDelivery(row);
  }

  async list({
    tenant,
    endpointId,
    jobId,
    state,
    since,
    until,
    cursor,
    limit,
  }: DeliveryFilter): Promise<{ items: WebhookDelivery[]; nextCursor: string | null }> {
    const values: unknown[] = [];
    const at = (value: unknown) => `$${values.push(value)}`;
    const below = [
      ...(tenant === undefined ? [] : [ofOneTenant(tenant, at)]),
      ...(endpointId === undefined ? [] : [`endpoint_id = ${at(endpointId)}`]),
      ...(jobId === undefined ? [] : [`job_id = ${at(jobId)}`]),
      // An id tells its time, by the clock of the process that made it.
      ...(since === undefined ? [] : [`id >= ${at(idOf(since.getTime() - CLOCKS_APART_MS))}::uuid`]),
      ...(until === undefined ? [] : [`id < ${at(idOf(until.getTime() + CLOCKS_APART_MS))}::uuid`]),
      ...(cursor === undefined ? [] : [`id < ${at(cursor)}`]),
    ];
    const hits = [
      ...(state === undefined ? [] : [`${DELIVERY_STATE} = ${at(state)}`]),
      ...(since === undefined ? [] : [`d.created_at >= ${at(since)}`]),
      ...(until === undefined ? [] : [`d.created_at < ${at(until)}`]),
    ];
    const [budgetAt, wantedAt] = [`$${values.length + 1}`, `$${values.length + 2}`];
    const looked = `SELECT * FROM lh.webhook_deliveries ${where(below)} ORDER BY id DESC LIMIT ${budgetAt}`;
    const list = `/* webhook:list-deliveries */ ${LISTED.replace(' lh.webhook_deliveries d ', ` (${looked}) d `)} ${where(hits)} ORDER BY d.id DESC LIMIT ${wantedAt}`;
    const end = `/* webhook:end-of-look */ SELECT id FROM lh.webhook_deliveries ${where(below)} ORDER BY id DESC OFFSET $${below.length + 1}::integer - 1 LIMIT 1`;
    for (const [step, budget] of WALK_STEPS.entries()) {
      const size = Math.max(budget, limit + 1);
      const rows = await this.reads.runOnce<DeliveryRow>(list, [...values, size, limit + 1]);
      const fit = fitting(rows.slice(0, limit));
      if (rows.length > fit.length) return { items: fit.map(toDelivery), nextCursor: fit.at(-1)?.id ?? null };
      const [last] = await this.reads.runOnce<{ id: string }>(end, [...values.slice(0, below.length), size]);
      if (last && step < WALK_STEPS.length - 1) continue;
      return { items: fit.map(toDelivery), nextCursor: last?.id ?? null };
    }
    return { items: [], nextCursor: null };
  }

  async record(id: string, deliveryJobId: JobId, attempt: DeliveryAttempt | null, state: DeliveryState, nextAttemptMs: number | null): Promise<void> {
    await this.db.run(RECORD_ATTEMPT, [id, deliveryJobId, attempt === null ? null : JSON.stringify(attempt), state, nextAttemptMs]);
    this.db.changed([]);
  }

  async restart(id: string, formerJobId: JobId, deliveryJobId: JobId, transaction: EntityManager): Promise<boolean> {
    return (await this.db.run(RESTART_DELIVERY, [id, formerJobId, deliveryJobId], transaction)).length > 0;
  }
}

/** Without the bodies, of which a page could be hundreds of MB. */
const LISTED = SELECT_DELIVERIES.replace('d.body', `'' AS body`);

/** By how much the clocks of two processes may differ. */
const CLOCKS_APART_MS = 86_400_000;

/** The lowest UUIDv7 of a moment. */
function idOf(ms: number): string {
  const hex = Math.max(0, Math.floor(ms)).toString(16).padStart(12, '0').padEnd(32, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function where(conditions: string[]): string {
  return conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
}

function toDelivery(row: DeliveryRow): WebhookDelivery {
  return {
    id: row.id,
    webhookId: row.webhook_id,
    endpointId: row.endpoint_id,
    jobId: row.job_id as JobId | null,
    type: row.type,
    url: row.url,
    body: row.body,
    state: row.state,
    attempts: row.attempts,
    deliveryJobId: row.delivery_job_id as JobId,
    tenant: row.tenant,
    nextAttemptAt: row.next_attempt_at,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}
