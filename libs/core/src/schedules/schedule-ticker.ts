import type { JobId } from '../job/job.js';
import { Refusal } from '../job/errors.js';
import type { JsonValue } from '../job/job.js';
import { markPlatformFault } from '../job/platform-fault.js';
import { nameIn, tenantIn } from '../job/tenant.js';
import type { Clock } from '../kit/clock.js';
import type { Logger } from '../kit/logger.js';
import { PollingLoop } from '../kit/polling-loop.js';
import { isOwnKind } from '../job/kind.js';
import type { Kinds } from '../job/kinds.js';
import type { Metrics } from '../metrics/metrics.js';
import type { SubmitRequest } from '../submit/job-request.js';
import type { SubmitJob } from '../submit/submit-job.js';
import type { CronPatterns } from './cron-patterns.js';
import { decideTicks, type DueSchedule, nextLook, ON_TIME_MS, type PlannedTick, type TickPlan } from './decide-ticks.js';
import { type Schedule, SCHEDULE_TAG } from './schedule.js';
import type { ScheduleAdvance, ScheduleStore, TickRecord } from './schedule-store.js';
import { dueAt } from './ticks.js';

export interface TickerDependencies<Transaction> {
  store: ScheduleStore<Transaction>;
  submitJob: Pick<SubmitJob<Transaction>, 'submitEach'>;
  kinds: Pick<Kinds, 'names'>;
  patterns: CronPatterns;
  /** Asks a job to stop. */
  cancel: (id: JobId) => Promise<unknown>;
  /** Called when jobs are committed: they wait in the outbox or in the waiting room. Must not throw. */
  committed: () => void;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
}

/** Schedules of one transaction. */
const BATCH = 100;
/** Ticks of one transaction, about. */
const MOST_TICKS = 1_000;
/** Between two looks at most: a schedule that another process sets is known then. */
const LOOK_MS = 1_000;
/** After a look that failed. */
const PAUSE_MS = 1_000;
/** A schedule whose look failed by itself, or whose payload cannot be read here, is left alone for so long. */
const HELD_BACK_MS = 30_000;

/**
 * Makes the jobs of schedules: one for each tick, with any number of processes that look.
 *
 * Authority: PostgreSQL, and its clock alone says what is due. Which tick is next is worked out here, from the tick that the row names, so that a process
 * whose clock is wrong works out the same ones.
 *
 * One transaction: lock the schedules that are due, skipping those that another process has locked → decide (`decideTicks`) → store their jobs →
 * write the ticks down, and move the schedules on. Two things keep a tick from having two jobs: the lock of the schedule's row, which everything that
 * makes a job of a schedule holds (this, a backfill, a trigger), and the primary key of the ticks, which names the job.
 *
 * What a crash leads to:
 * - before the commit: nothing was stored; the locks go with the connection, and another process takes the same ticks at its next look, within a second;
 * - the answer of the commit is lost: the ticks are there with their jobs, or they are still due;
 * - after the commit, before the relay is nudged: the jobs have their rows in the outbox or their places in the waiting room, and any process's sweep finds them;
 * - before a job that is to make room is asked to stop: its schedule has a buffered tick, is looked at each second, and asks then.
 *
 * A request that is refused has the outcome `refused`, and keeps no other schedule waiting. A look that fails as a whole is repeated schedule by schedule, and
 * one that fails by itself is left alone for half a minute. So is one whose payload cannot be read, because its key is missing here.
 *
 * Only schedules of kinds that this process knows are taken: during a deploy an older process would refuse what a newer one can run. What nobody has taken
 * for a minute is refused as `unknown_kind`.
 */
export class ScheduleTicker<Transaction = unknown> {
  private readonly loop: PollingLoop;
  /** Schedules that failed by themselves, and until when they are left alone. */
  private readonly heldBack = new Map<string, number>();
  /** The last look at several schedules failed: one at a time, to find out whose fault it was. */
  private singly = false;

  constructor(private readonly deps: TickerDependencies<Transaction>) {
    this.loop = new PollingLoop({
      clock: deps.clock,
      look: () => this.look(),
      everyMs: PAUSE_MS,
      failed: (error) => deps.logger.warn({ err: error }, 'schedules could not be looked at'),
    });
  }

  start(): void {
    this.loop.start();
  }

  /** A schedule was set: its first tick may be near. */
  nudge(): void {
    this.loop.nudge();
  }

  close(): Promise<void> {
    return this.loop.close();
  }

