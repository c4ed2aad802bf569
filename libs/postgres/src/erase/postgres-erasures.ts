import {
  type Erased,
  type ErasedThing,
  ERASED_THINGS,
  type ErasureLeft,
  type ErasureOrder,
  type ErasureStore,
  isSealed,
  isUuid,
  type JobId,
  type JobState,
  OWN_KIND_PREFIX,
  type Sees,
  uuidv7,
} from '@app/core';
import type { EntityManager } from 'typeorm';
import { FIND_BY_IDS } from '../control/read-jobs.js';
import { conditionsOf, FIRST_ID, type WalkedFilter, walkJobs } from '../control/job-walk.js';
import { type Database, type Joined, type Statement } from '../pool/database.js';
import { transact } from '../pool/transact.js';
import { PostgresAudit } from '../rights/postgres-audit.js';
import { placeOf } from '../sealed/job-data.js';
import * as sql from './erase-statements.js';

/** As somebody has asked for it. */
export interface AskedErasure extends Omit<ErasureOrder, 'before'> {
  reason: string | null;
  /** Who has asked, how that was known, and from where: as the audit has it. */
  subject: string;
  via: string;
  ip: string;
}

/** What is kept of an erasure. */
export interface Erasure extends AskedErasure {
  askedAt: Date;
  removed: Erased;
  /** Null until it has ended. */
  jobsSha256: string | null;
  left: ErasureLeft | null;
  finishedAt: Date | null;
  /** Of the job that does it; null when that is not stored any more. */
  state: JobState | null;
}

/** What an erasure would find now. */
export interface ErasureEstimate {
  jobs: number;
  unfinished: number;
  deadLetters: number;
  deliveries: number;
  files: number;
  schedules: number;
}

interface ErasureRow {
  id: JobId;
  tenant: string;
  tag: string;
  keep_files: boolean;
  reason: string | null;
  subject: string;
  via: string;
  ip: string;
  asked_at: Date;
  removed: Partial<Erased>;
  jobs_sha256: string | null;
  remaining: ErasureLeft | null;
  finished_at: Date | null;
  state: JobState | null;
}

const UUIDS = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
const ENDED = ['succeeded', 'failed', 'cancelled'] as const;
/** Of Longhaul's own jobs, whose payloads are small. */
const LOOKED_AT = 2_000;

/** Whoever counts what was sent to an address forgets the address. */
export interface Recipients {
  forget(recipients: string[], transaction: Joined): Promise<void>;
}

/** What was erased of whom, and the statements that do it. */
export class PostgresErasures implements ErasureStore {
  private readonly audit: PostgresAudit;

  /** `reads`: for searches, which may take long. */
  constructor(
    private readonly db: Database,
    private readonly reads: Database,
    private readonly recipients: Recipients,
  ) {
    this.audit = new PostgresAudit(db, reads);
  }

  /** Of an id that there is nothing changes. */
  async add({ id, tenant, tag, keepFiles, reason, subject, via, ip }: AskedErasure, transaction?: Joined): Promise<void> {
    await this.db.run(sql.ADD_ERASURE, [id, tenant, tag, keepFiles, reason, subject, via, ip], transaction);
  }

  async find(id: JobId, sees: Sees): Promise<Erasure | null> {
    const [row] = await this.db.run<ErasureRow & Record<string, unknown>>(sql.FIND_ERASURE, [id, sees]);
    return row ? toErasure(row) : null;
  }

  /** The newest first: those of a tag where one is given, asked for before the one of this id. */
  async list(sees: Sees, { tag, before, limit }: { tag: string | null; before: string | null; limit: number }): Promise<Erasure[]> {
    const statement = sees === null ? sql.LIST_ALL_ERASURES : sql.LIST_ERASURES;
    return (await this.reads.run<ErasureRow & Record<string, unknown>>(statement, [sees, tag, before, limit])).map(toErasure);
  }

