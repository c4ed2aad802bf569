import type { JsonValue } from '../job/job.js';
import type { Clock } from '../kit/clock.js';

/** Of a handler: what remembers the results of its parts over attempts, and what it tells. */
export interface BulkContext {
  signal: AbortSignal;
  step<Result extends JsonValue>(name: string, work: () => Promise<Result>): Promise<Result>;
  progress(progress: { done: number; message: string }): void;
}

/** What fitted, and how much of it was changed; `next`: where to go on, null: there is no more. No interface, so that it is a JSON value. */
export type ActPage = { matched: number; changed: number; next: string | null };

/** Pages of one step. A later attempt does so many once more at most. */
const PAGES = 10;

/**
 * Of the time that a page took, so much passes before the next where no rate is asked for: what others ask of the store would wait behind page after page.
 * The busier the store is, the longer a page takes, and the longer the act gives way.
 */
const REST = 1;

/**
 * Pages of an act that may change so many in a second: a page takes at least the time that its changes may take. Without a rate it takes half of the time.
 * Rejects between two pages when the act is told to stop.
 */
export function paced(
  clock: Pick<Clock, 'now' | 'sleep'>,
  rate: number | undefined,
  signal: AbortSignal,
): <Page extends { changed: number }>(page: () => Promise<Page>) => Promise<Page> {
  let begun = clock.now();
  return async (page) => {
    signal.throwIfAborted();
    const done = await page();
    const took = clock.now() - begun;
    const rest = rate === undefined ? took * REST : (done.changed / rate) * 1_000 - took;
    if (done.changed > 0 && rest > 0) await clock.sleep(rest, signal);
    begun = clock.now();
    return done;
  };
}

/** All pages of an act, from the first to the last, in steps of so many `pages`, of which `name` has the number. `and`: two pages in one; `done` hears of each step. */
export async function inSteps<Page extends ActPage>(
  context: Pick<BulkContext, 'step'>,
  {
    name,
    page,
    and,
    done,
    pages = PAGES,
  }: {
    name: (part: number) => string;
    page: (after: string | null) => Promise<Page>;
    and: (a: Page, b: Page) => Page;
    done: (step: Page) => void;
    pages?: number;
  },
): Promise<void> {
  let after: string | null = null;
  for (let part = 1; part === 1 || after !== null; part++) {
    const from: string | null = after;
    const step: Page = await context.step(name(part), async () => {
      let all = await page(from);
      for (let number = 1; number < pages && all.next !== null; number++) all = and(all, await page(all.next));
      return all;
    });
    after = step.next;
    done(step);
  }
}
