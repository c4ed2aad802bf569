import { BULK_ACTS, type BulkAct, bulkAct, type BulkResult, JOB_STATES, type JobState, STOP_GRACE_MS, systemClock } from '@app/core';
import { type Handles, type JobContext, JobHandler } from '@app/sdk';
import { IsDateString, IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { Store } from '../store.js';

export const BULK_KIND = 'longhaul.bulk';

/** An act, and the jobs that it is for. The gateway has checked it; a field that is left out is no condition. */
class BulkPayload {
  @IsIn(Object.keys(BULK_ACTS)) act!: BulkAct;
  /** When the act was asked for, where it is left out. */
  @IsOptional() @IsDateString() before?: string;
  @IsOptional() @IsString() kind?: string;
  @IsOptional() @IsString() queue?: string;
  @IsOptional() @IsString() tag?: string;
  @IsOptional() @IsIn(JOB_STATES) state?: JobState;
  @IsOptional() @IsInt() @Min(1) rate?: number;
  @IsOptional() @IsString() reason?: string;
  @IsOptional() @IsString() by?: string;
  @IsOptional() @IsInt() @Min(0) @Max(STOP_GRACE_MS) graceMs?: number;
}

/** Does one act to all jobs that fit a filter; its progress is how many it has changed. Cancelled, it changes no more. */
@JobHandler({
  kind: BULK_KIND,
  description: 'Cancels or puts back many jobs.',
  payload: BulkPayload,
  queue: 'bulk',
  priority: 9,
  maxAttempts: 20,
  timeout: null,
  backoff: { base: '1s', max: '1m' },
})
export class BulkJob implements Handles<BulkPayload, BulkResult> {
  constructor(private readonly store: Store) {}

  run({ before, kind, queue, tag, state, ...request }: BulkPayload, job: JobContext): Promise<BulkResult> {
    const filter = { before: before === undefined ? job.createdAt : new Date(before), ...given({ kind, queue, tag, state }) };
    return bulkAct({ store: this.store.bulk, clock: systemClock }, { ...request, filter }, job);
  }
}

/** What is left out is no property. */
function given<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };
}
