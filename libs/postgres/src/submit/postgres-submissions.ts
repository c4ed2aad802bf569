import {
  isSameRequest,
  type Job,
  type JobId,
  type JsonBytes,
  type JsonText,
  type NewJob,
  Refusal,
  type ReplayReader,
  StaleLimits,
  type SubmissionStore,
  type SubmitOutcome,
} from '@app/core';
import { classifyError, type Database, type Joined, type Statement } from '../pool/database.js';
import { joinedTexts } from '../pool/joined-texts.js';
import { textArray } from '../pool/text-array.js';
import { uuidArray } from '../pool/uuid-array.js';
import { jobColumns, type JobRow, toJob } from '../run/job-row.js';
import { notifyColumn } from '../run/notify-column.js';
import { OPTION_COLUMNS } from '../run/option-columns.js';
import { ADD_NOTIFY, FIND_BY_IDS } from '../control/read-jobs.js';
import { isUnique, lockUniqueKeys, roundsOf, type UniqueJob } from '../flow/unique-keys.js';
import { transact } from '../pool/transact.js';
import { openDigest, placeOf, sealedDigest, sealedPayload } from '../sealed/job-data.js';
import { bytesOf, isPlain, storedBefore, timeOf } from './submitted.js';
import { FIND_BY_KEYS, FIND_LIVE_KEYS, FIND_WAITING, SUBMIT_JOBS, SUBMIT_PLAIN, SUBMIT_PLAIN_TO_ROOM, SUBMIT_TO_ROOM, SUBMIT_UNIQUE } from './submit-jobs.js';

export interface SubmissionConfig {
  /** How long an idempotency key is kept, in seconds. */
  keySeconds: number;
  /** How long the outbox row of a new job is left to the process that stored it, in seconds; 0 where nobody publishes. */
  fastPathSeconds: number;
  /** Told how many jobs a statement has stored, of a queue and a kind; in a transaction before its commit. */
  stored?: (queue: string, kind: string, jobs: number) => void;
}

/** Of jobs that no limit is for: above all that there are. */
const ANY_REVISION = Number.MAX_SAFE_INTEGER;

/** A statement of its own pays for so many jobs, and not for fewer. */
const PLAIN_FROM = 2;

interface PlainRow {
  jobs: number | string;
  created_at: Date | string;
}

interface StoredRow {
  /** Null: the limits have changed, and nothing was stored. */
  id: string | null;
  state: 'queued' | 'scheduled';
  created_at: Date;
  run_at: Date | null;
}

/** Without a state: this job waits, and stays. */
interface UniqueRow extends Omit<StoredRow, 'state'> {
  state: StoredRow['state'] | null;
  holder: string | null;
}

/** What is known of jobs with unique keys before those that wait are read. */
type Decided = Exclude<SubmitOutcome, { status: 'waiting' }> | { waits: JobId };

const WAITING = FIND_WAITING(jobColumns('h'));
const FIND_KEYS = FIND_BY_KEYS(jobColumns());
const LIVE_KEYS = FIND_LIVE_KEYS(jobColumns());

type KeyRow = JobRow & { scope: string; key: string; fingerprint: Buffer | string; job_id: string };

export class PostgresSubmissions implements SubmissionStore<Joined>, ReplayReader {
  constructor(
    private readonly db: Database,
    private readonly config: SubmissionConfig,
  ) {}

  async submit(jobs: NewJob[], transaction?: Joined, revision = ANY_REVISION): Promise<SubmitOutcome[]> {
    if (jobs.some(isUnique)) return this.submitMixed(jobs, revision, transaction);
    const [first] = jobs;
    if (first && jobs.length >= PLAIN_FROM && jobs.every((job) => isPlain(job, first))) {
      const outcome = await this.storePlain(jobs, first, revision, transaction);
      if (outcome) return jobs.map(() => outcome);
    }
    return this.submitAny(jobs, revision, transaction);
  }

