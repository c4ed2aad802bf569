import type { ScheduleStore } from './schedule-store.js';

/** Looked at by one statement. */
const WINDOW = 50;
const SECOND_MS = 1_000;

/**
 * The first millisecond from `now` on that has no job of the schedule: several may have triggered it at once. It is no whole second, so that no tick of a
 * pattern meets it. The schedule is locked.
 */
export async function freeTick<Transaction>(
  store: Pick<ScheduleStore<Transaction>, 'withJob'>,
  scheduleId: string,
  now: Date,
  transaction: Transaction,
): Promise<Date> {
  for (let begin = now.getTime(); ; begin += WINDOW) {
    const ticks = Array.from({ length: WINDOW }, (_, more) => new Date(begin + more)).filter((tick) => tick.getTime() % SECOND_MS !== 0);
    const wanted = ticks.map((tick) => ({ scheduleId, tick }));
    const taken = new Set((await store.withJob(wanted, transaction)).map(({ tick }) => tick.getTime()));
    const free = ticks.find((tick) => !taken.has(tick.getTime()));
    if (free) return free;
  }
}
