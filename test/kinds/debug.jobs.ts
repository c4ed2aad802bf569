import { type Handles, inSchema, type JobContext, JobHandler, NonRetryableError, rawJson, schemaOf } from '@app/sdk';
import { IsBoolean, IsDefined, IsInt, IsOptional, IsString, Max, MaxLength, Min, ValidateIf } from 'class-validator';
import { chaosKinds } from './debug-chaos.jobs.js';
import { DebugIsolated } from './debug-isolated.job.js';
import { DebugOdd, DebugOddIsolated } from './debug-odd.jobs.js';

/** Kinds for trying Longhaul out and for its tests; registered with LONGHAUL_DEBUG_KINDS=1 only. */

const DAY_MS = 86_400_000;

export class EchoPayload {
  /** Any JSON. */
  @ValidateIf((_, value) => value !== null)
  @IsDefined({ message: 'value must be given' })
  value!: unknown;
}

@JobHandler({ kind: 'debug.echo', description: 'Gives its value back.', payload: EchoPayload })
export class DebugEcho implements Handles<EchoPayload, unknown> {
  /** The payload is the result, so its text is too: digit by digit. */
  async run(_: EchoPayload, job: JobContext): Promise<unknown> {
    return rawJson(job.rawPayload);
  }
}

export class SleepPayload {
  @IsInt() @Min(0) @Max(365 * DAY_MS) ms!: number;
}

@JobHandler({ kind: 'debug.sleep', description: 'Waits, reports progress, obeys its signal.', payload: SleepPayload, timeout: null })
export class DebugSleep implements Handles<SleepPayload, { ms: number }> {
  async run({ ms }: SleepPayload, job: JobContext): Promise<{ ms: number }> {
    const end = performance.now() + ms;
    for (let left = ms; left > 0; left = end - performance.now()) {
      job.progress({ done: Math.round(ms - left), total: ms });
      await pause(Math.min(left, 100), job.signal);
    }
    job.progress({ done: ms, total: ms });
    return { ms };
  }
}

export class LogPayload {
  @IsInt() @Min(0) @Max(100_000) lines!: number;
  /** Between two lines. */
  @IsOptional() @IsInt() @Min(0) @Max(60_000) pauseMs?: number;
  /** Stands at the end of each line, and in its fields. */
  @IsOptional() @IsString() @MaxLength(1_000) text?: string;
}

@JobHandler({ kind: 'debug.log', description: 'Logs line by line, and reports progress.', payload: LogPayload })
export class DebugLog implements Handles<LogPayload, { lines: number }> {
  async run({ lines, pauseMs = 0, text }: LogPayload, job: JobContext): Promise<{ lines: number }> {
    for (let line = 1; line <= lines; line++) {
      job.log(`line ${line}${text === undefined ? '' : `: ${text}`}`, { line, ...(text === undefined ? {} : { said: [text] }) });
      job.progress({ done: line, total: lines });
      if (pauseMs > 0) await pause(pauseMs, job.signal);
    }
    return { lines };
  }
}

export class FailPayload {
  @IsString() @MaxLength(1_000) message!: string;
  @IsOptional() @IsBoolean() retryable?: boolean;
  /** Fails so many attempts, then succeeds; always when left out. */
  @IsOptional() @IsInt() @Min(0) @Max(1_000) times?: number;
}

@JobHandler({ kind: 'debug.fail', description: 'Fails its first attempts, or all.', payload: FailPayload })
export class DebugFail implements Handles<FailPayload, { attempts: number }> {
  async run({ message, retryable = true, times = Infinity }: FailPayload, job: JobContext): Promise<{ attempts: number }> {
    if (job.attempt > times) return { attempts: job.attempt };
    throw retryable ? new Error(message) : new NonRetryableError(message);
  }
}

export class CrashPayload {
  /** Kills its process in so many attempts, then succeeds; always when left out. */
  @IsOptional() @IsInt() @Min(0) @Max(1_000) times?: number;
}

@JobHandler({ kind: 'debug.crash', description: 'Kills the process that runs it.', payload: CrashPayload })
export class DebugCrash implements Handles<CrashPayload, { attempts: number }> {
  async run({ times = Infinity }: CrashPayload, job: JobContext): Promise<{ attempts: number }> {
    if (job.attempt > times) return { attempts: job.attempt };
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => undefined);
  }
}

export class SpinPayload {
  @IsInt() @Min(0) @Max(DAY_MS) ms!: number;
}

@JobHandler({ kind: 'debug.spin', description: 'Blocks the event loop of its process.', payload: SpinPayload, timeout: null })
export class DebugSpin implements Handles<SpinPayload, { ms: number }> {
  async run({ ms }: SpinPayload): Promise<{ ms: number }> {
    const end = performance.now() + ms;
    while (performance.now() < end);
    return { ms };
  }
}

export class EffectPayload {
  @IsString() @MaxLength(1_000) key!: string;
  /** How long to wait between the effect and the end. */
  @IsOptional() @IsInt() @Min(0) @Max(DAY_MS) ms?: number;
}

@JobHandler({ kind: 'debug.effect', description: "Writes a row in the job's own transaction.", payload: EffectPayload })
export class DebugEffect implements Handles<EffectPayload, { key: string }> {
  async run({ key, ms = 0 }: EffectPayload, job: JobContext): Promise<{ key: string }> {
    return job.transaction(async (manager) => {
      await manager.query(inSchema(schemaOf(manager.dataSource), 'INSERT INTO lh.debug_effects (key, job_id) VALUES ($1, $2)'), [key, job.id]);
      await pause(ms, job.signal);
      return { key };
    });
  }
}

/** Resolves after `ms`; rejects with the signal's reason when that fires first. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}

export const debugKinds = [
  DebugEcho,
  DebugSleep,
  DebugLog,
  DebugFail,
  DebugCrash,
  DebugSpin,
  DebugEffect,
  DebugIsolated,
  DebugOdd,
  DebugOddIsolated,
  ...chaosKinds,
] as const;