  /** Those without a unique key are stored as ever, and do not wait for the locks of the others. Sent again, each part finds what it has stored. */
  private async submitMixed(jobs: NewJob[], revision: number, transaction?: Joined): Promise<SubmitOutcome[]> {
    const others = jobs.filter((job) => !isUnique(job));
    const unique = jobs.filter(isUnique);
    const stored = others.length > 0 ? await this.submit(others, transaction, revision) : [];
    const taken = await this.submitUnique(unique, revision, transaction);
    const outcomes = new Map([...others.map((job, index) => [job, stored[index]] as const), ...unique.map((job, index) => [job, taken[index]] as const)]);
    return jobs.map((job) => outcomes.get(job) as SubmitOutcome);
  }

  /** All in one transaction: see `unique-keys`. */
  private async submitUnique(jobs: UniqueJob[], revision: number, transaction?: Joined): Promise<SubmitOutcome[]> {
    const changed: JobId[] = [];
    const work = async (within: Joined) => {
      await lockUniqueKeys(
        this.db,
        jobs.map(({ unique }) => unique.key),
        within,
      );
      return this.withThoseThatWait(jobs, await this.inRounds(jobs, revision, changed, within), within);
    };
    const outcomes = transaction ? await work(transaction) : await transact(this.db, work);
    if (changed.length > 0) this.db.changed(changed);
    return outcomes;
  }

  private async inRounds(jobs: UniqueJob[], revision: number, changed: JobId[], within: Joined): Promise<Decided[]> {
    const decided = new Map<JobId, Decided>();
    // Which jobs wait with the keys, as far as earlier rounds have found it out. Nobody else changes it meanwhile.
    const waiting = new Map<string, JobId>();
    for (const round of roundsOf(jobs)) {
      const open = round.filter(({ id, unique, idempotency }) => {
        const holder = unique.keep === 'oldest' && idempotency === null ? waiting.get(unique.key) : undefined;
        if (holder !== undefined) decided.set(id, { waits: holder });
        return holder === undefined;
      });
      if (open.length > 0) await this.storeUnique(open, revision, { decided, waiting, changed }, within);
    }
    return jobs.map(({ id }) => decided.get(id) as Decided);
  }

  /** Each key stands once in these. */
  private async storeUnique(
    jobs: UniqueJob[],
    revision: number,
    { decided, waiting, changed }: { decided: Map<JobId, Decided>; waiting: Map<string, JobId>; changed: JobId[] },
    within: Joined,
  ): Promise<void> {
    const rows = new Map((await this.store<UniqueRow>(SUBMIT_UNIQUE, jobs, revision, within)).map((row) => [row.id, row]));
    const missing = jobs.filter(({ id }) => !rows.has(id));
    const others = missing.length > 0 ? await this.lookUp(missing, within) : undefined;
    for (const { id, unique } of jobs) {
      const row = rows.get(id);
      if (!row) {
        decided.set(id, others?.get(id) as Decided);
        waiting.delete(unique.key);
      } else if (row.state === null) {
        decided.set(id, { waits: row.holder as JobId });
        waiting.set(unique.key, row.holder as JobId);
      } else {
        decided.set(id, { status: 'created', state: row.state, createdAt: timeOf(row.created_at), runAt: row.run_at && timeOf(row.run_at) });
        waiting.set(unique.key, id);
        changed.push(id);
        if (row.holder !== null) changed.push(row.holder as JobId);
      }
    }
  }

