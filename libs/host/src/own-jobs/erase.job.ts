import { erase, type Erased, NonRetryableError, StoredContents, systemClock } from '@app/core';
import { type Handles, type JobContext, JobHandler } from '@app/sdk';
import { IsBoolean, IsInt, IsOptional, IsString, Min } from 'class-validator';
import { Store } from '../store.js';
import { ACT_SETTINGS } from './acts.js';

export const ERASE_KIND = 'longhaul.erase';

/** For people who look at the job: what is erased is said by the row of the erasure, which no redrive with another payload can change. */
class ErasePayload {
  @IsString() tag!: string;
  @IsBoolean() keepFiles!: boolean;
  @IsOptional() @IsInt() @Min(1) rate?: number;
}

/** Removes all that is stored of the jobs with a tag; its progress is how many it has removed. Cancelled, it goes no further. */
@JobHandler({
  kind: ERASE_KIND,
  description: 'Removes the jobs with a tag, and all that is stored of them.',
  payload: ErasePayload,
  ...ACT_SETTINGS,
})
export class EraseJob implements Handles<ErasePayload, Erased> {
  constructor(
    private readonly store: Store,
    private readonly contents: StoredContents,
  ) {}

  async run({ rate }: ErasePayload, job: JobContext): Promise<Erased> {
    const found = await this.store.erasures.find(job.id, null);
    if (!found) throw new NonRetryableError(`expected the erasure ${job.id} to be stored, got none: ask for it by POST /erasures`);
    if (found.finishedAt) return found.removed;
    const { store, contents } = this;
    const dependencies = { store: store.erasures, bulk: store.bulk, contents, clock: systemClock };
    const progress = (told: { done: number; message: string }) => job.progress(told);
    return erase(dependencies, { ...found, before: job.createdAt }, { signal: job.signal, progress, ...(rate === undefined ? {} : { rate }) });
  }
}
