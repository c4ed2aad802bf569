import { type Fault, Refusal } from '../job/errors.js';
import type { JobId } from '../job/job.js';
import { nameIn } from '../job/tenant.js';
import type { PauseNote } from '../control/paused.js';
import { rehearse } from '../kit/rehearse.js';
import type { StoreTime } from '../kit/store-clock.js';
import type { SubmitRequest } from '../submit/job-request.js';
import type { SubmitJob } from '../submit/submit-job.js';
import type { CronPatterns } from './cron-patterns.js';
import { nextLook, nextTickOf } from './decide-ticks.js';
import { freeTick } from './free-tick.js';
import { CODE_ID_PREFIX, type Schedule, type ScheduleSettings } from './schedule.js';
import type { ScheduleStore, TickRecord } from './schedule-store.js';
import { outcomeOf, requestOf, requireReadable } from './schedule-ticker.js';
import { nextTick } from './ticks.js';
import { type TickToFill, ticksToFill } from './ticks-to-fill.js';

export interface ControlDependencies<Transaction> {
  store: ScheduleStore<Transaction>;
  submitJob: Pick<SubmitJob<Transaction>, 'submit' | 'submitEach' | 'check'>;
  patterns: CronPatterns;
  time: StoreTime;
  /** Called when jobs are committed. Must not throw. */
  committed: () => void;
  /** Called when a schedule may be due sooner than was known. Must not throw. */
  changed: () => void;
}

/** Whom a change is for: the revision that the caller has seen, any that there is (`some`), `none` where there is to be no schedule yet, or whatever is there. */
export type Expected = { revision: number } | 'some' | 'none' | 'any';

export interface Backfilled {
  /** Ticks of the pattern in that time. */
  ticks: number;
  /** Jobs that were made; with `dryRun`, that would be. */
  submitted: number;
  /** Ticks that had a job already. */
  skipped: number;
  refused: number;
  /** What the first refusal was for. */
  detail: string | null;
}

const BATCH = 100;
export const NOT_IN_CODE = 'not in the code any more';
const LONGHAUL = 'longhaul';

/**
 * What people do with schedules. Each change locks the schedule's row, as the ticker does: a tick is looked at before a change or after it, with all that
 * the schedule said then.
 */
export class ScheduleControl<Transaction = unknown> {
  constructor(private readonly deps: ControlDependencies<Transaction>) {}

  /** Creates or replaces it. A paused one stays paused. Refuses what would be refused at each tick. */
  async put(id: string, settings: ScheduleSettings, expected: Expected): Promise<{ schedule: Schedule; created: boolean }> {
    await this.checkPut(id, settings);
    return this.write(id, settings, 'api', expected);
  }

  /** What `put` would do; rejects where it would. Nothing is kept. */
  async rehearse(id: string, settings: ScheduleSettings): Promise<{ before: Schedule | null; after: Schedule }> {
    const { store } = this.deps;
    await this.checkPut(id, settings);
    return rehearse(
      (work: (transaction: Transaction) => Promise<never>) => store.transaction(work),
      async (transaction) => {
        const before = (await store.lock(id, transaction))?.schedule ?? null;
        await this.writeIn(id, settings, 'api', 'any', transaction);
        return { before, after: (await this.locked(id, transaction)).schedule };
      },
    );
  }

  private async checkPut(id: string, settings: ScheduleSettings): Promise<void> {
    if (nameIn(id).startsWith(CODE_ID_PREFIX)) throw inCode(id);
    await this.check(id, settings);
  }

  /** What is wrong with a kind, payload or options, as a submission would be told. */
  async check(id: string, { kind, payload, options }: Pick<ScheduleSettings, 'kind' | 'payload' | 'options'>): Promise<void> {
    // Nobody has searched it yet for what a store cannot keep.
    await this.deps.submitJob.check({ ...requestOf({ id, kind, payload, options } as Schedule), payloadSound: false });
  }

  async remove(id: string, expected: Expected): Promise<void> {
    if (nameIn(id).startsWith(CODE_ID_PREFIX)) throw inCode(id);
    await this.deps.store.transaction(async (transaction) => {
      const { schedule } = await this.locked(id, transaction);
      requireRevision(schedule, expected);
      await this.deps.store.remove(id, transaction);
    });
  }

  async pause(id: string, note: PauseNote): Promise<Schedule> {
    await this.deps.store.transaction(async (transaction) => {
      await this.locked(id, transaction);
      await this.deps.store.pause(id, note, transaction);
    });
    return this.shown(id);
  }

