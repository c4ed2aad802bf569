import type { Sees } from '@app/core';
import { type Database, type Joined, statement } from '../pool/database.js';

/** An act that has changed something. */
export interface AuditRecord {
  id: string;
  at: Date;
  /** Of who has done it; `*`: of somebody who is for all tenants. */
  tenant: string;
  subject: string;
  /** How the subject was known: `key`, `session`, `jwt`, `local` (without AUTH), `cli`. */
  via: string;
  /** The operation of the API, such as `cancelJob`. */
  action: string;
  /** The path that it was done to. */
  target: string;
  /** The HTTP status that it was answered with. */
  outcome: number;
  ip: string;
  detail: Record<string, unknown>;
}

/** Null for what is not asked for. */
export interface AuditFilter {
  subject: string | null;
  action: string | null;
  target: string | null;
  from: Date | null;
  to: Date | null;
  /** Records before the one of this id. */
  before: string | null;
  limit: number;
}

const ADD = statement(
  'audit:add',
  `INSERT INTO lh.audit (id, tenant, subject, via, action, target, outcome, ip, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
);
const listing = (name: string, whose: string) =>
  statement(
    name,
    `SELECT id, at, tenant, subject, via, action, target, outcome, ip, detail FROM lh.audit
   WHERE ${whose} AND ($2::text IS NULL OR subject = $2) AND ($3::text IS NULL OR action = $3) AND ($4::text IS NULL OR target = $4)
     AND ($5::timestamptz IS NULL OR at >= $5) AND ($6::timestamptz IS NULL OR at < $6) AND ($7::uuid IS NULL OR id < $7)
   ORDER BY id DESC LIMIT $8`,
  );
/** By `audit_list`, `audit_subject` or `audit_action`, which begin with the tenant. */
const LIST = listing('audit:list', 'tenant = $1');
const LIST_ALL = listing('audit:list-all', '$1::text IS NULL');

/** Data of jobs, as requests, answers and schedules have them. */
const DATA: ReadonlySet<string> = new Set(['payload', 'result']);

/** The audit says what was done. Where data of jobs are encrypted it is no place in which they can be read. */
function withoutData(detail: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(detail, (field, value: unknown) =>
    DATA.has(field) && value !== null && value !== undefined ? '… left out: ENCRYPT_PAYLOADS' : value,
  );
  return JSON.parse(text) as Record<string, unknown>;
}

/** Who has changed what. Records are added and read, never changed. */
export class PostgresAudit {
  constructor(
    private readonly db: Database,
    private readonly reads: Database,
  ) {}

  async add({ id, tenant, subject, via, action, target, outcome, ip, detail }: Omit<AuditRecord, 'at'>, transaction?: Joined): Promise<void> {
    const kept = storableJson(this.db.data.isOn ? withoutData(detail) : detail);
    await this.db.run(ADD, [id, tenant, subject, via, action, target, outcome, ip, kept], transaction);
    // Not of the record alone: what it says was done shows in other places.
    this.db.changed([]);
  }

  /** The newest first. */
  async list(sees: Sees, { subject, action, target, from, to, before, limit }: AuditFilter): Promise<AuditRecord[]> {
    return this.reads.run<AuditRecord & Record<string, unknown>>(sees === null ? LIST_ALL : LIST, [sees, subject, action, target, from, to, before, limit]);
  }
}

/** What callers have sent may have characters that PostgreSQL refuses, and is not to keep an act out of the audit: U+FFFD stands in their place. */
function storableJson(detail: Record<string, unknown>): string {
  return JSON.stringify(detail, (_name, value: unknown) => {
    if (typeof value === 'string') return storableText(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]: [string, unknown]) => [storableText(name), member]));
  });
}

function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\ufffd');
}