  /** The jobs that wait, as they are now. They tell whom the jobs that were not made would have told. */
  private async withThoseThatWait(jobs: UniqueJob[], decided: Decided[], within: Joined): Promise<SubmitOutcome[]> {
    for (const [index, each] of decided.entries())
      if ('waits' in each) for (const entry of (jobs[index] as UniqueJob).notify) await this.db.run(ADD_NOTIFY, [each.waits, JSON.stringify(entry)], within);
    const ids = [...new Set(decided.flatMap((each) => ('waits' in each ? [each.waits] : [])))];
    const rows = ids.length > 0 ? await this.db.run<JobRow>(FIND_BY_IDS, [ids], within) : [];
    const waiting = new Map(rows.map((row) => [row.id, toJob(row)]));
    return decided.map((each) => ('waits' in each ? { status: 'waiting', job: waiting.get(each.waits) as Job } : each));
  }

  async findWaiting(uniqueKey: string): Promise<Job | null> {
    const [row] = await this.db.run<JobRow>(WAITING, [uniqueKey]);
    return row ? toJob(row) : null;
  }

  private async submitAny(jobs: NewJob[], revision: number, transaction?: Joined): Promise<SubmitOutcome[]> {
    const toRoom = jobs.some(({ waits, limitKeys }) => waits || limitKeys !== undefined);
    const stored = await this.store<StoredRow>(toRoom ? SUBMIT_TO_ROOM : SUBMIT_JOBS, jobs, revision, transaction);
    const created = new Map(stored.map((row) => [row.id, row]));
    if (stored.length > 0) this.db.changed(stored.map(({ id }) => id as JobId));
    if (this.config.stored) for (const { id, queue, kind } of jobs) if (created.has(id)) this.config.stored(queue, kind, 1);
    const missing = jobs.filter((job) => !created.has(job.id));
    const others = missing.length > 0 ? await this.lookUp(missing, transaction) : undefined;
    return jobs.map((job) => {
      const row = created.get(job.id);
      if (row) return { status: 'created', state: row.state, createdAt: timeOf(row.created_at), runAt: row.run_at && timeOf(row.run_at) };
      return (others as Map<JobId, SubmitOutcome>).get(job.id) as SubmitOutcome;
    });
  }

  async findReplays(jobs: NewJob[]): Promise<(SubmitOutcome | null)[]> {
    const keys = jobs.flatMap(({ idempotency }) => idempotency ?? []);
    const rows = await this.db.run<KeyRow>(LIVE_KEYS, [keys.map(({ scope }) => scope), keys.map(({ key }) => key)]);
    return jobs.map((job) => {
      const row = job.idempotency && rows.find(({ scope, key }) => scope === job.idempotency?.scope && key === job.idempotency.key);
      return row ? this.outcomeOfKey(job, row) : null;
    });
  }

  /** Undefined where they were not all new: an earlier try has stored them. */
  private async storePlain(jobs: NewJob[], shape: NewJob, revision: number, transaction?: Joined): Promise<SubmitOutcome | undefined> {
    const ids = jobs.map(({ id }) => id);
    const payloads = joinedTexts(jobs.map((job) => this.stored(job)));
    const options = OPTION_COLUMNS.map(({ write }) => write(shape));
    const [stored] = shape.waits
      ? await this.db.run<PlainRow>(SUBMIT_PLAIN_TO_ROOM, [uuidArray(ids), payloads, shape.kind, revision, ...options], transaction)
      : await this.db.run<PlainRow>(
          SUBMIT_PLAIN,
          [uuidArray(ids), uuidArray(jobs.map(({ outboxId }) => outboxId)), payloads, shape.kind, this.fastPathSeconds(transaction), revision, ...options],
          transaction,
        );
    if (Number(stored?.jobs) < 0) throw new StaleLimits();
    // Somebody else's driver may read a number as its text.
    if (!stored || String(stored.jobs) !== String(jobs.length)) return undefined;
    this.db.changed(ids);
    this.config.stored?.(shape.queue, shape.kind, jobs.length);
    return { status: 'created', state: 'queued', createdAt: timeOf(stored.created_at), runAt: null };
  }

