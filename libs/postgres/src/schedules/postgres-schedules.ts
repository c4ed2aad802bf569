import {
  DEFAULT_TENANT,
  type DueSchedule,
  isSealed,
  type JobId,
  type JobState,
  type JsonText,
  type LastJob,
  nameIn,
  type PauseNote,
  Refusal,
  type Schedule,
  type ScheduleAdvance,
  type ScheduleFilter,
  type ScheduleSettings,
  type ScheduleStart,
  type ScheduleStore,
  type StoredTick,
  tenantIn,
  type TickRecord,
} from '@app/core';
import type { EntityManager } from 'typeorm';
import type { Database } from '../pool/database.js';
import { transact } from '../pool/transact.js';
import { placeOf } from '../sealed/job-data.js';
import { type ScheduleRow, toSchedule } from './schedule-row.js';
import {
  COUNT_SCHEDULES,
  CREATE_SCHEDULE,
  FIND_SCHEDULE,
  LAST_JOBS,
  FAILING_SCHEDULES,
  LATE_SCHEDULES,
  LIST_SCHEDULES,
  LIST_TICKS,
  LOCK_SCHEDULE,
  OF_OTHER_ZONE_DATA,
  OTHERS_OF_ORIGIN,
  PAUSE_SCHEDULE,
  RECORD_TICKS,
  REMOVE_SCHEDULE,
  REPLACE_SCHEDULE,
  RESUME_SCHEDULE,
  TAKE_DUE,
  TRIGGERED,
  UNTIL_DUE,
  WITH_JOB,
} from './schedule-statements.js';

interface LockedRow extends ScheduleRow {
  now: Date;
}

interface LastJobRow {
  id: string;
  state: JobState;
  cancel_requested: boolean;
  backlog: boolean;
}

interface TickRow {
  schedule_id: string;
  tick: Date;
  previous_tick: Date | null;
  outcome: StoredTick['outcome'];
  source: StoredTick['source'];
  job_id: string | null;
  detail: string | null;
  at: Date;
}

/** The time zone data of this process: Node's own, of ICU. */
const ZONE_DATA = process.versions['tz'] ?? 'none';

export class PostgresSchedules implements ScheduleStore<EntityManager> {
  constructor(
    private readonly db: Database,
    /** How many a tenant may have; null: any number. */
    private readonly maxOf: (tenant: string) => number | null,
    /** For lists, which may be long. */
    private readonly reads: Database = db,
    private readonly zoneData = ZONE_DATA,
  ) {}

  async transaction<Result>(work: (transaction: EntityManager) => Promise<Result>): Promise<Result> {
    const result = await transact(this.db, work);
    this.db.changed([]);
    return result;
  }

  /** TypeORM makes a savepoint of a transaction in a transaction. */
  savepoint<Result>(transaction: EntityManager, work: (within: EntityManager) => Promise<Result>): Promise<Result> {
    return transaction.transaction(work);
  }

  async untilDue(kinds: readonly string[]): Promise<number | null> {
    const [row] = await this.db.run<{ ms: number }>(UNTIL_DUE, [kinds]);
    return row ? row.ms : null;
  }

  async takeDue(
    kinds: readonly string[],
    limit: number,
    except: readonly string[],
    transaction: EntityManager,
  ): Promise<{ now: Date; schedules: DueSchedule[] }> {
    const rows = await this.db.run<LockedRow>(TAKE_DUE, [kinds, limit, except], transaction);
    return { now: rows[0]?.now ?? new Date(), schedules: await this.withLastJobs(rows, transaction) };
  }

  async lock(id: string, transaction: EntityManager): Promise<{ now: Date; schedule: DueSchedule } | null> {
    const [row] = await this.db.run<LockedRow>(LOCK_SCHEDULE, [id], transaction);
    if (!row) return null;
    const [schedule] = await this.withLastJobs([row], transaction);
    return schedule ? { now: row.now, schedule } : null;
  }

  private async withLastJobs(rows: LockedRow[], transaction: EntityManager): Promise<DueSchedule[]> {
    const having = rows.filter(({ last_job_id }) => last_job_id !== null);
    const found =
      having.length === 0
        ? []
        : await this.db.run<LastJobRow>(LAST_JOBS, [having.map(({ id }) => id), having.map(({ last_job_id }) => last_job_id)], transaction);
    const jobs = new Map(
      found.map(({ id, state, cancel_requested: cancelRequested, backlog }): [string, LastJob] => [id, { state, cancelRequested, backlog }]),
    );
    return rows.map((row) => Object.assign(this.toSchedule(row), { lastJob: jobs.get(row.id) ?? null }));
  }

  async withJob(ticks: readonly Pick<TickRecord, 'scheduleId' | 'tick'>[], transaction: EntityManager): Promise<Pick<TickRecord, 'scheduleId' | 'tick'>[]> {
    const values = [ticks.map(({ scheduleId }) => scheduleId), ticks.map(({ tick }) => tick)];
    const rows = await this.db.run<{ schedule_id: string; tick: Date }>(WITH_JOB, values, transaction);
    return rows.map(({ schedule_id: scheduleId, tick }) => ({ scheduleId, tick }));
  }

  async record(ticks: readonly TickRecord[], advances: readonly ScheduleAdvance[], transaction: EntityManager): Promise<void> {
    const records = ticks.map(({ scheduleId, tick, previousTick, outcome, jobId, detail, source }) => ({
      scheduleId,
      tick,
      previousTick,
      outcome,
      jobId,
      detail,
      source,
    }));
    const moves = advances.map(({ buffered, ...advance }) => ({
      ...advance,
      buffered: buffered?.tick ?? null,
      bufferedPrevious: buffered?.previousTick ?? null,
    }));
    const [row] = await this.db.run<{ written: number }>(RECORD_TICKS, [JSON.stringify(records), JSON.stringify(moves)], transaction);
    const withJob = records.filter(({ jobId }) => jobId !== null).length;
    // A tick without a job may meet one that has one, and gives way to it.
    if ((row?.written ?? 0) < withJob) throw new Error(`expected ${withJob} ticks to be without a job, got one that has one already`);
  }

