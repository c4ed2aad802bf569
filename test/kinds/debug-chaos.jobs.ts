import { setTimeout as delay } from 'node:timers/promises';
import { type Handles, inSchema, type JobContext, JobHandler, LONGHAUL_DATA_SOURCE, schemaOf } from '@app/sdk';
import { Inject } from '@nestjs/common';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { DataSource } from 'typeorm';

/** Kinds with which the fault tests attack Longhaul and keep their books; registered with LONGHAUL_DEBUG_KINDS=1 only. */

export class LedgerPayload {
  @IsString() @MaxLength(1_000) key!: string;
  /** How long to wait between the effect outside the transaction and the one inside it. */
  @IsOptional() @IsInt() @Min(0) @Max(86_400_000) ms?: number;
  /** Throws in so many attempts, after the effect outside. */
  @IsOptional() @IsInt() @Min(0) @Max(1_000) failures?: number;
}

/** One row that is committed at once, as a call to another service would be, and one that is committed with the settlement. */
@JobHandler({
  kind: 'debug.ledger',
  description: "Writes one row outside and one inside the job's transaction.",
  payload: LedgerPayload,
  maxAttempts: 20,
  backoff: { base: 200, max: '2s' },
})
export class DebugLedger implements Handles<LedgerPayload, { key: string }> {
  constructor(@Inject(LONGHAUL_DATA_SOURCE) private readonly dataSource: DataSource) {}

  async run({ key, ms = 0, failures = 0 }: LedgerPayload, job: JobContext): Promise<{ key: string }> {
    const row = [key, job.id, job.attempt, job.fence];
    const insert = inSchema(schemaOf(this.dataSource), 'INSERT INTO lh.debug_ledger (key, job_id, attempt, fence, place)');
    await this.dataSource.query(`${insert} VALUES ($1, $2, $3, $4, 'outside')`, row);
    if (ms > 0) await sleep(ms, job.signal);
    if (job.attempt <= failures) throw new Error(`attempt ${job.attempt} of ${failures} that fail`);
    return job.transaction(async (manager) => {
      await manager.query(`${insert} VALUES ($1, $2, $3, $4, 'inside')`, row);
      return { key };
    });
  }
}

export class MisbehavePayload {
  /**
   * `hang` ignores its signal for `ms`; `allocate` takes memory until its process dies; `reject` leaves a rejection that nobody
   * handles, and returns; `throw` throws outside of any promise; `exit` ends the process.
   */
  @IsIn(['hang', 'allocate', 'reject', 'throw', 'exit']) how!: 'hang' | 'allocate' | 'reject' | 'throw' | 'exit';
  /** Of `hang`. */
  @IsOptional() @IsInt() @Min(0) @Max(86_400_000) ms?: number;
  /** Misbehaves in so many attempts, then behaves; always when left out. */
  @IsOptional() @IsInt() @Min(0) @Max(1_000) times?: number;
}

@JobHandler({ kind: 'debug.misbehave', description: 'Does what a handler must not.', payload: MisbehavePayload, maxAttempts: 3, backoff: { base: 100 } })
export class DebugMisbehave implements Handles<MisbehavePayload, { attempts: number }> {
  async run({ how, ms = 60_000, times = Infinity }: MisbehavePayload, job: JobContext): Promise<{ attempts: number }> {
    if (job.attempt <= times) await MISDEEDS[how](ms);
    return { attempts: job.attempt };
  }
}

const MISDEEDS: Record<MisbehavePayload['how'], (ms: number) => Promise<unknown>> = {
  hang: (ms) => sleep(ms),
  allocate: async () => {
    const kept: number[][] = [];
    for (;;) {
      kept.push(new Array<number>(1_000_000).fill(kept.length));
      await sleep(1);
    }
  },
  reject: async () => void Promise.reject(new Error('a rejection that nobody handles')),
  throw: () =>
    new Promise(() =>
      setImmediate(() => {
        throw new Error('thrown outside of any promise');
      }),
    ),
  exit: async () => process.exit(1),
};

/** Resolves after `ms`; rejects with the signal's reason when that fires first. */
async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted());
}

export const chaosKinds = [DebugLedger, DebugMisbehave] as const;
