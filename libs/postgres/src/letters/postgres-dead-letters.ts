import { createHash } from 'node:crypto';
import {
  type DeadLetter,
  type DeadLetterFilter,
  type DeadLetters,
  DEFAULT_TENANT,
  type GroupFilter,
  type JobId,
  type JsonValue,
  type LetterGroups,
  type LetterNote,
  type LettersFilter,
  type NewDeadLetter,
  type Sees,
  type WaitingLetter,
} from '@app/core';
import { ofOneTenant, seen } from '../pool/of-tenant.js';
import { type Database, statement } from '../pool/database.js';
import { fitting } from '../pool/fitting.js';
import { placeOf } from '../sealed/job-data.js';
import { SEALED_LETTER, sealedIdentity } from '../sealed/letters.js';
import { WALK_STEPS } from '../control/walk.js';
import { GROUP_OLDER, messageFingerprint } from './fingerprint.js';
import { type DeadLetterRow, toDeadLetter } from './letter-row.js';
import { ACKNOWLEDGE, type GroupRow, groupsText, HOUR_MS, OPEN, REOPEN, toGroup, UNGROUPED } from './letter-groups.js';

const RECORD = statement(
  'dead-letter:record',
  `INSERT INTO lh.dead_letters AS d (identity, source, reason, detail, job_id, kind, queue, message_id, content_type, headers, body, properties, producer, tenant, fingerprint)
   VALUES ($1, 'message', $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, $11::jsonb, $12, $13, ${messageFingerprint('$2::text', '$12::text')})
   ON CONFLICT (identity) DO UPDATE SET occurrences = d.occurrences + 1, last_seen_at = clock_timestamp(), redriven_at = NULL, discarded_at = NULL, discard = NULL
   RETURNING id`,
);
const RECORDED = statement('dead-letter:recorded', 'SELECT id FROM lh.dead_letters WHERE identity = ANY ($1) LIMIT 1');
const FIND = statement('dead-letter:find', `SELECT * FROM lh.dead_letters WHERE id = $1 AND ${seen('tenant', '$2')}`);
const MARK = statement('dead-letter:mark-redriven', 'UPDATE lh.dead_letters SET redriven_at = now(), redriven_job_id = $2 WHERE id = $1');

const DISCARD = statement(
  'dead-letter:discard',
  `UPDATE lh.dead_letters SET discarded_at = now(), discard = $2::jsonb WHERE id = ANY ($1::uuid[]) AND ${OPEN} AND ${seen('tenant', '$3')} RETURNING id`,
);

/** Without the body, of which a page could be 200 MB. */
const LISTED = `id, source, reason, detail, job_id, kind, queue, message_id, content_type, headers, properties, producer, error, frame, fingerprint, tenant, NULL::bytea AS body,
                 occurrences, created_at, last_seen_at, redriven_at, redriven_job_id, discarded_at, discard`;

const LIST = statement('dead-letter:list', `SELECT ${LISTED} FROM lh.dead_letters WHERE id = ANY ($1::uuid[]) ORDER BY created_at DESC, id DESC`);

const MAX_DEPTH = 32;
/** Letters that one statement changes. */
const BATCH = 1_000;

export class PostgresDeadLetters implements DeadLetters {
  /** `reads`: for lists, which may take long. */
  constructor(
    private readonly db: Database,
    private readonly reads = db,
  ) {}

  async record(letter: NewDeadLetter): Promise<string> {
    const { data } = this.db;
    const sealed = data.seals(letter.kind);
    const identity = sealed ? sealedIdentity(identityOf(letter), data.digestKeys()[0]) : identityOf(letter);
    const [row] = await this.db.run<{ id: string }>(RECORD, [
      identity,
      printable(letter.reason),
      printable(letter.detail),
      letter.jobId,
      printable(letter.kind),
      printable(letter.queue),
      printable(letter.messageId),
      printable(letter.contentType),
      JSON.stringify(storable(letter.headers)),
      sealed ? Buffer.from(data.seal(letter.body, placeOf.letter(letter.tenant ?? DEFAULT_TENANT, identity)), 'latin1') : letter.body,
      letter.properties ? JSON.stringify(storable(letter.properties)) : null,
      printable(letter.producer ?? null),
      letter.tenant ?? DEFAULT_TENANT,
    ]);
    this.db.changed([]);
    return String(row?.id);
  }

