import { isDeepStrictEqual } from 'node:util';
import type { LimitDryRun } from '@app/contracts';
import { type CodeChange, type JobId, type LimitChange, type LimitSettings, type NamedLimit, Refusal, rehearse, SubmitJob } from '@app/core';
import { rekeyRequest, Store } from '@app/host';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

/**
 * Changes limits, and in the same transaction submits the job that gives waiting jobs the limits that hold then: no change is without it, whatever
 * dies in between.
 */
@Injectable()
export class ChangeLimits {
  constructor(
    private readonly store: Store,
    private readonly submitJob: SubmitJob<EntityManager>,
  ) {}

  /** Resolves with the id of that job, or undefined where no job comes under other limits. */
  put(name: string, settings: LimitSettings): Promise<JobId | undefined> {
    return this.store.dataSource.transaction(async (transaction) => this.rekey(name, await this.store.limits.put(name, settings, transaction), transaction));
  }

  /** What `put` would do; rejects where it would. Nothing is kept. */
  async rehearse(name: string, settings: LimitSettings): Promise<LimitDryRun['outcome']> {
    const before = await this.store.limits.find(name);
    await rehearse(
      (work: (transaction: EntityManager) => Promise<never>) => this.store.dataSource.transaction(work),
      (transaction) => this.store.limits.put(name, settings, transaction),
    );
    if (!before) return 'created';
    const { match, per, concurrency, rate, burst, strict } = before;
    return before.origin === 'api' && isDeepStrictEqual({ match, per, concurrency, rate, burst, strict }, settings) ? 'unchanged' : 'changed';
  }

  /** As `put`. Rejects with `Refusal` for an unknown limit, and for one that stands in code. */
  remove(name: string): Promise<JobId | undefined> {
    return this.store.dataSource.transaction(async (transaction) => {
      const change = await this.store.limits.remove(name, transaction);
      if (change === 'unknown') throw noSuchLimit(name);
      if (change === 'code') throw new Refusal('state_forbids', `limit ${name} stands in code; take it out there, or PUT another in its place`);
      return this.rekey(name, change, transaction);
    });
  }

  /** Sets the limits of a configuration's code, and takes away those that have gone from it. */
  putCode(origin: string, limits: readonly NamedLimit[]): Promise<CodeChange> {
    return this.store.dataSource.transaction(async (transaction) => {
      const change = await this.store.limits.putCode(origin, limits, transaction);
      if (change.rekey.length > 0) await this.submitJob.submit(rekeyRequest(...change.rekey), transaction);
      return change;
    });
  }

  private async rekey(name: string, { rekey }: LimitChange, transaction: EntityManager): Promise<JobId | undefined> {
    return rekey ? (await this.submitJob.submit(rekeyRequest(name), transaction)).job.id : undefined;
  }
}

export function noSuchLimit(name: string): Refusal {
  return new Refusal('not_found', `there is no limit ${JSON.stringify(name.slice(0, 100))}; GET /limits lists them`);
}