  async estimate(order: Pick<ErasureOrder, 'tenant' | 'tag' | 'before'>): Promise<ErasureEstimate> {
    const values: unknown[] = [];
    const mine = `SELECT id FROM lh.jobs WHERE ${conditionsOf(ofTag(order), values).join(' AND ')}`;
    const tenant = `$${values.push(order.tenant)}::text`;
    const [row] = await this.reads.runOnce<Omit<ErasureEstimate, 'schedules'> & Record<string, number>>(
      `/* erasure:estimate */ WITH mine AS MATERIALIZED (${mine})
       SELECT (SELECT count(*) FROM mine)::integer AS jobs,
              (SELECT count(*) FROM mine JOIN lh.jobs j ON j.id = mine.id WHERE j.finished_at IS NULL)::integer AS unfinished,
              (SELECT count(*) FROM lh.dead_letters WHERE job_id IN (SELECT id FROM mine) OR redriven_job_id IN (SELECT id FROM mine))::integer AS "deadLetters",
              (SELECT count(*) FROM lh.webhook_deliveries WHERE job_id IN (SELECT id FROM mine))::integer AS deliveries,
              (SELECT count(*) FROM (${sql.filesOf('SELECT id FROM mine', tenant)}) f)::integer AS files`,
      values,
    );
    const { jobs = 0, unfinished = 0, deadLetters = 0, deliveries = 0, files = 0 } = row ?? {};
    return { jobs, unfinished, deadLetters, deliveries, files, schedules: await this.schedules(order) };
  }

  unfinished(order: ErasureOrder): Promise<number> {
    return this.count(order, 'finished_at IS NULL');
  }

  async ended(order: ErasureOrder, after: string | null, size: number): Promise<{ ids: JobId[]; next: string | null }> {
    const { ids, floor } = await walkJobs(this.reads, { ...ofTag(order), states: ENDED }, size + 1, after === null ? {} : { cursor: after });
    const page = ids.slice(0, size);
    return { ids: page as JobId[], next: ids.length > size ? (page.at(-1) ?? null) : floor };
  }

  async erase({ id, tenant, keepFiles }: ErasureOrder, ids: readonly JobId[], as: 'jobs' | 'notifications'): Promise<number> {
    const gone = await this.counting(id, async (transaction, count) => {
      const rows = await this.db.run<{ id: JobId; abandoned: boolean }>(sql.LOCK_ENDED, [ids], transaction);
      const ended = rows.map((row) => row.id);
      if (ended.length === 0) return [];
      await this.db.run(sql.ERASE_NOTICES, [ended], transaction);
      if (as === 'jobs' && !keepFiles) {
        await this.db.run(sql.REMEMBER_FILES, [id, ended, tenant], transaction);
        await this.rememberSealed(id, ended, tenant, transaction);
      }
      if (as === 'notifications') await this.recipients.forget(await this.recipientsOf(ended, transaction), transaction);
      const [row] = await this.db.run<Record<'jobs' | 'steps' | 'events' | 'letters' | 'deliveries', number>>(sql.ERASE_JOBS, [id, ended, as], transaction);
      const { jobs = 0, steps = 0, events = 0, letters = 0, deliveries = 0 } = row ?? {};
      const abandoned = as === 'jobs' ? rows.filter((job) => job.abandoned).length : 0;
      count({ [as]: jobs, steps, events, deadLetters: letters, deliveries, abandoned });
      return ended;
    });
    if (gone.length > 0) this.db.changed(gone);
    return gone.length;
  }