  async recordedBefore(letter: Omit<Identified, 'reason'>, reasons: string[]): Promise<boolean> {
    const keys = this.db.data.digestKeys();
    const identities = reasons.map((reason) => identityOf({ ...letter, reason })).flatMap((plain) => [plain, ...keys.map((key) => sealedIdentity(plain, key))]);
    return (await this.db.run(RECORDED, [identities])).length > 0;
  }

  async find(id: string, sees: Sees = null): Promise<DeadLetter | null> {
    const [row] = await this.db.run<DeadLetterRow & { identity: string }>(FIND, [id, sees]);
    if (!row) return null;
    if (row.body && row.identity.startsWith(SEALED_LETTER))
      row.body = this.db.data.openBytes(row.body.toString('latin1'), placeOf.letter(row.tenant, row.identity));
    return toDeadLetter(row);
  }

  /** Newest first. The cursor is the place of the last letter of the page before, or where its look ended: see `walk`. */
  async list({ cursor, limit, ...filter }: DeadLetterFilter): Promise<{ items: DeadLetter[]; nextCursor: string | null }> {
    const { places, floor, more } = await this.walked(filter, cursor, limit);
    const rows = places.length === 0 ? [] : await this.reads.run<DeadLetterRow>(LIST, [places.map(idOf)]);
    const items = fitting(rows).map(toDeadLetter);
    if (items.length === rows.length) return { items, nextCursor: more ? (places.at(-1) ?? null) : floor };
    return { items, nextCursor: places.find((place) => idOf(place) === items.at(-1)?.id) ?? null };
  }

  async count(filter: Omit<DeadLetterFilter, 'cursor' | 'limit'>): Promise<number> {
    const { where, values } = conditionsOf(filter);
    const text = `/* dead-letter:count */ SELECT count(*)::integer AS letters FROM lh.dead_letters WHERE ${where}`;
    const [row] = await this.reads.runOnce<{ letters: number }>(text, values);
    return row?.letters ?? 0;
  }

  async groups(filter: GroupFilter): Promise<LetterGroups> {
    const { where, values } = conditionsOf({ ...filter, redriven: true, discarded: true });
    const at = (value: unknown) => `$${values.push(value)}`;
    const [hoursAt, limitAt] = [at(filter.hours), at(filter.limit)];
    const text = groupsText(filter, where, [hoursAt, limitAt, filter.tenant === undefined ? undefined : `${at(filter.tenant)}::text`]);
    const rows = await this.reads.runOnce<GroupRow>(text, values);
    const [older] = await this.reads.run<{ letters: number }>(UNGROUPED, [filter.tenant ?? null]);
    const [{ all_groups: groups, all_letters: letters } = { all_groups: 0, all_letters: 0 }] = rows;
    const hour = rows[0]?.hour_now ?? Math.floor(Date.now() / HOUR_MS);
    const hoursFrom = new Date((hour - filter.hours + 1) * HOUR_MS);
    return { items: rows.map((row) => toGroup(row, filter.hours)), groups, letters, ungrouped: older?.letters ?? 0, hoursFrom };
  }

  async acknowledge(group: string, { reason, by }: LetterNote, sees: Sees = null): Promise<boolean> {
    return (await this.db.run(ACKNOWLEDGE, [group, reason ?? null, by ?? null, sees])).length > 0;
  }

  async reopen(group: string, sees: Sees = null): Promise<void> {
    await this.db.run(REOPEN, [group, sees ?? DEFAULT_TENANT]);
  }

  /** Letters that a version without groups has stored get theirs. How many it were, `limit` at most. */
  async groupOlder(limit: number): Promise<number> {
    return (await this.db.run(GROUP_OLDER, [limit])).length;
  }

