import {
  DEFAULT_TENANT,
  type EndpointSettings,
  plainSecrets,
  Refusal,
  type SecretBox,
  type Sees,
  type WebhookEndpoint,
  type WebhookEndpoints,
} from '@app/core';
import type { EntityManager } from 'typeorm';
import type { Database, Statement } from '../pool/database.js';
import {
  ALL_ENDPOINTS,
  CALLBACK_SECRET,
  CREATE_ENDPOINT,
  DISABLE_ENDPOINT,
  ENABLED_ENDPOINTS,
  FIND_ENDPOINT,
  READ_CALLBACK_SECRET,
  REMOVE_ENDPOINT,
  REMOVE_SURPLUS_ENDPOINT,
  RESEAL_CALLBACK_SECRET,
  RESEAL_ENDPOINT,
  ROTATE_SECRET,
  UPDATE_ENDPOINT,
} from './webhooks.js';

interface EndpointRow extends EndpointSettings {
  id: string;
  tenant: string;
  secrets: { secret: string; expiresAt: string | null }[];
  disabled_at: Date | null;
  disabled_reason: string | null;
  created_at: Date;
}

/** Whose secret no key opens any more. */
export interface ReplacedSecret {
  /** Null: the secret of callback URLs. */
  endpoint: { id: string; url: string } | null;
  /** Null where only a former secret was dropped, beside which the current one can be read. */
  secret: string | null;
}

const ANY_NUMBER = 2 ** 31 - 1;

export class PostgresWebhookEndpoints implements WebhookEndpoints<EntityManager> {
  constructor(
    private readonly db: Database,
    /** `max`: how many a tenant may have; null: any number. */
    private readonly options: { max: (tenant: string) => number | null; secrets: SecretBox } = { max: () => 50, secrets: plainSecrets },
  ) {}

  async create(id: string, { url, description, events, kinds, tags }: EndpointSettings, secret: string, tenant = DEFAULT_TENANT): Promise<WebhookEndpoint> {
    const max = this.options.max(tenant) ?? ANY_NUMBER;
    const endpoint = await this.one(CREATE_ENDPOINT, [id, url, description, events, kinds, tags, this.sealed(id, secret), max, tenant]);
    // Another one that came at the same moment was not seen by that statement. Of both, each that finds too many goes.
    if (!endpoint || (await this.db.run(REMOVE_SURPLUS_ENDPOINT, [id, max, tenant])).length > 0) {
      throw new Refusal('too_many_endpoints', `expected at most ${max} endpoints (quota webhookEndpoints, MAX_WEBHOOK_ENDPOINTS), got one more: remove one`);
    }
    return endpoint;
  }

  find(id: string, sees: Sees = null): Promise<WebhookEndpoint | null> {
    return this.one(FIND_ENDPOINT, [id, sees]);
  }

  async all(sees: Sees = null): Promise<WebhookEndpoint[]> {
    return (await this.db.run<EndpointRow>(ALL_ENDPOINTS, [sees])).map((row) => this.toEndpoint(row));
  }

  async enabled(transaction: EntityManager): Promise<WebhookEndpoint[]> {
    return (await this.db.run<EndpointRow>(ENABLED_ENDPOINTS, [], transaction)).map((row) => this.toEndpoint(row));
  }

  update(id: string, settings: Partial<EndpointSettings>, enabled: boolean | undefined, sees: Sees = null): Promise<WebhookEndpoint | null> {
    const { url = null, description = null, events = null, kinds = null, tags = null } = settings;
    return this.one(UPDATE_ENDPOINT, [id, url, description, events, kinds, tags, enabled ?? null, sees]);
  }

  rotateSecret(id: string, secret: string, graceSeconds: number, sees: Sees = null): Promise<WebhookEndpoint | null> {
    return this.one(ROTATE_SECRET, [id, this.sealed(id, secret), graceSeconds, sees]);
  }

  async disable(id: string, reason: string): Promise<void> {
    await this.db.run(DISABLE_ENDPOINT, [id, reason]);
  }

  async remove(id: string, sees: Sees = null): Promise<boolean> {
    return (await this.db.run(REMOVE_ENDPOINT, [id, sees])).length > 0;
  }