  /** Takes what is due, once; resolves with how many milliseconds there is nothing to do. */
  async look(): Promise<number> {
    const kinds = this.deps.kinds.names().filter((kind) => !isOwnKind(kind));
    const until = await this.deps.store.untilDue(kinds);
    if (until === null) return LOOK_MS;
    if (until > 0) return Math.min(until, LOOK_MS);
    const taken = await this.takeDue(kinds);
    if (taken > 0) return 0;
    // All that is due is in other hands, or left alone.
    this.singly = false;
    return LOOK_MS;
  }

  private async takeDue(kinds: string[]): Promise<number> {
    let taken: string[] = [];
    const limit = this.singly ? 1 : BATCH;
    try {
      const done = await this.deps.store.transaction(async (transaction) => {
        const { now, schedules } = await this.deps.store.takeDue(kinds, limit, this.leftAlone(), transaction);
        taken = schedules.map(({ id }) => id);
        const readable = schedules.filter((schedule) => this.isReadable(schedule));
        return readable.length === 0 ? undefined : this.advance(readable, now, transaction);
      });
      await done?.after();
    } catch (error) {
      if (taken.length === 0) throw error;
      this.failed(taken, error);
    }
    return taken.length;
  }

  /** One whose key is not here stays due as it is: its ticks come when the key is back, or in another process that has it. */
  private isReadable({ id, unreadable }: DueSchedule): boolean {
    if (unreadable === undefined) return true;
    this.heldBack.set(id, this.deps.clock.now() + HELD_BACK_MS);
    this.deps.logger.error(
      { schedule: id, reason: unreadable, againInSeconds: HELD_BACK_MS / 1_000 },
      'a schedule cannot tick here: its payload cannot be read',
    );
    return false;
  }

  private failed(taken: string[], error: unknown): void {
    const [only] = taken;
    if (taken.length === 1 && only !== undefined) {
      this.heldBack.set(only, this.deps.clock.now() + HELD_BACK_MS);
      this.deps.logger.error({ err: error, schedule: only, againInSeconds: HELD_BACK_MS / 1_000 }, 'a schedule could not be looked at');
    } else {
      this.singly = true;
      this.deps.logger.warn({ err: error, schedules: taken.length }, 'schedules could not be looked at together; each is looked at by itself');
    }
  }

  private leftAlone(): string[] {
    for (const [id, until] of this.heldBack) if (until <= this.deps.clock.now()) this.heldBack.delete(id);
    return [...this.heldBack.keys()];
  }

  /** Resolves with what is to be done once the transaction is committed. */
  private async advance(schedules: DueSchedule[], now: Date, transaction: Transaction): Promise<{ after: () => Promise<void> }> {
    const { store, submitJob } = this.deps;
    const plans = await this.decide(schedules, now);
    const planned = plans.flatMap(({ schedule, plan }) => plan.ticks.map((tick) => ({ schedule, ...tick })));
    const wanted = planned.filter(({ becomes }) => becomes === 'submit');
    // A backfill may have been there before.
    const made = wanted.length === 0 ? [] : await store.withJob(wanted.map(toKey), transaction);
    const has = new Set(made.map(({ scheduleId, tick }) => `${scheduleId} ${tick.getTime()}`));
    const open = planned.filter(({ schedule, tick }) => !has.has(`${schedule.id} ${tick.getTime()}`));
    const submitting = open.filter(({ becomes }) => becomes === 'submit');
    const answers =
      submitting.length === 0
        ? []
        : await submitJob.submitEach(
            submitting.map(({ schedule }) => requestOf(schedule)),
            transaction,
            (within, work) => store.savepoint(within, work),
          );
    const answerOf = new Map(submitting.map((tick, index) => [tick, answers[index]]));
    const records = open.map((tick): TickRecord & { schedule: Schedule } => ({ schedule: tick.schedule, ...recordOf(tick, answerOf.get(tick)) }));
    const advances = plans.map(({ schedule, plan }) =>
      advanceOf(
        schedule,
        plan,
        records.filter((record) => record.schedule === schedule),
        now,
      ),
    );
    await store.record(records, advances, transaction);
    return { after: () => this.after(records, plans, advances, now) };
  }

  /** As many as one transaction bears; the others are taken at the next look. Lets the process answer requests in between: patterns cost CPU time. */
  private async decide(schedules: DueSchedule[], now: Date): Promise<{ schedule: DueSchedule; plan: TickPlan }[]> {
    const plans: { schedule: DueSchedule; plan: TickPlan }[] = [];
    let ticks = 0;
    for (const schedule of schedules) {
      const plan = decideTicks(schedule, now, this.deps.patterns);
      plans.push({ schedule, plan });
      ticks += plan.ticks.length;
      if (ticks >= MOST_TICKS) break;
      if (plan.ticks.length > 1) await new Promise((resolve) => setImmediate(resolve));
    }
    return plans;
  }