  /** By `dead_letters_newest`, or `dead_letters_group` for what is open of one group, in steps, until the page is full; `more`: there are more of those that were looked at. */
  private async walked(
    filter: Omit<DeadLetterFilter, 'cursor' | 'limit'>,
    cursor: string | undefined,
    limit: number,
  ): Promise<{ places: string[]; floor: string | null; more: boolean }> {
    const { where: hit, values } = conditionsOf(filter);
    const only = whereToLook(filter, values);
    if (cursor !== undefined) only.push(behind(cursor, values));
    const within = whereOf(only);
    const [budgetAt, wantedAt] = [`$${values.length + 1}`, `$${values.length + 2}`];
    const text = `/* dead-letter:walk */ WITH w AS MATERIALIZED (
        SELECT id, created_at, (${hit}) AS hit FROM lh.dead_letters ${within} ORDER BY created_at DESC, id DESC LIMIT ${budgetAt}
      ) SELECT ARRAY(SELECT ${PLACE} FROM w WHERE hit ORDER BY created_at DESC, id DESC LIMIT ${wantedAt}) AS places,
               (SELECT ${PLACE} FROM w ORDER BY created_at, id LIMIT 1) AS last, (SELECT count(*)::integer FROM w) AS looked`;
    for (const [step, budget] of WALK_STEPS.entries()) {
      const size = Math.max(budget, limit + 1);
      const [found] = await this.reads.runOnce<{ places: string[]; last: string | null; looked: number }>(text, [...values, size, limit + 1]);
      const { places, last, looked } = found ?? { places: [], last: null, looked: 0 };
      const more = places.length > limit;
      if (!more && looked === size && step < WALK_STEPS.length - 1) continue;
      return { places: places.slice(0, limit), floor: looked === size ? last : null, more };
    }
    return { places: [], floor: null, more: false };
  }

  async discard(id: string, note: LetterNote, sees: Sees = null): Promise<{ accepted: boolean; letter: DeadLetter } | null> {
    const accepted = (await this.db.run(DISCARD, [[id], JSON.stringify(note), sees])).length > 0;
    const letter = await this.find(id, sees);
    return letter && { accepted: accepted || letter.discardedAt !== null, letter };
  }

  /** In batches, so that no statement locks many rows for long. What comes meanwhile is not put away: nobody has seen it. */
  async discardAll(filter: Omit<DeadLetterFilter, 'cursor' | 'limit'>, note: LetterNote): Promise<number> {
    const [clock] = await this.db.runOnce<{ now: Date }>('/* dead-letter:clock */ SELECT clock_timestamp() AS now', []);
    const { where, values } = conditionsOf({ ...filter, redriven: false, discarded: false, before: (clock as { now: Date }).now });
    const some = `SELECT id FROM lh.dead_letters WHERE ${where} ORDER BY id LIMIT ${BATCH} FOR UPDATE`;
    const text = `/* dead-letter:discard-all */ UPDATE lh.dead_letters SET discarded_at = now(), discard = $${values.length + 1}::jsonb WHERE id = ANY (ARRAY(${some})) RETURNING id`;
    let discarded = 0;
    for (let batch = BATCH; batch === BATCH; discarded += batch) batch = (await this.db.runOnce(text, [...values, JSON.stringify(note)])).length;
    return discarded;
  }

