import type { Sees } from '@app/core';
import { seen } from '../pool/of-tenant.js';
import { type Database, statement } from '../pool/database.js';
import { LOST } from './postgres-keys.js';
import { PostgresTickets } from './postgres-tickets.js';

/** Who has signed in with an account of an identity provider, and what they may do while their session lasts. */
export interface SessionHolder {
  /** `oidc:` and the `sub` of the provider. */
  subject: string;
  name: string;
  /** Whose it is; `*`: it is for all tenants. */
  tenant: string;
  scopes: string[];
  /** As of a key. */
  kinds: string[] | null;
}

/** What a session rests on: a key, with which it ends, or a holder, whose rights are those of the moment of signing in. */
export type RestsOn = { keyId: string } | { holder: SessionHolder };

/** A session as its requests are judged. */
export interface ValidSession extends SessionHolder {
  requestsPerSecond: number | null;
  until: Date;
}

/** A session that is open, without what would let one use it. */
export interface OpenSession extends SessionHolder {
  id: string;
  openedAt: Date;
  /** To the minute. */
  lastUsedAt: Date;
  until: Date;
}

interface Row {
  id: string;
  subject: string;
  name: string;
  tenant: string;
  scopes: string[];
  kinds: string[] | null;
  requests_per_second: number | null;
  created_at: Date;
  seen_at: Date;
  until: Date;
}

/** Of `s`, a session, and `k`, its key where it has one. */
const COLUMNS = `s.id, coalesce('key:' || k.id, s.holder->>'subject') AS subject, coalesce(k.name, s.holder->>'name') AS name, coalesce(k.tenant, s.holder->>'tenant') AS tenant,
     coalesce(k.scopes, ARRAY(SELECT jsonb_array_elements_text(s.holder->'scopes'))) AS scopes,
     CASE WHEN s.holder IS NULL THEN k.kinds WHEN jsonb_typeof(s.holder->'kinds') = 'array' THEN ARRAY(SELECT jsonb_array_elements_text(s.holder->'kinds')) END AS kinds,
     k.requests_per_second, s.created_at, s.seen_at, least(s.expires_at, k.expires_at) AS until`;
const OPEN = `FROM lh.sessions s LEFT JOIN lh.api_keys k ON k.id = s.key_id
   WHERE s.expires_at > now() AND s.seen_at > now() - $1 * interval '1 second'
     AND (s.key_id IS NULL OR (k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())))`;

const ADD = statement(
  'sessions:open',
  `WITH over AS (DELETE FROM lh.sessions WHERE expires_at < now())
   INSERT INTO lh.sessions (hash, key_id, holder, expires_at) VALUES ($1, $2, $3, now() + $4 * interval '1 second') RETURNING expires_at`,
);
const VALID = statement('sessions:valid', `SELECT ${COLUMNS} ${OPEN} AND s.hash = $2`);
const LIST = statement(
  'sessions:list',
  `SELECT ${COLUMNS} ${OPEN} AND ${seen("coalesce(k.tenant, s.holder->>'tenant')", '$2')} ORDER BY s.created_at DESC, s.id LIMIT 1000`,
);
const SEEN = statement('sessions:seen', `UPDATE lh.sessions SET seen_at = now() WHERE hash = ANY($1) AND seen_at < now() - interval '1 minute'`);
const CLOSE = statement(
  'sessions:close',
  `WITH changed AS (DELETE FROM lh.sessions WHERE hash = $1 RETURNING hash), ${LOST} SELECT count(*)::int FROM changed`,
);
const REVOKE = statement(
  'sessions:revoke',
  `WITH changed AS (
     DELETE FROM lh.sessions s WHERE s.id = $1
       AND ${seen("coalesce((SELECT k.tenant FROM lh.api_keys k WHERE k.id = s.key_id), s.holder->>'tenant')", '$2')} RETURNING id), ${LOST}
   SELECT count(*)::int AS revoked FROM changed`,
);

/** The sessions of browsers, and the tickets with which their pages open streams. */
export class PostgresSessions {
  readonly tickets: PostgresTickets;

  constructor(private readonly db: Database) {
    this.tickets = new PostgresTickets(db);
  }

  /** Resolves with the session's end. */
  async open(hash: Buffer, on: RestsOn, seconds: number): Promise<Date> {
    const values = 'keyId' in on ? [on.keyId, null] : [null, JSON.stringify(on.holder)];
    const [row] = await this.db.run<{ expires_at: Date }>(ADD, [hash, ...values, seconds]);
    return (row as { expires_at: Date }).expires_at;
  }

  /** Null when it is unknown, over, idle for longer than `idleSeconds`, or its key is valid no more. */
  async valid(hash: Buffer, idleSeconds: number): Promise<ValidSession | null> {
    const [row] = await this.db.run<Row>(VALID, [idleSeconds, hash]);
    return row ? { ...holderIn(row), requestsPerSecond: row.requests_per_second, until: row.until } : null;
  }

  /** Those that are open, the newest 1,000. */
  async list(idleSeconds: number, sees: Sees = null): Promise<OpenSession[]> {
    const rows = await this.db.run<Row>(LIST, [idleSeconds, sees]);
    return rows.map((row) => ({ ...holderIn(row), id: row.id, openedAt: row.created_at, lastUsedAt: row.seen_at, until: row.until }));
  }

  /** Keeps that they were used now, to the minute. */
  async used(hashes: Buffer[]): Promise<void> {
    if (hashes.length > 0) await this.db.run(SEEN, [hashes]);
  }

  async close(hash: Buffer): Promise<void> {
    await this.db.run(CLOSE, [hash]);
  }

  /** False when there is none by this id. */
  async revoke(id: string, sees: Sees = null): Promise<boolean> {
    const [row] = await this.db.run<{ revoked: number }>(REVOKE, [id, sees]);
    return row?.revoked === 1;
  }
}

function holderIn({ subject, name, tenant, scopes, kinds }: Row): SessionHolder {
  return { subject, name, tenant, scopes, kinds };
}
