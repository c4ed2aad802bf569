import type { Clock } from '../kit/clock.js';
import type { JobId } from '../job/job.js';
import { paced } from './act-pages.js';
import { bulkAct, type BulkStore } from './bulk.js';

/** An erasure that was asked for. Its id is that of the job that does it. */
export interface ErasureOrder {
  id: JobId;
  tenant: string;
  tag: string;
  /** When it was asked for: jobs that were created later are left alone. */
  before: Date;
  /** Files that the jobs name stay, because others need them too. */
  keepFiles: boolean;
}

/** What is removed of jobs, beside themselves. */
export const ERASED_THINGS = ['jobs', 'steps', 'events', 'deadLetters', 'deliveries', 'notifications', 'idempotencyKeys', 'files'] as const;
export type ErasedThing = (typeof ERASED_THINGS)[number];

/** No interface, so that it is a JSON value. `abandoned`: jobs whose handler did not obey the cancel, so that its code may go on. */
export type Erased = Record<ErasedThing | 'abandoned', number>;

/** What a look at the end still finds. `schedules`: those of the tag, which go on making jobs; all others have to be 0. */
export type ErasureLeft = Record<Exclude<ErasedThing, 'steps' | 'events'> | 'schedules', number>;

export interface ErasureStore {
  /** Jobs of the tag that have not ended. */
  unfinished(order: ErasureOrder): Promise<number>;
  /** Jobs of the tag that have ended, the newest first; `next`: where to go on. */
  ended(order: ErasureOrder, after: string | null, size: number): Promise<{ ids: JobId[]; next: string | null }>;
  /** Removes those of these that have ended, with all that belongs to them, in one transaction that counts them too. How many. */
  erase(order: ErasureOrder, ids: readonly JobId[], as: 'jobs' | 'notifications'): Promise<number>;
  /** Longhaul's own jobs that tell of what was erased, and the kinds that they are of. */
  notifications(order: ErasureOrder): Promise<{ ids: JobId[]; kinds: string[] }>;
  /** Those of these that there are. */
  present(ids: readonly JobId[]): Promise<JobId[]>;
  /** Removes what names an erased job and is found by a look through its table alone. */
  sweep(order: ErasureOrder): Promise<void>;
  /** Some files that are to be removed. */
  files(order: ErasureOrder, limit: number): Promise<string[]>;
  fileRemoved(order: ErasureOrder, id: string): Promise<void>;
  left(order: ErasureOrder): Promise<ErasureLeft>;
  /** Stores the proof, and writes it into the audit. */
  finish(order: ErasureOrder, left: ErasureLeft): Promise<Erased>;
}

/** Where the contents of files are. */
export abstract class StoredContents {
  /** Removes a file's row and its content. Resolves also when there is no such file. */
  abstract remove(id: string): Promise<unknown>;
}

export interface ErasureDependencies {
  store: ErasureStore;
  bulk: BulkStore;
  contents: StoredContents;
  clock: Pick<Clock, 'now' | 'sleep'>;
}

const PAGE = 50;
/** Of jobs that are named by their ids: whenever they were created. */
const WHENEVER = new Date('9999-12-31T00:00:00Z');
const LOOK_MS = 250;
/** A job that is put back, or that a redrive makes, while the others are erased is found by the next pass. */
const PASSES = 5;
const REASON = 'erasure';

/**
 * Removes all jobs with a tag, and all that is stored of them.
 *
 * Authority: each page is one transaction that locks the rows of jobs that have ended, removes them with what belongs to them, and counts them in the row of
 * the erasure. So a crash leaves a page whole or gone, and the next attempt begins anew: what is gone is not found. What has not ended is cancelled first, and
 * waited for: a settlement looks for its job under its token, so one that came after the removal would write nothing, but a handler that still runs could
 * store a file that nobody would look for any more.
 *
 * Rejects when something is left, so that the job is tried again, and when it is told to stop.
 */
export async function erase(
  { store, bulk, contents, clock }: ErasureDependencies,
  order: ErasureOrder,
  { signal, progress, rate }: { signal: AbortSignal; progress: (progress: { done: number; message: string }) => void; rate?: number },
): Promise<Erased> {
  let jobs = 0;
  const page = paced(clock, rate, signal);
  const size = Math.min(PAGE, rate ?? PAGE);
  const say = (message: string) => progress({ done: jobs, message });
  const cancel = (filter: Parameters<typeof bulkAct>[1]['filter']) =>
    // Without steps: what was cancelled is not found again.
    bulkAct({ store: bulk, clock }, { act: 'cancel', filter, reason: REASON }, { signal, step: (_, work) => work(), progress: () => undefined });

  const eraseJobs = async (): Promise<void> => {
    await cancel({ tenant: order.tenant, tags: [order.tag], before: order.before });
    for (let running; (running = await store.unfinished(order)) > 0;) {
      say(`${running} have been asked to stop`);
      await clock.sleep(LOOK_MS, signal);
    }
    for (let after: string | null = null, first = true; first || after !== null; first = false) {
      const from: string | null = after;
      const { next } = await page(async () => {
        const found = await store.ended(order, from, size);
        const changed = found.ids.length === 0 ? 0 : await store.erase(order, found.ids, 'jobs');
        jobs += changed;
        return { ...found, changed };
      });
      after = next;
      say(`${jobs} erased`);
    }
  };

  /** Those that tell of the outcomes: they carry parts of the jobs, to receivers that are not to hear of them any more. */
  const eraseNotifications = async (): Promise<void> => {
    const { ids, kinds } = await store.notifications(order);
    for (let at = 0; at < ids.length; at += PAGE) {
      const some = ids.slice(at, at + PAGE);
      await cancel({ ids: some, kinds, before: WHENEVER });
      for (;;) {
        await page(async () => ({ changed: await store.erase(order, some, 'notifications') }));
        if ((await store.present(some)).length === 0) break;
        await clock.sleep(LOOK_MS, signal);
      }
    }
  };

  for (let pass = 1; ; pass++) {
    await eraseJobs();
    await eraseNotifications();
    await store.sweep(order);
    for (let ids; (ids = await store.files(order, PAGE)).length > 0;) {
      for (const id of ids) {
        signal.throwIfAborted();
        await contents.remove(id);
        await store.fileRemoved(order, id);
      }
    }
    const left = await store.left(order);
    const others = Object.entries(left).filter(([thing]) => thing !== 'schedules');
    if (others.every(([, count]) => count === 0)) return store.finish(order, left);
    if (pass === PASSES) throw new Error(`expected nothing to be left of the jobs with the tag, got ${JSON.stringify(Object.fromEntries(others))}`);
  }
}