  async page(filter: LettersFilter, after: string | null, size: number): Promise<{ letters: WaitingLetter[]; next: string | null }> {
    const { where: hit, values } = conditionsOf(filter);
    const only = whereToLook(filter, values);
    if (after !== null) only.push(behind(after, values));
    const [budgetAt, sizeAt] = [`$${values.length + 1}`, `$${values.length + 2}`];
    const text = `/* dead-letter:page */ WITH w AS MATERIALIZED (
        SELECT id, source, job_id, created_at, ${PLACE} AS place, (${hit}) AS hit FROM lh.dead_letters ${whereOf(only)}
        ORDER BY created_at DESC, id DESC LIMIT ${budgetAt}
      ) SELECT coalesce((
          SELECT json_agg(json_build_object('id', id, 'source', source, 'jobId', job_id, 'place', place) ORDER BY created_at DESC, id DESC)
          FROM (SELECT * FROM w WHERE hit ORDER BY created_at DESC, id DESC LIMIT ${sizeAt}) f
        ), '[]') AS letters, (SELECT place FROM w ORDER BY created_at, id LIMIT 1) AS last, (SELECT count(*)::integer FROM w) AS looked`;
    const budget = Math.max(WALK_STEPS.at(-1) as number, size);
    const [found] = await this.reads.runOnce<{ letters: (WaitingLetter & { place: string })[]; last: string | null; looked: number }>(text, [
      ...values,
      budget,
      size,
    ]);
    const { letters, last, looked } = found ?? { letters: [], last: null, looked: 0 };
    const end = looked === budget ? last : null;
    return { letters, next: letters.length === size ? (letters.at(-1)?.place ?? null) : end };
  }

  async discardMany(ids: string[], note: LetterNote): Promise<number> {
    return (await this.db.run(DISCARD, [ids, JSON.stringify(note), null])).length;
  }

  async markRedriven(id: string, jobId: JobId): Promise<void> {
    await this.db.run(MARK, [id, jobId]);
  }
}

function conditionsOf(filter: Omit<DeadLetterFilter, 'cursor' | 'limit'>): { where: string; values: unknown[] } {
  const { tenant, reason, kind, queue, source, group, from, to, before, redriven = false, discarded = false } = filter;
  const values: unknown[] = [];
  const where = Object.entries({ reason, kind, queue, source })
    .filter(([, value]) => value !== undefined)
    .map(([column, value]) => `coalesce(${column} = $${values.push(value)}::text, false)`);
  if (tenant !== undefined) where.unshift(ofOneTenant(tenant, placed(values)));
  if (group !== undefined) where.push(`fingerprint = $${values.push(group)}::text`);
  if (from !== undefined) where.push(`created_at >= $${values.push(from)}::timestamptz`);
  for (const end of [to, before]) if (end !== undefined) where.push(`created_at < $${values.push(end)}::timestamptz`);
  if (!redriven) where.push('redriven_at IS NULL');
  if (!discarded) where.push('discarded_at IS NULL');
  return { where: where.join(' AND ') || 'true', values };
}

/** Conditions that an index has: of a tenant, and of what waits of one group. */
function whereToLook({ tenant, group, redriven, discarded }: Omit<DeadLetterFilter, 'cursor' | 'limit'>, values: unknown[]): string[] {
  const only: string[] = tenant === undefined ? [] : [ofOneTenant(tenant, placed(values))];
  if (group !== undefined && !redriven && !discarded) only.push(`fingerprint = $${values.push(group)}::text AND ${OPEN}`);
  return only;
}

/** A letter's place in a list: its time in microseconds, and its id. The letter itself may be gone when the list goes on behind it. */
const PLACE = `(extract(epoch FROM created_at) * 1000000)::bigint || '-' || id`;

function behind(place: string, values: unknown[]): string {
  const time = `timestamptz 'epoch' + $${values.push(place.split('-', 1)[0])}::bigint * interval '1 microsecond'`;
  return `(created_at, id) < (${time}, $${values.push(idOf(place))}::uuid)`;
}

function idOf(place: string): string {
  return place.slice(place.indexOf('-') + 1);
}

function whereOf(conditions: string[]): string {
  return conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
}

/** Adds a value, and gives the parameter that it is. */
const placed = (values: unknown[]) => (value: unknown) => `$${values.push(value)}`;

type Identified = Pick<NewDeadLetter, 'reason' | 'kind' | 'queue' | 'messageId' | 'body' | 'tenant'>;

/** The same message again of the same tenant has the same identity: delivered twice, or published twice, it is one letter with a count. */
function identityOf(letter: Identified): string {
  const { reason, kind, queue, messageId, body, tenant = DEFAULT_TENANT } = letter;
  const hash = createHash('sha256')
    .update(JSON.stringify([reason, kind, queue, messageId, ...(tenant === DEFAULT_TENANT ? [] : [tenant])]))
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
