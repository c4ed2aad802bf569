import { DEFAULT_TENANT, isTerminal, JOB_STATES, type JobConditions, type JobState } from '@app/core';
import type { Database } from '../pool/database.js';
import { OPEN } from '../letters/letter-groups.js';
import { claimed } from '../run/claim-jobs.js';
import { hasIndexes, ofOneTenant } from '../pool/of-tenant.js';
import { requireSearchable } from '../sealed/searchable.js';
import { FAR_STEPS, foundByPayload, holdsPayload, NEAR_STEPS } from './payload-search.js';
import { IN_STATE } from './read-jobs.js';
import { type Bound, type Bounds, type Span, type Walked, type Way, walk } from './walk.js';

export interface WalkedFilter extends JobConditions {
  /** Created before this time. It is a condition on the row alone: a job is not missed whose process had another time than the database. */
  before?: Date;
  /** Of no kind that begins so. */
  notOwn?: string;
  /** With a dead letter of this group that waits. */
  group?: string;
  /** With a dead letter that waits, of whatever group. */
  hasLetter?: true;
  /** Of another queue than this one, or with another priority. */
  notIn?: string;
  notOf?: number;
  /** That nobody has asked to stop. */
  notAsked?: true;
  /** Page after page to the end: a tag is looked for in the order of the pages, for a look at all of its jobs would be made for each. */
  allPages?: true;
}

/** Where a walk begins behind, and in which direction it goes; left out, at the newest job. */
export interface From {
  cursor?: string;
  oldestFirst?: boolean;
  /** About how long it looks, in milliseconds. */
  lookMs?: number;
}

export const FIRST_ID = '00000000-0000-0000-0000-000000000000';
export const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
/** Jobs of a tag that are fetched and sorted: with more, the newest jobs are looked through for it. */
const FEW = 4_000;
/** How much the time in a job's id, of the process that took it, may differ from the time that the database has stored. */
const CLOCKS_DIFFER_MS = 10_000;

/** Jobs of a key, whatever its scope: the scopes are few, and the index is by scope and key. */
const ofKey = (key: string) => `ARRAY(
  SELECT k.job_id FROM (
    WITH RECURSIVE scopes AS (
      (SELECT scope FROM lh.idempotency_keys ORDER BY scope LIMIT 1)
      UNION ALL SELECT (SELECT n.scope FROM lh.idempotency_keys n WHERE n.scope > s.scope ORDER BY n.scope LIMIT 1) FROM scopes s WHERE s.scope IS NOT NULL
    ) SELECT scope FROM scopes WHERE scope IS NOT NULL
  ) s JOIN lh.idempotency_keys k ON k.scope = s.scope AND k.key = ${key})`;

/** A filter's conditions on `jobs`, and the values of their parameters. */
export function conditionsOf(filter: WalkedFilter, values: unknown[]): string[] {
  const {
    tenant,
    ids,
    states,
    kinds,
    queue,
    tags,
    idempotencyKey,
    error,
    payload,
    createdFrom,
    createdTo,
    finishedFrom,
    finishedTo,
    before,
    group,
    hasLetter,
    notOwn,
    notIn,
    notOf,
    notAsked,
  } = filter;
  const where: string[] = [];
  const at = (value: unknown) => `$${values.push(value)}`;
  if (tenant !== undefined) where.push(ofOneTenant(tenant, at));
  if (ids !== undefined) where.push(`id = ANY (${at(ids)}::uuid[])`);
  if (idempotencyKey !== undefined) where.push(`id = ANY (${ofKey(`${at(idempotencyKey)}::text`)})`);
  if (kinds !== undefined) where.push(kinds.length === 1 ? `kind = ${at(kinds[0])}::text` : `kind = ANY (${at(kinds)}::text[])`);
  if (queue !== undefined) where.push(`queue = ${at(queue)}::text`);
  // The second half says that the index on tags, which has only jobs with some, may be used.
  if (tags !== undefined) where.push(withTags(tags, tenant, at));
  if (createdFrom !== undefined) where.push(`created_at >= ${at(createdFrom)}::timestamptz`);
  if (createdTo !== undefined) where.push(`created_at < ${at(createdTo)}::timestamptz`);
  if (finishedFrom !== undefined) where.push(`finished_at >= ${at(finishedFrom)}::timestamptz`);
  if (finishedTo !== undefined) where.push(`finished_at < ${at(finishedTo)}::timestamptz`);
  if (before !== undefined) where.push(`created_at < ${at(before)}::timestamptz`);
  if (notOwn !== undefined) where.push(`NOT starts_with(kind, ${at(notOwn)}::text)`);
  if (group !== undefined) where.push(withLetter(`d.fingerprint = ${at(group)}::text AND `));
  if (hasLetter) where.push(withLetter(''));
  if (notIn !== undefined) where.push(`queue <> ${at(notIn)}::text`);
  if (notOf !== undefined) where.push(`priority <> ${at(notOf)}::integer`);
  if (notAsked) where.push('NOT cancel_requested');
  const [state, ...others] = states ?? [];
  if (state !== undefined) where.push(others.length === 0 ? IN_STATE[state](`${at(state)}::text`) : `state = ANY (${at(states)}::text[])`);
  if (error !== undefined)
    where.push(
      `strpos(lower(concat_ws(' ', errors -> -1 ->> 'code', errors -> -1 ->> 'name', errors -> -1 ->> 'message')), lower(${at(error)}::text)) > 0 AND errors <> '[]'`,
    );
  // The dearest comes last: it is for the rows alone that all others fit.
  if (payload !== undefined) where.push(holdsPayload({ payload, ...(tenant === undefined ? {} : { tenant }) }, at));
  return where;
}