  /** Goes on, by its rule for missed ticks. One that is not paused stays as it is. */
  async resume(id: string): Promise<Schedule> {
    await this.deps.store.transaction(async (transaction) => {
      const { schedule, now } = await this.locked(id, transaction);
      if (schedule.pausedAt !== null) await this.deps.store.resume(id, nextLook(schedule, schedule.nextTick, schedule.buffered !== null, now), transaction);
    });
    this.deps.changed();
    return this.shown(id);
  }

  /** One job now, outside of the rhythm, also while it is paused; whatever runs goes on. With a key, once for all repeats. */
  async trigger(id: string, idempotencyKey?: string): Promise<{ jobId: JobId; tick: Date; replayed: boolean }> {
    const { store, submitJob, committed } = this.deps;
    const made = await store.transaction(async (transaction) => {
      const { schedule, now } = await this.locked(id, transaction);
      const request: SubmitRequest = { ...requestOf(schedule), ...(idempotencyKey === undefined ? {} : { idempotencyKey }) };
      const { job, replayed } = await submitJob.submit(request, transaction);
      if (replayed) return { jobId: job.id, tick: now, replayed };
      const tick = await freeTick(store, id, now, transaction);
      const made = { outcome: 'submitted', jobId: job.id, detail: null, source: 'trigger' } as const;
      await store.record([{ scheduleId: id, tick, previousTick: schedule.lastTick, ...made }], [], transaction);
      await store.triggered(id, job.id, transaction);
      return { jobId: job.id, tick, replayed };
    });
    committed();
    return made;
  }

  /**
   * A job for each tick of that time that has none, oldest first, some hundred in a transaction: repeated after a crash it makes the rest. Also
   * ticks that were missed, skipped or refused. Overlap does not count.
   */
  async backfill(id: string, from: Date, to: Date, dryRun: boolean): Promise<Backfilled> {
    const schedule = await this.find(id);
    const ticks = await ticksToFill(schedule, from, to, this.deps.patterns);
    const sum: Backfilled = { ticks: ticks.length, submitted: 0, skipped: 0, refused: 0, detail: null };
    for (let start = 0; start < ticks.length; start += BATCH) {
      const batch = ticks.slice(start, start + BATCH);
      await this.deps.store.transaction(async (transaction) => this.fill(id, batch, sum, dryRun, transaction));
      if (!dryRun) this.deps.committed();
    }
    return sum;
  }

  /** The next runs of a schedule or of a rhythm that is not set yet. */
  nextRuns(rhythm: Parameters<typeof nextTick>[0], count: number, from = new Date(this.deps.time.now())): Date[] {
    const runs: Date[] = [];
    for (let tick = nextTick(rhythm, from, this.deps.patterns); tick && runs.length < count; tick = nextTick(rhythm, tick, this.deps.patterns)) runs.push(tick);
    return runs;
  }

  /**
   * Sets the schedules of a configuration's code, and pauses those of the same configuration that stand in it no more. One that was paused for that goes on;
   * one that somebody else has paused stays paused. Of two versions of a configuration the one holds that was started last.
   */
  async putCode(
    origin: string,
    schedules: readonly { id: string; settings: ScheduleSettings }[],
    failed: (id: string, error: unknown) => void = (_, error) => {
      throw error;
    },
  ): Promise<void> {
    for (const { id, settings } of schedules) {
      try {
        await this.check(id, settings);
        const { schedule } = await this.write(id, settings, origin, 'any');
        if (schedule.pausedBy === LONGHAUL && schedule.pauseReason === NOT_IN_CODE) await this.resume(id);
      } catch (error) {
        failed(id, error);
      }
    }
    const ids = schedules.map(({ id }) => id);
    for (const id of await this.deps.store.othersOf(origin, ids)) await this.pause(id, { by: LONGHAUL, reason: NOT_IN_CODE });
  }

  /** Works out next ticks anew that were worked out with other zone data than this process has. */
  async refreshZones(): Promise<number> {
    let refreshed = 0;
    for (let ids = await this.deps.store.ofOtherZoneData(BATCH); ids.length > 0; ids = await this.deps.store.ofOtherZoneData(BATCH)) {
      for (const id of ids) await this.refreshZone(id);
      refreshed += ids.length;
    }
    return refreshed;
  }

  /** Refuses one whose payload cannot be read here. */
  async find(id: string): Promise<Schedule> {
    const schedule = await this.shown(id);
    requireReadable(schedule);
    return schedule;
  }

  /** Also one whose payload cannot be read: what was done is answered all the same. */
  private async shown(id: string): Promise<Schedule> {
    const schedule = await this.deps.store.find(id);
    if (!schedule) throw noSuchSchedule(id);
    return schedule;
  }

