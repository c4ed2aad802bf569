import { createHash } from 'node:crypto';
import type { DeadLetter, DeadLetterFilter, DeadLetters, JobId, JsonValue, NewDeadLetter } from '@app/core';
import { type Database, statement } from './database.js';
import { fitting } from './fitting.js';

const RECORD = statement(
  'dead-letter:record',
  `INSERT INTO dead_letters AS d (identity, source, reason, detail, job_id, kind, queue, message_id, content_type, headers, body)
   VALUES ($1, 'message', $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10)
   ON CONFLICT (identity) DO UPDATE SET occurrences = d.occurrences + 1, last_seen_at = clock_timestamp(), redriven_at = NULL
   RETURNING id`,
);
const RECORDED = statement('dead-letter:recorded', 'SELECT id FROM dead_letters WHERE identity = ANY ($1) LIMIT 1');
const FIND = statement('dead-letter:find', 'SELECT * FROM dead_letters WHERE id = $1');
const MARK = statement('dead-letter:mark-redriven', 'UPDATE dead_letters SET redriven_at = now(), redriven_job_id = $2 WHERE id = $1');

/** Without the body, of which a page could be 200 MB. */
const LISTED = `id, source, reason, detail, job_id, kind, queue, message_id, content_type, headers, NULL::bytea AS body,
                 occurrences, created_at, last_seen_at, redriven_at, redriven_job_id`;

const MAX_DEPTH = 32;

interface DeadLetterRow {
  id: string;
  source: 'job' | 'message';
  reason: string;
  detail: string;
  job_id: string | null;
  kind: string | null;
  queue: string | null;
  message_id: string | null;
  content_type: string | null;
  headers: { [name: string]: JsonValue };
  body: Buffer | null;
  occurrences: number;
  created_at: Date;
  last_seen_at: Date;
  redriven_at: Date | null;
  redriven_job_id: string | null;
}

export class PostgresDeadLetters implements DeadLetters {
  /** `reads`: for lists, which may take long. */
  constructor(
    private readonly db: Database,
    private readonly reads = db,
  ) {}

  async record(letter: NewDeadLetter): Promise<string> {
    const [row] = await this.db.run<{ id: string }>(RECORD, [
      identityOf(letter),
      printable(letter.reason),
      printable(letter.detail),
      letter.jobId,
      printable(letter.kind),
      printable(letter.queue),
      printable(letter.messageId),
      printable(letter.contentType),
      JSON.stringify(storable(letter.headers)),
      letter.body,
    ]);
    return String(row?.id);
  }

  async recordedBefore(
    { kind, queue, messageId, body }: Omit<NewDeadLetter, 'reason' | 'detail' | 'jobId' | 'contentType' | 'headers'>,
    reasons: string[],
  ): Promise<boolean> {
    const identities = reasons.map((reason) => identityOf({ reason, kind, queue, messageId, body }));
    return (await this.db.run(RECORDED, [identities])).length > 0;
  }

  async find(id: string): Promise<DeadLetter | null> {
    const [row] = await this.db.run<DeadLetterRow>(FIND, [id]);
    return row ? toDeadLetter(row) : null;
  }

  /** Newest first. The cursor is the last id of the page before. */
  async list({ reason, kind, queue, source, redriven = false, cursor, limit }: DeadLetterFilter): Promise<{ items: DeadLetter[]; nextCursor: string | null }> {
    const values: unknown[] = [];
    const where = Object.entries({ reason, kind, queue, source })
      .filter(([, value]) => value !== undefined)
      .map(([column, value]) => `${column} = $${values.push(value)}`);
    if (!redriven) where.push('redriven_at IS NULL');
    if (cursor !== undefined) where.push(`(created_at, id) < (SELECT created_at, id FROM dead_letters WHERE id = $${values.push(cursor)})`);
    const text = `/* dead-letter:list */ SELECT ${LISTED} FROM dead_letters ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''}
      ORDER BY created_at DESC, id DESC LIMIT $${values.push(limit + 1)}`;
    const rows = await this.reads.runOnce<DeadLetterRow>(text, values);
    const items = fitting(rows.slice(0, limit)).map(toDeadLetter);
    return { items, nextCursor: rows.length > items.length ? (items.at(-1)?.id ?? null) : null };
  }

  async count({ reason, kind, queue, source, redriven = false }: Omit<DeadLetterFilter, 'cursor' | 'limit'>): Promise<number> {
    const values: unknown[] = [];
    const where = Object.entries({ reason, kind, queue, source })
      .filter(([, value]) => value !== undefined)
      .map(([column, value]) => `${column} = $${values.push(value)}`);
    if (!redriven) where.push('redriven_at IS NULL');
    const text = `/* dead-letter:count */ SELECT count(*)::integer AS letters FROM dead_letters ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''}`;
    const [row] = await this.db.runOnce<{ letters: number }>(text, values);
    return row?.letters ?? 0;
  }

  async markRedriven(id: string, jobId: JobId): Promise<void> {
    await this.db.run(MARK, [id, jobId]);
  }
}

/** The same message again has the same identity: delivered twice, or published twice, it is one letter with a count. */
function identityOf({ reason, kind, queue, messageId, body }: Pick<NewDeadLetter, 'reason' | 'kind' | 'queue' | 'messageId' | 'body'>): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([reason, kind, queue, messageId]))
    .update(body);
  return `message:${hash.digest('hex')}`;
}

/** Text from anywhere, made storable: PostgreSQL's text knows no NUL and no half surrogates. */
function printable(text: string): string;
function printable(text: string | null): string | null;
function printable(text: string | null): string | null {
  return text === null ? null : text.slice(0, 2_000).toWellFormed().replaceAll('\u0000', '\ufffd');
}

/** Any decoded header table as JSON that `jsonb` takes: names as well as values, and no deeper than anybody reads. */
function storable(value: unknown, depth = 0): JsonValue {
  if (typeof value === 'string') return printable(value);
  if (typeof value === 'boolean' || value === null || value === undefined) return value ?? null;
  // What is left has no JSON: not a number, infinite, or more than a double holds.
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object') return null;
  if (depth >= MAX_DEPTH) return 'nested too deep to be kept';
  if (Buffer.isBuffer(value)) return { base64: value.toString('base64') };
  if (Array.isArray(value)) return value.map((member) => storable(member, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [printable(name), storable(member, depth + 1)]));
}

function toDeadLetter(row: DeadLetterRow): DeadLetter {
  return {
    id: row.id,
    source: row.source,
    reason: row.reason,
    detail: row.detail,
    jobId: row.job_id as JobId | null,
    kind: row.kind,
    queue: row.queue,
    messageId: row.message_id,
    contentType: row.content_type,
    headers: row.headers,
    body: row.body,
    occurrences: row.occurrences,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    redrivenAt: row.redriven_at,
    redrivenJobId: row.redriven_job_id as JobId | null,
  };
}
