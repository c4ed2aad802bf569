import { setTimeout as pause } from 'node:timers/promises';
import { type Handles, inSchema, type JobContext, JobHandler, NonRetryableError, RetryableError, schemaOf, SnoozeError } from '@app/sdk';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import type { EntityManager } from 'typeorm';

export class IsolatedPayload {
  @IsIn([
    'echo',
    'sleep',
    'spin',
    'hang',
    'crash',
    'exit',
    'throw-later',
    'allocate',
    'buffers',
    'effect',
    'die-before-commit',
    'die-after-commit',
    'throw',
    'return',
    'say',
  ])
  do!: keyof typeof deeds;
  /** How long to sleep or spin, in all; before the end of `effect`. */
  @IsOptional() @IsInt() @Min(0) @Max(86_400_000) ms?: number;
  /** Of `effect`; of `throw`, `return` and `say`: what. */
  @IsOptional() @IsString() @MaxLength(1_000) key?: string;
  /** Misbehaves in so many attempts, then does as `echo`; in all when left out. */
  @IsOptional() @IsInt() @Min(0) @Max(1_000) times?: number;
}

type Deed = (job: JobContext, payload: { ms: number; key: string }) => Promise<unknown>;

/** What a process may do to itself, by name; registered with LONGHAUL_DEBUG_KINDS=1 only. */
@JobHandler({
  kind: 'debug.isolated',
  description: 'Runs in a process of its own and does it good or harm.',
  payload: IsolatedPayload,
  isolated: { memoryMb: 300 },
  backoff: { base: '100ms' },
})
export class DebugIsolated implements Handles<IsolatedPayload, unknown> {
  async run({ do: what, ms = 0, key = '', times = Infinity }: IsolatedPayload, job: JobContext): Promise<unknown> {
    job.log(`does: ${what}`);
    return (job.attempt > times ? deeds.echo : deeds[what])(job, { ms, key });
  }
}

const deeds = {
  echo: async (job, { key }) => {
    const { attempt, fence, idempotencyKey } = job;
    return { pid: process.pid, attempt, fence, idempotencyKey, key, firstAttempt: await job.step('first', async () => attempt) };
  },
  sleep: async (job, { ms }) => {
    job.progress({ done: 0, total: ms });
    await pause(ms, undefined, { signal: job.signal });
    return { pid: process.pid };
  },
  spin: async (job, { ms }) => {
    const start = performance.now();
    for (let done = 0; done < ms; done = performance.now() - start) job.progress({ done: Math.round(done), total: ms });
    return { pid: process.pid };
  },
  hang: async () => {
    for (;;);
  },
  crash: async () => process.abort(),
  exit: async () => process.exit(3),
  'throw-later': () => {
    setImmediate(() => {
      throw new Error('thrown where nobody catches');
    });
    return new Promise(() => undefined);
  },
  allocate: async () => {
    for (const kept: string[][] = []; ;) kept.push(Array.from({ length: 100_000 }, (_, index) => `text ${index}`));
  },
  buffers: async () => {
    for (const kept: Buffer[] = []; ;) {
      kept.push(Buffer.alloc(10_000_000, 1));
      await pause(5);
    }
  },
  effect: (job, { ms, key }) => withEffect(job, key, () => pause(ms, { pid: process.pid }, { signal: job.signal })),
  'die-before-commit': (job, { key }) => withEffect(job, key, async (manager) => atCommit(manager, async () => die())),
  'die-after-commit': (job, { key }) => withEffect(job, key, async (manager) => atCommit(manager, async (commit) => commit().then(die))),
  throw: async (_, { key }) => {
    if (key === 'non-retryable') throw new NonRetryableError('no account', { code: 'no_account' });
    if (key === 'retryable') throw new RetryableError('busy', 3_600_000);
    if (key === 'snooze') throw new SnoozeError(3_600_000);
    throw Object.assign(new TypeError('odd'), { self: () => 'functions cannot be cloned' });
  },
  return: async (_, { key }) => (key === 'huge' ? 'x'.repeat(20_000_000) : { big: 1n }),
  say: async (job, { key }) => {
    job.log(`says ${key}`, { key });
    process.stderr.write(`${key}\n`);
    throw new NonRetryableError(`nobody understands ${key}`);
  },
} satisfies Record<string, Deed>;

/** A row that doubling would show, in the job's own transaction. */
function withEffect<Result>(job: JobContext, key: string, then: (manager: EntityManager) => Promise<Result>): Promise<Result> {
  return job.transaction(async (manager) => {
    await manager.query(inSchema(schemaOf(manager.dataSource), 'INSERT INTO lh.debug_effects (key, job_id) VALUES ($1, $2)'), [key, job.id]);
    job.log('the effect is in');
    return then(manager);
  });
}

/** Puts something in the place of the commit that comes after the handler. */
async function atCommit(manager: EntityManager, instead: (commit: () => Promise<void>) => Promise<void>): Promise<object> {
  const runner = manager.queryRunner;
  if (!runner) throw new TypeError('expected the manager of an open transaction');
  const commit = runner.commitTransaction.bind(runner);
  runner.commitTransaction = () => instead(commit);
  return { pid: process.pid };
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}
