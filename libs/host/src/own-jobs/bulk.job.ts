import {
  BULK_ACTS,
  type BulkAct,
  bulkAct,
  type BulkResult,
  filterFaults,
  JOB_FILTER_FIELDS,
  MOST_IDS,
  NonRetryableError,
  readJobFilter,
  Refusal,
  STOP_GRACE_MS,
  systemClock,
} from '@app/core';
import { type Handles, type JobContext, JobHandler } from '@app/sdk';
import { IsDateString, IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { Store } from '../store.js';
import { ACT_SETTINGS, ofJob } from './acts.js';

export const BULK_KIND = 'longhaul.bulk';

/** An act, and the jobs that it is for. The gateway has checked it; a field that is left out is no condition. */
class BulkPayload {
  @IsIn(Object.keys(BULK_ACTS)) act!: BulkAct;
  /** When the act was asked for, where it is left out. */
  @IsOptional() @IsDateString() before?: string;
  /** Of `redrive`: failed jobs of one cause. */
  @IsOptional() @IsString() group?: string;
  // What `writeJobFilter` has written; `readJobFilter` reads it.
  @IsOptional() id?: unknown;
  @IsOptional() state?: unknown;
  @IsOptional() kind?: unknown;
  @IsOptional() queue?: unknown;
  @IsOptional() tag?: unknown;
  @IsOptional() idempotencyKey?: unknown;
  @IsOptional() error?: unknown;
  @IsOptional() payload?: unknown;
  @IsOptional() createdFrom?: unknown;
  @IsOptional() createdTo?: unknown;
  @IsOptional() finishedFrom?: unknown;
  @IsOptional() finishedTo?: unknown;
  /** Not looked at: whose the job is says of which tenant the jobs are. No payload, also not one of a redrive, can make it more. */
  @IsOptional() @IsString() tenant?: string;
  /** Of `move`, and of `reprioritise`. */
  @IsOptional() @IsString() toQueue?: string;
  @IsOptional() @IsInt() @Min(0) @Max(9) toPriority?: number;
  @IsOptional() @IsInt() @Min(1) rate?: number;
  @IsOptional() @IsString() reason?: string;
  @IsOptional() @IsString() by?: string;
  @IsOptional() @IsInt() @Min(0) @Max(STOP_GRACE_MS) graceMs?: number;
}

/** Does one act to all jobs that fit a filter; its progress is how many it has changed. Cancelled, it changes no more. */
@JobHandler({
  kind: BULK_KIND,
  description: 'Cancels, puts back, reprioritises or moves many jobs, or puts their dead letters away.',
  payload: BulkPayload,
  ...ACT_SETTINGS,
})
export class BulkJob implements Handles<BulkPayload, BulkResult> {
  constructor(private readonly store: Store) {}

  async run({ before, group, ...payload }: BulkPayload, job: JobContext): Promise<BulkResult> {
    const [written, { act, ...others }] = split(payload);
    const { conditions, faults } = readJobFilter(written, BULK_ACTS[act], MOST_IDS);
    // A condition that this version does not know must not be left out: the act would be for more jobs than were meant.
    if (faults.length > 0) throw new NonRetryableError(`the conditions are not those of this version: ${JSON.stringify(filterFaults(faults))}`);
    const filter = {
      before: before === undefined ? job.createdAt : new Date(before),
      ...conditions,
      ...(group === undefined ? {} : { group }),
      ...ofJob(job),
    };
    try {
      return await bulkAct({ store: this.store.bulk, clock: systemClock }, { ...others, act, filter }, job);
    } catch (error) {
      // What it is refused for stays so: the queue that jobs were to go to was deleted.
      throw error instanceof Refusal ? new NonRetryableError(error.message) : error;
    }
  }
}

type Order = Pick<BulkPayload, 'act' | 'toQueue' | 'toPriority' | 'rate' | 'reason' | 'by' | 'graceMs'>;

/** The conditions, and the rest. */
function split({ ...payload }: Omit<BulkPayload, 'before' | 'group'>): [Record<string, unknown>, Order] {
  const fields = Object.entries(payload).filter(([name, value]) => value !== undefined && name !== 'tenant');
  const isCondition = ([name]: [string, unknown]) => (JOB_FILTER_FIELDS as readonly string[]).includes(name);
  return [Object.fromEntries(fields.filter(isCondition)), Object.fromEntries(fields.filter((field) => !isCondition(field))) as Order];
}