function withLetter(which: string): string {
  return `EXISTS (SELECT FROM lh.dead_letters d WHERE ${which}d.job_id = jobs.id AND ${OPEN} AND d.source = 'job')`;
}

/** The second half says that the index on tags, which has only jobs with some, may be used. That of tenants has each job's tenant among its tags. */
function withTags(tags: readonly string[], tenant: string | undefined, at: (value: unknown) => string): string {
  if (!hasIndexes(tenant)) return `tags @> ${at(tags)}::text[] AND tags <> '{}'`;
  return `array_append(tags, chr(10) || tenant) @> ${at([...tags, `\n${tenant}`])}::text[] AND tags <> '{}' AND tenant <> '${DEFAULT_TENANT}'`;
}

/** The newest or oldest jobs that fit, each look bounded: see `walk`. `wanted` ids at most; there may be fewer though `floor` says there is more. */
export async function walkJobs(reads: Database, filter: WalkedFilter, wanted: number, from: From = {}): Promise<Walked> {
  const span = spanOf(filter, from);
  const bound = { lookMs: from.lookMs };
  if (filter.payload === undefined) return walkBy(reads, filter, span, wanted, bound);
  requireSearchable(reads.data, filter);
  // What is frequent is found at once, and costs the index as much as there is of it.
  const near = await walkBy(reads, filter, span, wanted, { ...bound, steps: NEAR_STEPS });
  if (near.floor === null || near.ids.length >= wanted) return near;
  const ids = await foundByPayload(reads, filter, from.lookMs);
  if (ids !== undefined) {
    const known: WalkedFilter = { ...filter, ids };
    delete known.payload;
    return walkBy(reads, known, span, wanted, bound);
  }
  const far = await walkBy(reads, filter, { ...span, start: near.floor, included: false }, wanted - near.ids.length, { ...bound, steps: FAR_STEPS });
  return { ids: [...near.ids, ...far.ids], floor: far.floor };
}

async function walkBy(reads: Database, filter: WalkedFilter, span: Span, wanted: number, bound: Bound): Promise<Walked> {
  const values: unknown[] = [];
  const hit = conditionsOf(filter, values).join(' AND ') || 'true';
  const ways = await waysOf(reads, filter, hit, (value) => `$${values.push(value)}`);
  return walk(reads, 'job:walk', ways, values, span, wanted, bound);
}

