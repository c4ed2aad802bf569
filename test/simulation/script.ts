import type { Handlers, JobContext, JsonValue, KindPolicy } from '@app/core';
import { kindPolicy, NonRetryableError, SnoozeError } from '@app/core';
import type { Ledger } from './ledger.js';
import type { SimProcess } from './process.js';
import { QUEUE } from './queues.js';
import type { SimSession } from './server.js';
import type { SimTransaction } from './store/session.js';
import { UNSTORABLE } from './store/settle.js';

/** What a job of the simulation does, written in its payload. "times" counts attempts. */
export interface Script {
  workMs: number;
  /** Writes an effect in its transaction, and stays in it for a while. */
  effect?: boolean;
  inTransactionMs?: number;
  failTimes?: number;
  crashTimes?: number;
  fatal?: boolean;
  snoozes?: boolean;
  /** Does not obey its signal. */
  deaf?: boolean;
  step?: boolean;
  progress?: boolean;
  /** Its result is refused by the database. */
  unstorable?: boolean;
}

export const KIND = 'sim.job';
/** A kind that not every worker knows yet. */
export const NEW_KIND = 'sim.new';
/** A kind of which a job takes several slots, where a process has so many. */
export const HEAVY_KIND = 'sim.heavy';
export const HEAVY_SLOTS = 2;

const POLICIES = new Map(
  [KIND, NEW_KIND, HEAVY_KIND].map((kind) => {
    const slots = kind === HEAVY_KIND ? HEAVY_SLOTS : 1;
    return [kind, kindPolicy({ kind, queue: QUEUE, timeout: null, backoff: { base: 300, max: 2_000 }, slots })];
  }),
);

/** The kinds of a process, and the handler that plays a script; `slots`: how many may run at once. */
export function scriptedHandlers(process: SimProcess, db: SimSession, ledger: Ledger, kinds: string[], slots = Infinity): Handlers<SimTransaction> {
  return {
    names: () => kinds,
    policy: (kind): KindPolicy | undefined => (kinds.includes(kind) ? POLICIES.get(kind) : undefined),
    validate: () => [],
    run: async (kind, payload, context) => {
      const script = JSON.parse(payload) as Script;
      const ended = ledger.running(context, process, slots, kind === HEAVY_KIND ? HEAVY_SLOTS : 1);
      context.signal.addEventListener('abort', ended);
      try {
        return await play(script, context, process, db, ledger);
      } finally {
        ended();
      }
    },
  };
}

async function play(script: Script, context: JobContext<SimTransaction>, process: SimProcess, db: SimSession, ledger: Ledger): Promise<JsonValue> {
  ledger.started(context, process);
  await work(script.workMs / 2, script, context, process);
  if (context.attempt <= (script.crashTimes ?? 0)) {
    process.crash();
    await new Promise<never>(() => undefined);
  }
  if (script.fatal) throw new NonRetryableError('it will never work');
  if (context.attempt <= (script.failTimes ?? 0)) throw new Error('it does not work yet');
  if (script.snoozes && ledger.firstSnooze(context.id)) throw new SnoozeError(700);
  if (script.step) await context.step('step', async () => ledger.stepped(context.id));
  await work(script.workMs / 2, script, context, process);
  if (script.effect) await writeEffect(script, context, process, db);
  return script.unstorable ? { value: UNSTORABLE } : { done: true };
}

function writeEffect(script: Script, context: JobContext<SimTransaction>, process: SimProcess, db: SimSession): Promise<void> {
  return context.transaction(async (transaction) => {
    await db.run(
      'effect',
      (tables) => {
        const row = tables.jobs.get(context.id);
        if (!row?.token) throw new Error('expected the job of an effect to run');
        const effect = { jobId: context.id, redrives: row.job.redrives, token: row.token };
        transaction.writes.push(() => tables.effects.push(effect));
      },
      transaction,
    );
    await work(script.inTransactionMs ?? 0, script, context, process);
  });
}

/** Works, a second at a time, and stops when it is told to. */
async function work(ms: number, script: Script, context: JobContext, process: SimProcess): Promise<void> {
  const { clock } = process;
  const end = clock.now() + ms;
  while (clock.now() < end) {
    await clock.sleep(Math.min(1_000, end - clock.now()), script.deaf ? undefined : context.signal);
    if (!script.deaf) context.signal.throwIfAborted();
    if (script.progress) context.progress({ done: clock.now() });
  }
}