  async callbackSecret(fresh: string): Promise<string> {
    const { secrets } = this.options;
    const [row] = await this.db.run<{ secret: string }>(CALLBACK_SECRET, [secrets.seal(fresh, CALLBACK_PLACE)]);
    return row ? secrets.open(row.secret, CALLBACK_PLACE) : fresh;
  }

  /** Throws, naming the key, where one of the secrets is sealed with a key that is not here. `ofCallbacks`: also that of callback URLs, which nobody reads where one is configured. */
  async requireKeys(ofCallbacks: boolean): Promise<void> {
    await this.all();
    if (!ofCallbacks) return;
    const [callback] = await this.db.run<{ secret: string }>(READ_CALLBACK_SECRET, []);
    if (callback) this.options.secrets.open(callback.secret, CALLBACK_PLACE);
  }

  async resealSecrets(): Promise<number> {
    const { secrets } = this.options;
    let resealed = 0;
    for (const row of await this.db.run<EndpointRow>(ALL_ENDPOINTS, [null])) {
      if (!row.secrets.some(({ secret }) => secrets.isStale(secret))) continue;
      const place = placeOf(row.id);
      const fresh = row.secrets.map((entry) => ({ ...entry, secret: secrets.seal(secrets.open(entry.secret, place), place) }));
      resealed += (await this.db.run(RESEAL_ENDPOINT, [row.id, JSON.stringify(row.secrets), JSON.stringify(fresh)])).length;
    }
    const [callback] = await this.db.run<{ secret: string }>(READ_CALLBACK_SECRET, []);
    if (callback && secrets.isStale(callback.secret)) {
      const fresh = secrets.seal(secrets.open(callback.secret, CALLBACK_PLACE), CALLBACK_PLACE);
      resealed += (await this.db.run(RESEAL_CALLBACK_SECRET, [callback.secret, fresh])).length;
    }
    return resealed;
  }

  /** Puts a fresh secret in the place of each that cannot be opened. What can be opened stays. */
  async replaceLost(fresh: () => string): Promise<ReplacedSecret[]> {
    const { secrets } = this.options;
    const replaced: ReplacedSecret[] = [];
    for (const row of await this.db.run<EndpointRow>(ALL_ENDPOINTS, [null])) {
      const [current] = row.secrets;
      const kept = row.secrets.filter(({ secret }) => this.opens(secret, placeOf(row.id)));
      if (kept.length === row.secrets.length) continue;
      const secret = current !== undefined && kept.includes(current) ? null : fresh();
      const next = secret === null ? kept : [{ secret: this.sealed(row.id, secret), expiresAt: null }, ...kept];
      const changed = await this.db.run(RESEAL_ENDPOINT, [row.id, JSON.stringify(row.secrets), JSON.stringify(next)]);
      if (changed.length > 0) replaced.push({ endpoint: { id: row.id, url: row.url }, secret });
    }
    const [callback] = await this.db.run<{ secret: string }>(READ_CALLBACK_SECRET, []);
    if (callback && !this.opens(callback.secret, CALLBACK_PLACE)) {
      const secret = fresh();
      const changed = await this.db.run(RESEAL_CALLBACK_SECRET, [callback.secret, secrets.seal(secret, CALLBACK_PLACE)]);
      if (changed.length > 0) replaced.push({ endpoint: null, secret });
    }
    return replaced;
  }

  private opens(stored: string, place: string): boolean {
    try {
      this.options.secrets.open(stored, place);
      return true;
    } catch {
      return false;
    }
  }

  private sealed(id: string, secret: string): string {
    return this.options.secrets.seal(secret, placeOf(id));
  }

  private async one(query: Statement, values: unknown[]): Promise<WebhookEndpoint | null> {
    const [row] = await this.db.run<EndpointRow>(query, values);
    return row ? this.toEndpoint(row) : null;
  }

  private toEndpoint({ disabled_at, disabled_reason, created_at, secrets, ...row }: EndpointRow): WebhookEndpoint {
    const place = placeOf(row.id);
    return {
      ...row,
      secrets: secrets.map(({ secret, expiresAt }) => ({
        secret: this.options.secrets.open(secret, place),
        expiresAt: expiresAt === null ? null : new Date(expiresAt),
      })),
      disabledAt: disabled_at,
      disabledReason: disabled_reason,
      createdAt: created_at,
    };
  }
}

const CALLBACK_PLACE = 'webhook callback secret';

function placeOf(endpointId: string): string {
  return `webhook endpoint ${endpointId}`;
}