  private async refreshZone(id: string): Promise<void> {
    const { store, patterns } = this.deps;
    await store.transaction(async (transaction) => {
      const found = await store.lock(id, transaction);
      if (!found) return;
      const { schedule, now } = found;
      // A tick that is due already stays: it was right when it came.
      const passed = schedule.nextTick === null || schedule.nextTick.getTime() <= now.getTime();
      const tick = passed
        ? schedule.nextTick
        : nextTick(schedule, schedule.lastTick && schedule.lastTick.getTime() > now.getTime() ? schedule.lastTick : now, patterns);
      const due = schedule.pausedAt === null ? nextLook(schedule, tick, schedule.buffered !== null, now) : null;
      await store.write(id, schedule, schedule.origin, schedule, { nextTick: tick, dueAt: due }, transaction);
    });
  }

  private async write(id: string, settings: ScheduleSettings, origin: string, expected: Expected): Promise<{ schedule: Schedule; created: boolean }> {
    for (;;) {
      const created = await this.deps.store.transaction((transaction) => this.writeIn(id, settings, origin, expected, transaction));
      if (created === undefined) continue;
      this.deps.changed();
      return { schedule: await this.find(id), created };
    }
  }

  /** Whether it was created; undefined where another has created it meanwhile, and nothing was written. */
  private async writeIn(id: string, settings: ScheduleSettings, origin: string, expected: Expected, transaction: Transaction): Promise<boolean | undefined> {
    const { store, patterns, time } = this.deps;
    const found = await store.lock(id, transaction);
    const before = found?.schedule ?? null;
    requireRevision(before, expected);
    const now = found?.now ?? new Date(time.now());
    const tick = nextTickOf(before, settings, now, patterns);
    // A buffered tick is of what the schedule said before; it is made by what it says now.
    const due = before?.pausedAt ? null : nextLook({ id, jitterMs: settings.jitterMs }, tick, (before?.buffered ?? null) !== null, now);
    const written = await store.write(id, settings, origin, before, { nextTick: tick, dueAt: due }, transaction);
    return written ? before === null : undefined;
  }

  private async fill(id: string, batch: TickToFill[], sum: Backfilled, dryRun: boolean, transaction: Transaction): Promise<void> {
    const { store, submitJob } = this.deps;
    const { schedule } = await this.locked(id, transaction);
    const made = await store.withJob(
      batch.map(({ tick }) => ({ scheduleId: id, tick })),
      transaction,
    );
    const has = new Set(made.map(({ tick }) => tick.getTime()));
    const open = batch.filter(({ tick }) => !has.has(tick.getTime()));
    if (dryRun) {
      sum.skipped += has.size;
      sum.submitted += open.length;
      return;
    }
    const answers = await submitJob.submitEach(
      open.map(() => requestOf(schedule)),
      transaction,
      (within, work) => store.savepoint(within, work),
    );
    const records = open.map((tick, index): TickRecord => ({
      scheduleId: id,
      ...tick,
      ...outcomeOf(answers[index] as (typeof answers)[number]),
      source: 'backfill',
    }));
    await store.record(records, [], transaction);
    const refused = records.filter(({ outcome }) => outcome === 'refused');
    sum.skipped += has.size;
    sum.refused += refused.length;
    sum.submitted += records.length - refused.length;
    sum.detail ??= refused[0]?.detail ?? null;
  }

  private async locked(id: string, transaction: Transaction): Promise<{ now: Date; schedule: Schedule }> {
    const found = await this.deps.store.lock(id, transaction);
    if (!found) throw noSuchSchedule(id);
    return found;
  }
}

function requireRevision(before: Schedule | null, expected: Expected): void {
  if (expected === 'any') return;
  if (expected === 'none') {
    if (before) throw new Refusal('revision_mismatch', `expected no schedule ${nameIn(before.id)}, got one of revision ${before.revision}`);
    return;
  }
  if (expected === 'some') {
    if (!before) throw new Refusal('revision_mismatch', 'expected a schedule, got none: If-Match is "*"');
    return;
  }
  if (before?.revision === expected.revision) return;
  const fault: Fault = { pointer: '', detail: `is of revision ${before?.revision ?? 'none: there is no such schedule'}, got If-Match: "${expected.revision}"` };
  throw new Refusal('revision_mismatch', 'the schedule has changed meanwhile; read it again', [fault]);
}

export function noSuchSchedule(id: string): Refusal {
  return new Refusal('not_found', `there is no schedule ${JSON.stringify(nameIn(id).slice(0, 100))}; GET /schedules lists them`);
}

function inCode(id: string): Refusal {
  return new Refusal('state_forbids', `schedule ${nameIn(id)} stands in code; change it there. It can be paused, resumed and triggered here`);
}
