import { Refusal } from '../job/errors.js';
import type { CronPatterns } from './cron-patterns.js';
import type { Schedule } from './schedule.js';
import { newestTicks, ticksBetween } from './ticks.js';

const MOST_BACKFILLED = 10_000;
/** After so many ticks others have their turn. */
const AT_ONCE = 100;

export interface TickToFill {
  tick: Date;
  previousTick: Date | null;
}

/** The ticks of that time, in order, each with the one before. Refuses more than `MOST_BACKFILLED`. */
export async function ticksToFill({ spec }: Pick<Schedule, 'spec'>, from: Date, to: Date, patterns: CronPatterns): Promise<TickToFill[]> {
  const ticks: TickToFill[] = [];
  // What the schedule ticks at is asked, not from when on it was set: a backfill is mostly of the time before.
  const rhythm = { spec, startsAt: null, endsAt: null };
  for (const tick of ticksBetween(rhythm, new Date(from.getTime() - 1), to, patterns)) {
    if (ticks.length >= MOST_BACKFILLED) {
      const detail = `must be so that there are ${MOST_BACKFILLED} ticks at most, got more; the last that fits is ${ticks.at(-1)?.tick.toISOString() ?? ''}`;
      throw new Refusal('invalid_payload', 'there are too many ticks', [{ pointer: '/to', detail }]);
    }
    ticks.push({
      tick,
      previousTick: ticks.at(-1)?.tick ?? newestTicks(rhythm, new Date(0), new Date(tick.getTime() - 1), 1, patterns)[0] ?? null,
    });
    if (ticks.length % AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return ticks;
}
