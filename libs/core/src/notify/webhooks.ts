import type { Sees } from '../job/tenant.js';
import type { JobId } from '../job/job.js';

/** A secret signs until it expires; null: the current one. */
export interface WebhookSecret {
  secret: string;
  expiresAt: Date | null;
}

/** A registered receiver. Each empty filter lets everything pass. */
export interface WebhookEndpoint {
  id: string;
  /** It hears of this tenant's jobs alone. */
  tenant: string;
  url: string;
  description: string;
  /** `job.succeeded`, `job.failed`, `job.cancelled`; alerts only go to endpoints that name `alert.opened` or `alert.ended`. */
  events: string[];
  /** Kinds, or prefixes such as `report.*`. */
  kinds: string[];
  /** One of them is enough. */
  tags: string[];
  secrets: WebhookSecret[];
  disabledAt: Date | null;
  disabledReason: string | null;
  createdAt: Date;
}

export type EndpointSettings = Pick<WebhookEndpoint, 'url' | 'description' | 'events' | 'kinds' | 'tags'>;

export type DeliveryState = 'pending' | 'succeeded' | 'failed';

/** One request and what came of it. */
export interface DeliveryAttempt {
  /** ISO 8601, UTC. */
  at: string;
  url: string;
  durationMs: number;
  /** Absent when there was no answer. */
  status?: number;
  /** Why it does not count as delivered. */
  error?: string;
  /** The beginning of the answer. */
  answer?: { contentType: string; body: string };
}

/** One event on its way to one receiver, over all its attempts. */
export interface WebhookDelivery {
  id: string;
  /** The `webhook-id`: the same in every attempt and replay. */
  webhookId: string;
  /** Null for a job's own callback URL. */
  endpointId: string | null;
  /** The job that it tells of. Null where it tells of an alert. */
  jobId: JobId | null;
  /** `job.succeeded`, `job.failed`, `job.cancelled`, `alert.opened`, `alert.ended`. */
  type: string;
  url: string;
  /** The very text that is signed and sent. */
  body: string;
  state: DeliveryState;
  /** Oldest first, the last 20. */
  attempts: DeliveryAttempt[];
  /** The job that delivers it now. */
  deliveryJobId: JobId;
  /** Of the job that it tells of. */
  tenant: string;
  nextAttemptAt: Date | null;
  createdAt: Date;
  finishedAt: Date | null;
}

export type NewDelivery = Pick<WebhookDelivery, 'id' | 'webhookId' | 'endpointId' | 'jobId' | 'type' | 'url' | 'body' | 'deliveryJobId' | 'tenant'>;

export interface DeliveryFilter {
  /** Of this tenant; left out, of all. */
  tenant?: string;
  endpointId?: string;
  jobId?: JobId;
  state?: DeliveryState;
  /** Made at or after, and before. */
  since?: Date;
  until?: Date;
  cursor?: string;
  limit: number;
}

export interface WebhookEndpoints<Transaction = unknown> {
  /** Throws the `Refusal` `too_many_endpoints` when there are as many of the tenant as there may be; several that come at once may all be refused. */
  create(id: string, settings: EndpointSettings, secret: string, tenant?: string): Promise<WebhookEndpoint>;
  /** Here and below one of another tenant than `sees` names is none; left out, all are seen. */
  find(id: string, sees?: Sees): Promise<WebhookEndpoint | null>;
  /** Oldest first. */
  all(sees?: Sees): Promise<WebhookEndpoint[]>;
  /** Those that are not disabled. */
  enabled(transaction: Transaction): Promise<WebhookEndpoint[]>;
  /** `enabled` true also forgets why it was disabled. Null when there is none. */
  update(id: string, settings: Partial<EndpointSettings>, enabled: boolean | undefined, sees?: Sees): Promise<WebhookEndpoint | null>;
  /** The new secret signs from now on; the present ones go on for `graceSeconds`. */
  rotateSecret(id: string, secret: string, graceSeconds: number, sees?: Sees): Promise<WebhookEndpoint | null>;
  disable(id: string, reason: string): Promise<void>;
  remove(id: string, sees?: Sees): Promise<boolean>;
  /** The secret of callback URLs when none is configured: `fresh`, or the one that was stored first. */
  callbackSecret(fresh: string): Promise<string>;
  /** Writes every stored secret anew under the key that seals now; the callers see no difference. Returns how many rows. */
  resealSecrets(): Promise<number>;
}

export interface WebhookDeliveries<Transaction = unknown> {
  add(deliveries: NewDelivery[], transaction: Transaction): Promise<void>;
  /** Null also for one of another tenant than `sees` names; left out, all are seen. */
  find(id: string, sees?: Sees): Promise<WebhookDelivery | null>;
  /** Newest first. */
  list(filter: DeliveryFilter): Promise<{ items: WebhookDelivery[]; nextCursor: string | null }>;
  /** Writes what an attempt came to, if `deliveryJobId` is still the job that delivers it. */
  record(id: string, deliveryJobId: JobId, attempt: DeliveryAttempt | null, state: DeliveryState, nextAttemptMs: number | null): Promise<void>;
  /** `deliveryJobId` delivers it again, in place of `formerJobId`. False when that is not its job any more. */
  restart(id: string, formerJobId: JobId, deliveryJobId: JobId, transaction: Transaction): Promise<boolean>;
}