  private async after(records: (TickRecord & { schedule: Schedule })[], plans: { plan: TickPlan }[], advances: ScheduleAdvance[], now: Date): Promise<void> {
    const { metrics, logger, committed, cancel } = this.deps;
    if (records.some(({ jobId }) => jobId !== null)) committed();
    for (const { schedule, tick, outcome, detail } of records) {
      metrics.count('schedule_ticks_total', { outcome });
      const late = now.getTime() - dueAt(schedule.id, tick, schedule.jitterMs).getTime();
      if (outcome === 'submitted' && late <= ON_TIME_MS) metrics.observe('schedule_lag_seconds', late / 1_000);
      if (outcome === 'refused') logger.warn({ schedule: schedule.id, tick, detail }, 'a tick of a schedule was refused');
    }
    for (const { id, pause } of advances) {
      if (pause === null) continue;
      metrics.count('schedules_paused_total');
      logger.error({ schedule: id, reason: pause }, 'a schedule was paused');
    }
    for (const { plan } of plans) {
      if (plan.cancel === null) continue;
      await cancel(plan.cancel).catch((error: unknown) =>
        logger.warn({ err: error, jobId: plan.cancel }, 'a job that is to make room could not be asked to stop'),
      );
    }
  }
}

function toKey({ schedule, tick }: { schedule: Schedule; tick: Date }): { scheduleId: string; tick: Date } {
  return { scheduleId: schedule.id, tick };
}

/** The submission of a schedule's job. Throws where its payload cannot be read. */
export function requestOf(schedule: Schedule): SubmitRequest {
  requireReadable(schedule);
  const { id, kind, payload, options } = schedule;
  const tags = [...(options.tags ?? []), `${SCHEDULE_TAG}${nameIn(id)}`];
  return {
    kind,
    payload: JSON.parse(payload) as JsonValue,
    payloadText: payload,
    payloadSound: true,
    options: { ...options, tags },
    tenant: tenantIn(id),
    scheduled: true,
  };
}

/** It is the platform's fault, and passes when the key is back. */
export function requireReadable({ unreadable }: Schedule): void {
  if (unreadable === undefined) return;
  const refusal = new Refusal('unavailable', unreadable);
  markPlatformFault(refusal);
  throw refusal;
}

function recordOf(
  { schedule, tick, previousTick, becomes }: PlannedTick & { schedule: Schedule },
  answer: Awaited<ReturnType<SubmitJob['submitEach']>>[number] | undefined,
): TickRecord {
  const common = { scheduleId: schedule.id, tick, previousTick, source: 'tick' as const };
  if (becomes !== 'submit' || answer === undefined) return { ...common, outcome: becomes === 'submit' ? 'missed' : becomes, jobId: null, detail: null };
  return { ...common, ...outcomeOf(answer) };
}

const DETAIL_MAX = 500;

/** What is written down of a submission. */
export function outcomeOf(answer: Awaited<ReturnType<SubmitJob['submitEach']>>[number]): Pick<TickRecord, 'outcome' | 'jobId' | 'detail'> {
  if (!(answer instanceof Refusal)) return { outcome: 'submitted', jobId: answer.job.id, detail: null };
  const faults = answer.faults.map(({ pointer, detail }) => `${pointer} ${detail}`).join('; ');
  return { outcome: 'refused', jobId: null, detail: `${answer.code}: ${faults === '' ? answer.message : faults}`.slice(0, DETAIL_MAX) };
}

function advanceOf(schedule: DueSchedule, plan: TickPlan, records: TickRecord[], now: Date): ScheduleAdvance {
  const { id } = schedule;
  let { failures } = plan;
  // A failure is counted once, also where no job comes after it.
  let lastJobId = schedule.lastJob?.state === 'failed' ? null : schedule.lastJobId;
  for (const { outcome, jobId } of records) {
    if (outcome === 'submitted') lastJobId = jobId;
    if (outcome !== 'refused') continue;
    failures++;
    // A job that has succeeded before is not to make this failure forgotten.
    lastJobId = null;
  }
  const tooMany = schedule.pauseAfterFailures !== null && failures >= schedule.pauseAfterFailures && failures > plan.failures;
  const pause = plan.pause ?? (tooMany ? refusedText(failures) : null);
  const { nextTick, lastTick, buffered } = plan;
  return { id, nextTick, lastTick, lastJobId, buffered, failures, pause, dueAt: pause === null ? nextLook(schedule, nextTick, buffered !== null, now) : null };
}

function refusedText(failures: number): string {
  return failures === 1 ? 'its last tick was refused' : `${failures} times in a row its job has failed or was refused`;
}
