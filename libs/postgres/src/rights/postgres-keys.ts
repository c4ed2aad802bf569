import { ALL_TENANTS, type Sees } from '@app/core';
import { seen } from '../pool/of-tenant.js';
import { type Database, statement } from '../pool/database.js';

/** An API key as it is stored, without what would let one use it. */
export interface ApiKey {
  /** The part of the key that is no secret. */
  id: string;
  /** Whose it is; `*`: it is for all tenants. */
  tenant: string;
  name: string;
  scopes: string[];
  /** The kinds that it may submit and see, or beginnings such as `report.*`; null for all. */
  kinds: string[] | null;
  /** Its own limit on requests in a process; 0: none. Null: that of the settings. */
  requestsPerSecond: number | null;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  createdAt: Date;
  createdBy: string;
  revokedAt: Date | null;
  revokedBy: string | null;
}

export interface NewApiKey extends Pick<ApiKey, 'id' | 'tenant' | 'name' | 'scopes' | 'kinds' | 'requestsPerSecond' | 'expiresAt' | 'createdBy'> {
  hash: Buffer;
}

interface KeyRow {
  id: string;
  tenant: string;
  name: string;
  scopes: string[];
  kinds: string[] | null;
  requests_per_second: number | null;
  expires_at: Date | null;
  last_used_at: Date | null;
  created_at: Date;
  created_by: string;
  revoked_at: Date | null;
  revoked_by: string | null;
}

const COLUMNS = 'id, tenant, name, scopes, kinds, requests_per_second, expires_at, last_used_at, created_at, created_by, revoked_at, revoked_by';
const VALID = 'revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())';
/** Tells every gateway that something in `changed` may have lost its rights. */
export const LOST = 'lost AS (UPDATE lh.rights SET revision = revision + 1 WHERE EXISTS (SELECT 1 FROM changed))';

const CREATE = statement(
  'keys:create',
  `INSERT INTO lh.api_keys (id, name, hash, scopes, kinds, expires_at, created_by, tenant, requests_per_second) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ${COLUMNS}`,
);
const LIST = statement('keys:list', `SELECT ${COLUMNS} FROM lh.api_keys WHERE ${seen('tenant', '$1')} ORDER BY created_at DESC, id LIMIT 1000`);
const FIND = statement('keys:find', `SELECT ${COLUMNS} FROM lh.api_keys WHERE id = $1 AND ${seen('tenant', '$2')}`);
const VALID_KEY = statement('keys:valid', `SELECT ${COLUMNS} FROM lh.api_keys WHERE hash = $1 AND ${VALID}`);
const BOOTSTRAP = statement(
  'keys:bootstrap',
  `WITH changed AS (
     INSERT INTO lh.api_keys AS k (id, tenant, name, hash, scopes, created_by) VALUES ('bootstrap', '${ALL_TENANTS}', 'bootstrap', $1, '{admin}', 'environment')
     ON CONFLICT (id) DO UPDATE SET tenant = excluded.tenant, hash = excluded.hash, created_at = now(), revoked_at = NULL, revoked_by = NULL WHERE k.hash <> excluded.hash RETURNING id), ${LOST}
   SELECT count(*)::int FROM changed`,
);
const REVOKE = statement(
  'keys:revoke',
  `WITH changed AS (UPDATE lh.api_keys SET revoked_at = coalesce(revoked_at, now()), revoked_by = coalesce(revoked_by, $2) WHERE id = $1 AND ${seen('tenant', '$3')} RETURNING *), ${LOST}
   SELECT ${COLUMNS} FROM changed`,
);
/** The former key stays valid until the end of the overlap, so that no caller is refused while the new one is carried to it. */
const EXPIRE = statement(
  'keys:expire',
  `WITH changed AS (
     UPDATE lh.api_keys SET expires_at = least(expires_at, now() + $2 * interval '1 second') WHERE id = $1 AND revoked_at IS NULL RETURNING *), ${LOST}
   SELECT ${COLUMNS} FROM changed`,
);
const USED = statement(
  'keys:used',
  `UPDATE lh.api_keys SET last_used_at = now() WHERE id = ANY($1) AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
);
const REVISION = statement('keys:revision', 'SELECT revision::text FROM lh.rights');
/** API keys. */
export class PostgresKeys {
  constructor(private readonly db: Database) {}

  async create({ id, tenant, name, hash, scopes, kinds, requestsPerSecond, expiresAt, createdBy }: NewApiKey): Promise<ApiKey> {
    const [row] = await this.db.run<KeyRow>(CREATE, [id, name, hash, scopes, kinds, expiresAt, createdBy, tenant, requestsPerSecond]);
    return toKey(row as KeyRow);
  }

  /** The newest 1,000, also those that are valid no more. */
  async list(sees: Sees = null): Promise<ApiKey[]> {
    return (await this.db.run<KeyRow>(LIST, [sees])).map(toKey);
  }

  async find(id: string, sees: Sees = null): Promise<ApiKey | null> {
    const [row] = await this.db.run<KeyRow>(FIND, [id, sees]);
    return row ? toKey(row) : null;
  }

  /** Null when no key has this hash, or it is revoked or expired. */
  async valid(hash: Buffer): Promise<ApiKey | null> {
    const [row] = await this.db.run<KeyRow>(VALID_KEY, [hash]);
    return row ? toKey(row) : null;
  }

  /** Gives the key `bootstrap` this hash. One that was revoked stays so, until the hash is another. */
  async bootstrap(hash: Buffer): Promise<void> {
    await this.db.run(BOOTSTRAP, [hash]);
  }

  /** Null when there is no such key. Repeated it changes nothing. */
  async revoke(id: string, by: string, sees: Sees = null): Promise<ApiKey | null> {
    const [row] = await this.db.run<KeyRow>(REVOKE, [id, by, sees]);
    return row ? toKey(row) : null;
  }

  /** Lets a key end in so many seconds, or sooner where it would have. Null when it is unknown or revoked. */
  async expireIn(id: string, seconds: number): Promise<ApiKey | null> {
    const [row] = await this.db.run<KeyRow>(EXPIRE, [id, seconds]);
    return row ? toKey(row) : null;
  }

  /** Keeps when they were used, to the minute. */
  async used(ids: string[]): Promise<void> {
    if (ids.length > 0) await this.db.run(USED, [ids]);
  }

  /** Another one than before: some key or session may have lost its rights. */
  async revision(): Promise<string> {
    const [row] = await this.db.run<{ revision: string }>(REVISION, []);
    return row?.revision ?? '0';
  }
}

function toKey(row: KeyRow): ApiKey {
  return {
    id: row.id,
    tenant: row.tenant,
    name: row.name,
    scopes: row.scopes,
    kinds: row.kinds,
    requestsPerSecond: row.requests_per_second,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    createdAt: row.created_at,
    createdBy: row.created_by,
    revokedAt: row.revoked_at,
    revokedBy: row.revoked_by,
  };
}