  private outcomeOfKey(job: NewJob, row: KeyRow): SubmitOutcome {
    if (row.job_id === job.id) return storedBefore(row);
    const digest = openDigest(this.db.data, bytesOf(row.fingerprint), row.scope, row.key);
    if (job.idempotency && isSameRequest(digest, job.idempotency)) return { status: 'replayed', job: toJob(row) };
    return { status: 'conflict', jobId: row.job_id as JobId };
  }

  /** Its payload as it is stored. */
  private stored({ id, kind, payload, tenant }: NewJob): JsonText | JsonBytes {
    return sealedPayload(this.db.data, kind, payload, () => placeOf.payload(tenant, id));
  }

  private storedDigest({ kind, idempotency }: NewJob): Buffer | null {
    if (!idempotency) return null;
    const { scope, key, fingerprint } = idempotency;
    return this.db.data.seals(kind) ? sealedDigest(this.db.data, fingerprint, scope, key) : fingerprint;
  }

  /** In a caller's transaction nobody publishes after the commit but the sweep: the row is due at once. */
  private fastPathSeconds(transaction: Joined | undefined): number {
    return transaction ? 0 : this.config.fastPathSeconds;
  }

  private async store<Row extends UniqueRow | StoredRow>(submit: Statement, jobs: NewJob[], revision: number, transaction?: Joined): Promise<Row[]> {
    const column = <Value>(pick: (job: NewJob) => Value) => jobs.map(pick);
    try {
      const rows = await this.db.run<Row>(
        submit,
        [
          column((job) => job.id),
          column((job) => job.outboxId),
          column((job) => job.kind),
          joinedTexts(column((job) => this.stored(job))),
          column((job) => job.runAt),
          column((job) => job.delayMs),
          column(notifyColumn),
          column((job) => job.traceparent),
          column((job) => job.idempotency?.scope ?? null),
          column((job) => job.idempotency?.key ?? null),
          column((job) => this.storedDigest(job)),
          this.config.keySeconds,
          this.fastPathSeconds(transaction),
          revision,
          ...OPTION_COLUMNS.map(({ write }) => column(write)),
          ...(submit === SUBMIT_JOBS ? [] : [column(({ waits }) => waits === true), column(({ limitKeys }) => limitKeys && textArray(limitKeys))]),
          ...(submit === SUBMIT_UNIQUE ? [column(({ unique }) => unique?.key), column(({ unique }) => unique?.keep)] : []),
        ],
        transaction,
      );
      if (rows[0]?.id === null) throw new StaleLimits();
      return rows;
    } catch (error) {
      if (jobs.length === 1 && classifyError(error) === 'data') {
        throw new Refusal('invalid_payload', `the database refuses the job: ${(error as Error).message}`);
      }
      throw error;
    }
  }

  /** What stands in the way of jobs that were not stored: the job of their key, or they were stored by an earlier try. */
  private async lookUp(jobs: NewJob[], transaction?: Joined): Promise<Map<JobId, SubmitOutcome>> {
    const outcomes = new Map<JobId, SubmitOutcome>();
    const keyed = jobs.flatMap((job) => (job.idempotency ? [{ job, ...job.idempotency }] : []));
    const byKey = await this.db.run<KeyRow>(FIND_KEYS, [keyed.map(({ scope }) => scope), keyed.map(({ key }) => key)], transaction);
    for (const { job, scope, key } of keyed) {
      const row = byKey.find((candidate) => candidate.scope === scope && candidate.key === key);
      if (!row) throw new Refusal('unavailable', 'the job of this idempotency key was being removed; repeat the request');
      outcomes.set(job.id, this.outcomeOfKey(job, row));
    }
    const unkeyed = jobs.filter((job) => !job.idempotency);
    const byId = unkeyed.length > 0 ? await this.db.run<JobRow>(FIND_BY_IDS, [unkeyed.map(({ id }) => id)], transaction) : [];
    for (const row of byId) outcomes.set(row.id as JobId, storedBefore(row));
    return outcomes;
  }
}