  async notifications({ id }: ErasureOrder): Promise<{ ids: JobId[]; kinds: string[] }> {
    const kinds = (await this.db.run<{ kind: string }>(sql.OWN_KINDS, [OWN_KIND_PREFIX])).map(({ kind }) => kind);
    for (const kind of kinds) {
      for (let after = FIRST_ID, more = true; more;) {
        const page = await this.db.run<{ id: string; payload: string }>(sql.OWN_JOBS, [kind, after, LOOKED_AT]);
        const told = page.map((job) => ({ id: job.id, ...toldIn(job.payload) })).filter(({ job, delivery }) => job !== null || delivery !== null);
        const columns = [told.map((job) => job.id), told.map(({ job }) => job), told.map(({ delivery }) => delivery)];
        if (told.length > 0) await this.db.run(sql.REMEMBER_TELLING, [id, ...columns]);
        more = page.length === LOOKED_AT;
        after = page.at(-1)?.id ?? after;
      }
    }
    return { ids: await this.ids(sql.TELLING, [id]), kinds };
  }

  present(ids: readonly JobId[]): Promise<JobId[]> {
    return this.ids(sql.PRESENT, [ids]);
  }

  async sweep({ id, tenant, keepFiles }: ErasureOrder): Promise<void> {
    await this.counting(id, async (transaction, count) => {
      const removed = async (statement: Statement) => (await this.db.run(statement, [id], transaction)).length;
      count({ idempotencyKeys: await removed(sql.SWEEP_KEYS), deadLetters: await removed(sql.SWEEP_LETTERS), deliveries: await removed(sql.SWEEP_DELIVERIES) });
      if (!keepFiles) await this.db.run(sql.REMEMBER_KEYED_FILES, [id, tenant], transaction);
    });
    await this.db.run(sql.SWEEP_RATES, []);
  }

  async files({ id }: ErasureOrder, limit: number): Promise<string[]> {
    return this.ids(sql.FILES_TO_REMOVE, [id, limit]);
  }

  async fileRemoved({ id }: ErasureOrder, file: string): Promise<void> {
    await this.counting(id, async (transaction, count) => count({ files: (await this.db.run(sql.FORGET_FILE, [id, file], transaction)).length }));
  }

  async left(order: ErasureOrder): Promise<ErasureLeft> {
    const [row] = await this.db.run<Omit<ErasureLeft, 'jobs' | 'schedules'>>(sql.COUNT_LEFT, [order.id]);
    if (!row) throw new Error('expected the numbers of what is left, got none');
    return { jobs: await this.count(order), ...row, schedules: await this.schedules(order) };
  }

  /** A second attempt of an erasure that has ended finds its end, and adds nothing to the audit. */
  async finish({ id }: ErasureOrder, left: ErasureLeft): Promise<Erased> {
    await transact(this.db, async (transaction) => {
      const [row] = await this.db.run<ErasureRow & Record<string, unknown>>(sql.FINISH_ERASURE, [id, JSON.stringify(left)], transaction);
      if (!row) return;
      await this.db.run(sql.FORGET_ITEMS, [id], transaction);
      const { tenant, subject, via, ip, tag, reason, removed, jobsSha256 } = toErasure({ ...row, state: null });
      const detail = { tag, ...(reason === null ? {} : { reason }), removed, jobsSha256, left };
      const about = { action: 'erasure finished', target: `/erasures/${id}`, outcome: 200, detail };
      await this.audit.add({ id: uuidv7(), tenant, subject, via, ip, ...about }, transaction);
    });
    const { removed } = (await this.find(id, null)) as Erasure;
    return removed;
  }

  private async counting<Result>(id: JobId, work: (transaction: EntityManager, count: (numbers: Partial<Erased>) => void) => Promise<Result>): Promise<Result> {
    return transact(this.db, async (transaction) => {
      if ((await this.db.run(sql.LOCK_ERASURE, [id], transaction)).length === 0)
        throw new Error(`expected the erasure ${id} to be under way, got one that has ended`);
      const counted: Partial<Erased>[] = [];
      const result = await work(transaction, (numbers) => void counted.push(numbers));
      const numbers = counted.flatMap((each) => Object.entries(each)).filter(([, number]) => number > 0);
      if (numbers.length > 0) await this.db.run(sql.COUNT_ERASED, [id, numbers.map(([thing]) => thing), numbers.map(([, number]) => number)], transaction);
      return result;
    });
  }