/** Ids begin with the time, so times are ends of the walk: of the creation, and of the end, before which a job was created. */
export function spanOf({ createdFrom, createdTo, finishedTo }: JobConditions, { cursor, oldestFirst = false }: From): Span {
  const latest = [createdTo, finishedTo].flatMap((time) => (time === undefined ? [] : [time.getTime() + CLOCKS_DIFFER_MS]));
  const newest = latest.length === 0 ? LAST_ID : idAt(Math.min(...latest));
  const oldest = createdFrom === undefined ? FIRST_ID : idAt(createdFrom.getTime() - CLOCKS_DIFFER_MS);
  const [start, end] = oldestFirst ? [oldest, newest] : [newest, oldest];
  // What is no cursor's own has no end: the last id of all belongs to the first page.
  const within = cursor !== undefined && (oldestFirst ? cursor >= start : cursor <= start);
  return { oldestFirst, end, start: within ? cursor : start, included: !within };
}

/** The least id that a job of this time may have. */
function idAt(ms: number): string {
  const digits = Math.min(Math.max(0, Math.floor(ms)), 0xffff_ffff_ffff)
    .toString(16)
    .padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}-0000-0000-000000000000`;
}

/** The time in an id. */
export function timeOf(id: string): Date {
  return new Date(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16));
}

/**
 * By which indexes jobs are looked for. What few jobs can have is fetched whole: an id, a key, what runs, a tag that few have. Otherwise by kind and by
 * state at once, and where neither is given by the id alone. All else is looked at in the rows that these give.
 */
async function waysOf(reads: Database, filter: WalkedFilter, hit: string, at: (value: unknown) => string): Promise<Way[]> {
  const { tenant, ids, states, kinds, queue, tags, idempotencyKey, allPages } = filter;
  // Asked for only where it is used: PostgreSQL refuses a parameter that no part of the statement has.
  const own = () => (hasIndexes(tenant) ? `${at(tenant)}::text` : undefined);
  const rows = (part: string) => `SELECT id, coalesce(${hit}, false) AS hit, ${part} AS part FROM lh.jobs`;
  const whole = (which: string): Way[] => [
    { whole: true, text: ({ start, end, beyondStart, beforeEnd }) => `${rows(`''`)} WHERE ${which} AND id ${beyondStart} ${start} AND id ${beforeEnd} ${end}` },
  ];
  if (ids !== undefined) return whole(`id = ANY (${at(ids)}::uuid[])`);
  if (idempotencyKey !== undefined) return whole(`id = ANY (${ofKey(`${at(idempotencyKey)}::text`)})`);
  if (states?.length === 1 && states[0] === 'running') return whole(`id = ${claimed()}`);
  if (tags !== undefined && !allPages && (await tagged(reads, tags, tenant)) <= FEW) return whole(withTags(tags, tenant, at));
  const ways: Way[] = [];
  if (kinds !== undefined) ways.push(byKind(`${at(kinds)}::text[]`, kinds.length, rows, own()));
  if (states !== undefined && new Set(states).size < JOB_STATES.length)
    ways.push(
      hasIndexes(tenant)
        ? byStateOfTenant(new Set(states), rows, own())
        : byState(new Set(states), queue === undefined ? undefined : () => `${at(queue)}::text`, rows),
    );
  if (ways.length === 0) {
    const whose = own();
    ways.push({
      text: (bounds, budget) => ofIndex(rows, `''`, [[], [], 'true'], bounds, budget, whose),
    });
  }
  return ways;
}

type Rows = (part: string) => string;

/** By an index over a column and the id, compared as pairs so that only this index has the order; with the tenant before them where it has indexes of its own. */
function ofIndex(
  rows: Rows,
  part: string,
  [columns, values, only]: [columns: string[], values: string[], only: string],
  { start, beyondStart, end, beforeEnd, direction }: Bounds,
  budget: string,
  tenant: string | undefined,
): string {
  const names = [...(tenant === undefined ? [] : ['tenant']), ...columns, 'id'];
  const at = (id: string) => `(${[...(tenant === undefined ? [] : [tenant]), ...values, id].join(', ')})`;
  const order = names.map((name) => `${name} ${direction}`).join(', ');
  const key = `(${names.join(', ')})`;
  return `${rows(part)} WHERE ${only}${tenant === undefined ? '' : ` AND tenant <> '${DEFAULT_TENANT}'`} AND ${key} ${beyondStart} ${at(start)} AND ${key} ${beforeEnd} ${at(end)}
    ORDER BY ${order} LIMIT ${budget}`;
}

/** `tenant`: the parameter of one that has indexes of its own. */
function byKind(kinds: string, count: number, rows: Rows, tenant: string | undefined): Way {
  return {
    parts: String(count),
    text: (bounds, budget) => `SELECT j.* FROM unnest(${kinds}) AS k (name) CROSS JOIN LATERAL (
      ${ofIndex(rows, 'k.name', [['kind'], ['k.name'], 'true'], bounds, budget, tenant)}) j`,
  };
}

/**
 * Ended jobs by their outcome; what waits and what is scheduled queue by queue, for these indexes are by queue. A queue with jobs that have not
 * ended is in `queues`. What runs is in the lists of the workers.
 */
function byState(states: ReadonlySet<JobState>, queue: (() => string) | undefined, rows: Rows): Way {
  const outcomes = [...states].filter(isTerminal);
  const unfinished = (['queued', 'scheduled'] as const).filter((state) => states.has(state));
  // PostgreSQL refuses a parameter that no part of the statement has.
  const queues = unfinished.length === 0 || queue === undefined ? 'SELECT name FROM lh.queues' : `SELECT ${queue()} AS name`;
  const ofQueues = queue === undefined ? '(SELECT count(*) FROM lh.queues)' : '1';
  return {
    parts: `${outcomes.length} + ${unfinished.length} * ${ofQueues}`,
    text: (bounds, budget) => {
      const { start, end, beyondStart, beforeEnd } = bounds;
      const texts = outcomes.map((outcome) => ofOutcome(outcome, rows, bounds, budget, undefined));
      for (const state of unfinished) {
        const only = state === 'queued' ? 'finished_at IS NULL AND run_at IS NULL' : 'run_at IS NOT NULL';
        texts.push(`(SELECT j.* FROM (${queues}) q CROSS JOIN LATERAL (
          ${ofIndex(rows, `'${state} ' || q.name`, [['queue'], ['q.name'], only], bounds, budget, undefined)}) j)`);
      }
      // Not twice: what waits and what runs have one index.
      const others = [
        ...(states.has('queued') ? ['NOT (finished_at IS NULL AND run_at IS NULL)'] : []),
        ...(states.has('scheduled') ? ['run_at IS NULL'] : []),
      ];
      const which = [`id = ${claimed()}`, `id ${beyondStart} ${start}`, `id ${beforeEnd} ${end}`, ...others].join(' AND ');
      if (states.has('running')) texts.push(`(${rows('NULL::text')} WHERE ${which})`);
      return texts.join(' UNION ALL ');
    },
  };
}

function ofOutcome(outcome: JobState, rows: Rows, bounds: Bounds, budget: string, tenant: string | undefined): string {
  return `(${ofIndex(rows, `'${outcome}'`, [['outcome'], [`'${outcome}'`], 'outcome IS NOT NULL'], bounds, budget, tenant)})`;
}

/** Of a tenant with indexes of its own: ended jobs by their outcome, all others by one index. */
function byStateOfTenant(states: ReadonlySet<JobState>, rows: Rows, tenant: string | undefined): Way {
  const outcomes = [...states].filter(isTerminal);
  const unfinished = [...states].filter((state) => !isTerminal(state));
  return {
    parts: String(outcomes.length + (unfinished.length > 0 ? 1 : 0)),
    text: (bounds, budget) => {
      const texts = outcomes.map((outcome) => ofOutcome(outcome, rows, bounds, budget, tenant));
      if (unfinished.length > 0) texts.push(`(${ofIndex(rows, `'unfinished'`, [[], [], 'finished_at IS NULL'], bounds, budget, tenant)})`);
      return texts.join(' UNION ALL ');
    },
  };
}

/** About how many jobs have all of these tags, by the planner's statistics. */
async function tagged(reads: Database, tags: readonly string[], tenant: string | undefined): Promise<number> {
  const values: unknown[] = [];
  const which = hasIndexes(tenant) ? withTags(tags, tenant, (value) => `$${values.push(value)}`) : `tags @> $${values.push(tags)}::text[]`;
  const text = `/* job:tagged */ EXPLAIN (FORMAT JSON) SELECT FROM lh.jobs WHERE ${which}`;
  const [row] = await reads.runOnce<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>(text, values);
  return row?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0;
}
