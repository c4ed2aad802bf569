import { createHash } from 'node:crypto';
import { type JobConditions, type JobId } from '@app/core';
import { type Database, statement } from '../pool/database.js';

/**
 * Searches by payload. `searchable_payload`, of migration 450, is NULL where a payload cannot be compared: such a job is not found, and keeps nobody from
 * finding others. First the nearest jobs of the kind are looked through, so that what is frequent is found at once. Then the index of the kind (`PayloadIndexes`), if an operator
 * has made one, leads to what is rare; without one, and for what is neither, all jobs of the kind are looked through, page by page. The steps are smaller than those of others,
 * because a payload of 64 KiB takes a millisecond and more. All together they look at fewer than 20,000 jobs.
 */
export const NEAR_STEPS = [25, 150];
export const FAR_STEPS = [100, 800, 3_000, 6_000, 9_000];

/** Jobs that the index leads to are fetched whole, up to the last of these, in growing steps, for each of them is compared with the condition once more. */
const FETCHED = [100, 1_000, 4_001];
const FETCH_MS = 200;
/** A step is not begun that may last longer, by what the steps before have cost; the next one may cost so many times as much. */
const CAUTION = 2;

/** Only one that can be used: it is not while it is made, and not when that has failed. */
const READY = statement('payload-index:ready', `SELECT FROM pg_catalog.pg_index WHERE indexrelid = pg_catalog.to_regclass($1) AND indisvalid`);

/** Its kind's name may be longer than that of an index. */
export function payloadIndexOf(kind: string): string {
  return `${PAYLOAD_INDEX}${createHash('sha256').update(kind).digest('hex').slice(0, 16)}`;
}

export const PAYLOAD_INDEX = 'jobs_payload_';

/** The condition on a row. Both sides are what the index is made of, with the tenant where one alone is searched. */
export function holdsPayload({ payload, tenant }: Pick<JobConditions, 'payload' | 'tenant'>, at: (value: unknown) => string): string {
  const wanted = `{"p":${payload ?? '{}'}${tenant === undefined ? '' : `,"t":${JSON.stringify(tenant)}`}}`;
  return `lh.searchable_payload(payload, tenant) @> ${at(wanted)}::jsonb`;
}

/** All jobs whose payload fits, by the index of their kind. Undefined where there is none, where it would have to be read from end to end, and where they are too many. */
export async function foundByPayload(
  reads: Database,
  { kinds, payload, tenant }: Pick<JobConditions, 'kinds' | 'payload' | 'tenant'>,
  lookMs: number = FETCH_MS,
): Promise<JobId[] | undefined> {
  const [kind] = kinds ?? [];
  if (kind === undefined || payload === undefined || !hasValue(JSON.parse(payload))) return undefined;
  const index = `"${reads.schema}"."${payloadIndexOf(kind)}"`;
  if ((await reads.run(READY, [index])).length === 0) return undefined;
  const values: unknown[] = [kind];
  const holds = holdsPayload({ payload, ...(tenant === undefined ? {} : { tenant }) }, (value) => `$${values.push(value)}`);
  // Apart, so that the bound, which ends the look at rows, does not make PostgreSQL prefer a way through all jobs of the kind.
  const text = `/* job:by-payload */ WITH found AS MATERIALIZED (SELECT id FROM lh.jobs WHERE kind = $1::text AND ${holds})
    SELECT id::text FROM found LIMIT $${values.length + 1}::integer`;
  const begun = performance.now();
  for (const [step, most] of FETCHED.entries()) {
    const rows = await reads.runOnce<{ id: JobId }>(text, [...values, most]);
    if (rows.length < most) return rows.map(({ id }) => id);
    const elapsed = performance.now() - begun;
    if (elapsed + CAUTION * (elapsed / most) * (FETCHED[step + 1] ?? Infinity) > lookMs) return undefined;
  }
  return undefined;
}

/** The index has values alone: `{"a":{}}` has none. */
function hasValue(value: unknown): boolean {
  return typeof value !== 'object' || value === null || Object.values(value).some(hasValue);
}