  /** Files that are named where the database cannot look. Throws where a key is missing: a file that nobody finds would stay. */
  private async rememberSealed(id: JobId, ids: JobId[], tenant: string, transaction: EntityManager): Promise<void> {
    const jobs = await this.db.run<{ payload: string; result: string | null }>(FIND_BY_IDS, [ids], transaction);
    const steps = await this.db.run<{ job_id: string; name: string; text: string }>(sql.STEPS_OF_JOBS, [ids], transaction);
    const opened = steps.filter(({ text }) => isSealed(text)).map(({ job_id: job, name, text }) => this.db.data.open(text, placeOf.step(tenant, job, name)));
    const named = [...jobs.flatMap(({ payload, result }) => [payload, result ?? '']), ...opened].flatMap((text) => text.match(UUIDS) ?? []);
    if (named.length > 0) await this.db.run(sql.REMEMBER_NAMED_FILES, [id, [...new Set(named)], tenant], transaction);
  }

  /** To whom these have sent e-mails, as they are counted. */
  private async recipientsOf(ids: JobId[], transaction: EntityManager): Promise<string[]> {
    const jobs = await this.db.run<{ payload: string }>(FIND_BY_IDS, [ids], transaction);
    return jobs.flatMap(({ payload }) => toldIn(payload).to ?? []);
  }

  private async count(order: ErasureOrder, also = 'true'): Promise<number> {
    const values: unknown[] = [];
    const where = conditionsOf(ofTag(order), values).join(' AND ');
    const [row] = await this.reads.runOnce<{ jobs: number }>(
      `/* erasure:count-jobs */ SELECT count(*)::integer AS jobs FROM lh.jobs WHERE ${where} AND ${also}`,
      values,
    );
    return row?.jobs ?? 0;
  }

  private async schedules({ tenant, tag }: Pick<ErasureOrder, 'tenant' | 'tag'>): Promise<number> {
    const [row] = await this.db.run<{ schedules: number }>(sql.COUNT_SCHEDULES, [tenant, tag]);
    return row?.schedules ?? 0;
  }

  private async ids(statement: Statement, values: unknown[]): Promise<JobId[]> {
    return (await this.db.run<{ id: JobId }>(statement, values)).map(({ id }) => id);
  }
}

/** Longhaul's own jobs are none of the subject's, whatever tags they have. */
function ofTag({ tenant, tag, before }: Pick<ErasureOrder, 'tenant' | 'tag' | 'before'>): WalkedFilter {
  return { tenant, tags: [tag], before, notOwn: OWN_KIND_PREFIX };
}

/** What the payload of one of Longhaul's own jobs says of whom it tells what. */
function toldIn(payload: string): { job: string | null; delivery: string | null; to: string | null } {
  const read = JSON.parse(payload) as { job?: { id?: unknown } | null; delivery?: unknown; to?: unknown } | null;
  const idOf = (value: unknown) => (typeof value === 'string' && isUuid(value) ? value : null);
  return { job: idOf(read?.job?.id), delivery: idOf(read?.delivery), to: typeof read?.to === 'string' ? read.to.toLowerCase() : null };
}

function toErasure(row: ErasureRow): Erasure {
  const numbers = Object.fromEntries(
    [...ERASED_THINGS, 'abandoned' as const].map((thing: ErasedThing | 'abandoned') => [thing, row.removed[thing] ?? 0]),
  ) as Erased;
  return {
    id: row.id,
    tenant: row.tenant,
    tag: row.tag,
    keepFiles: row.keep_files,
    reason: row.reason,
    subject: row.subject,
    via: row.via,
    ip: row.ip,
    askedAt: row.asked_at,
    removed: numbers,
    jobsSha256: row.jobs_sha256,
    left: row.remaining,
    finishedAt: row.finished_at,
    state: row.state,
  };
}
