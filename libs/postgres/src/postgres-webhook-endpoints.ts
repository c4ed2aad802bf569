import type { EndpointSettings, WebhookEndpoint, WebhookEndpoints } from '@app/core';
import type { EntityManager } from 'typeorm';
import type { Database, Statement } from './database.js';
import {
  ALL_ENDPOINTS,
  CALLBACK_SECRET,
  CREATE_ENDPOINT,
  DISABLE_ENDPOINT,
  ENABLED_ENDPOINTS,
  FIND_ENDPOINT,
  REMOVE_ENDPOINT,
  ROTATE_SECRET,
  UPDATE_ENDPOINT,
} from './queries/webhooks.js';

interface EndpointRow extends EndpointSettings {
  id: string;
  secrets: { secret: string; expiresAt: string | null }[];
  disabled_at: Date | null;
  disabled_reason: string | null;
  created_at: Date;
}

export class PostgresWebhookEndpoints implements WebhookEndpoints<EntityManager> {
  constructor(private readonly db: Database) {}

  async create(id: string, { url, description, events, kinds, tags }: EndpointSettings, secret: string): Promise<WebhookEndpoint> {
    return (await this.one(CREATE_ENDPOINT, [id, url, description, events, kinds, tags, secret])) as WebhookEndpoint;
  }

  find(id: string): Promise<WebhookEndpoint | null> {
    return this.one(FIND_ENDPOINT, [id]);
  }

  async all(): Promise<WebhookEndpoint[]> {
    return (await this.db.run<EndpointRow>(ALL_ENDPOINTS, [])).map(toEndpoint);
  }

  async enabled(transaction: EntityManager): Promise<WebhookEndpoint[]> {
    return (await this.db.run<EndpointRow>(ENABLED_ENDPOINTS, [], transaction)).map(toEndpoint);
  }

  update(id: string, settings: Partial<EndpointSettings>, enabled: boolean | undefined): Promise<WebhookEndpoint | null> {
    const { url = null, description = null, events = null, kinds = null, tags = null } = settings;
    return this.one(UPDATE_ENDPOINT, [id, url, description, events, kinds, tags, enabled ?? null]);
  }

  rotateSecret(id: string, secret: string, graceSeconds: number): Promise<WebhookEndpoint | null> {
    return this.one(ROTATE_SECRET, [id, secret, graceSeconds]);
  }

  async disable(id: string, reason: string): Promise<void> {
    await this.db.run(DISABLE_ENDPOINT, [id, reason]);
  }

  async remove(id: string): Promise<boolean> {
    return (await this.db.run(REMOVE_ENDPOINT, [id])).length > 0;
  }

  async callbackSecret(fresh: string): Promise<string> {
    const [row] = await this.db.run<{ secret: string }>(CALLBACK_SECRET, [fresh]);
    return row?.secret ?? fresh;
  }

  private async one(query: Statement, values: unknown[]): Promise<WebhookEndpoint | null> {
    const [row] = await this.db.run<EndpointRow>(query, values);
    return row ? toEndpoint(row) : null;
  }
}

function toEndpoint({ disabled_at, disabled_reason, created_at, secrets, ...row }: EndpointRow): WebhookEndpoint {
  return {
    ...row,
    secrets: secrets.map(({ secret, expiresAt }) => ({ secret, expiresAt: expiresAt === null ? null : new Date(expiresAt) })),
    disabledAt: disabled_at,
    disabledReason: disabled_reason,
    createdAt: created_at,
  };
}