  async triggered(id: string, jobId: JobId, transaction: EntityManager): Promise<void> {
    await this.db.run(TRIGGERED, [id, jobId], transaction);
  }

  async list({ tenant = DEFAULT_TENANT, kind, paused, after, limit }: ScheduleFilter): Promise<Schedule[]> {
    return (await this.reads.run<ScheduleRow>(LIST_SCHEDULES, [kind ?? null, paused ?? null, after ?? null, limit, tenant])).map((row) => this.toSchedule(row));
  }

  async find(id: string): Promise<Schedule | null> {
    const [row] = await this.db.run<ScheduleRow>(FIND_SCHEDULE, [id]);
    return row ? this.toSchedule(row) : null;
  }

  async late(seconds: number, limit: number): Promise<Schedule[]> {
    return (await this.reads.run<ScheduleRow>(LATE_SCHEDULES, [seconds, limit])).map((row) => this.toSchedule(row));
  }

  async failing(limit: number): Promise<Schedule[]> {
    return (await this.reads.run<ScheduleRow>(FAILING_SCHEDULES, [limit])).map((row) => this.toSchedule(row));
  }

  async ticks(ids: readonly string[], limit: number): Promise<Map<string, StoredTick[]>> {
    const rows = ids.length === 0 ? [] : await this.reads.run<TickRow>(LIST_TICKS, [ids, limit]);
    const of = new Map(ids.map((id): [string, StoredTick[]] => [id, []]));
    for (const { schedule_id, tick, previous_tick: previousTick, outcome, source, job_id, detail, at } of rows)
      of.get(schedule_id)?.push({ tick, previousTick, outcome, source, jobId: job_id as JobId | null, detail, at });
    return of;
  }

  async write(
    id: string,
    settings: ScheduleSettings,
    origin: string,
    before: Schedule | null,
    { nextTick, dueAt }: ScheduleStart,
    transaction: EntityManager,
  ): Promise<boolean> {
    if (!before) await this.requireRoom(id, transaction);
    const { kind, payload, options, description, spec, overlap, missed, missedWindowMs, jitterMs, startsAt, endsAt, pauseAfterFailures } = settings;
    const json = [await this.stored(id, kind, payload, before, transaction), JSON.stringify(options), description, JSON.stringify(spec)];
    const values = [id, kind, ...json, overlap, missed, missedWindowMs, jitterMs, startsAt, endsAt, pauseAfterFailures, origin, nextTick, dueAt, this.zoneData];
    return (await this.db.run(before ? REPLACE_SCHEDULE : CREATE_SCHEDULE, values, transaction)).length > 0;
  }

  async remove(id: string, transaction: EntityManager): Promise<boolean> {
    return (await this.db.run(REMOVE_SCHEDULE, [id], transaction)).length > 0;
  }

  async pause(id: string, { by, reason }: PauseNote, transaction: EntityManager): Promise<void> {
    await this.db.run(PAUSE_SCHEDULE, [id, by ?? null, reason ?? null], transaction);
  }

  async resume(id: string, dueAt: Date | null, transaction: EntityManager): Promise<void> {
    await this.db.run(RESUME_SCHEDULE, [id, dueAt], transaction);
  }

  async othersOf(origin: string, ids: readonly string[]): Promise<string[]> {
    return (await this.db.run<{ id: string }>(OTHERS_OF_ORIGIN, [origin, ids])).map(({ id }) => id);
  }

  async ofOtherZoneData(limit: number): Promise<string[]> {
    return (await this.db.run<{ id: string }>(OF_OTHER_ZONE_DATA, [this.zoneData, limit])).map(({ id }) => id);
  }

  private toSchedule(row: ScheduleRow): Schedule {
    try {
      return toSchedule({ ...row, payload: this.db.data.open(row.payload, placeOf.schedule(row.id)) as JsonText });
    } catch (error) {
      return { ...toSchedule(row), unreadable: (error as Error).message };
    }
  }

  /** The payload as it is stored; one that is the same as before stays the very text, for it is seen by that whether the schedule has changed. */
  private async stored(id: string, kind: string, payload: JsonText, before: Schedule | null, transaction: EntityManager): Promise<JsonText> {
    const { data } = this.db;
    // One that cannot be read here, which nobody has set anew. No text of a caller begins as a sealed one does.
    if (before?.unreadable !== undefined && before.payload === payload) return payload;
    if (!data.seals(kind)) return payload;
    const [row] = before?.payload === payload ? await this.db.run<ScheduleRow>(FIND_SCHEDULE, [id], transaction) : [];
    return row && isSealed(row.payload) ? row.payload : data.seal(payload, placeOf.schedule(id));
  }

  private async requireRoom(id: string, transaction: EntityManager): Promise<void> {
    const max = this.maxOf(tenantIn(id));
    if (max === null) return;
    const [row] = await this.db.run<{ count: number }>(COUNT_SCHEDULES, [id], transaction);
    if ((row?.count ?? 0) < max) return;
    const detail = `must be one of the ${row?.count ?? 0} schedules that exist: there may be no more (quota schedules, MAX_SCHEDULES, is ${max}), got: ${nameIn(id)}`;
    throw new Refusal('too_many_schedules', 'there are too many schedules; DELETE one', [{ pointer: '/id', detail }]);
  }
}
