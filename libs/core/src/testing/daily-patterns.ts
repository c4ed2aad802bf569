import type { CronPatterns } from '../schedules/cron-patterns.js';

const MINUTE = 60_000;
const FORM = /^(\*|\d+) (\*|\d+) \* \* \*$/;

/** Minute and hour alone, in UTC and in a zone `Test/Summer` whose clocks are put forward by an hour at 2026-03-29T01:00Z. */
export const dailyPatterns: CronPatterns = {
  fault: (cron) => (FORM.test(cron) ? undefined : 'is not a cron pattern: it is none of minute and hour'),
  next(cron, timezone, after) {
    const [, minute = '', hour = ''] = FORM.exec(cron) ?? [];
    if (Number(hour) > 23) return null;
    for (let at = Math.floor(after.getTime() / MINUTE) * MINUTE + MINUTE; ; at += MINUTE) {
      const shown = new Date(at + this.offset(timezone, new Date(at)));
      const skipped = this.offset(timezone, new Date(at)) > this.offset(timezone, new Date(at - 1)) && Number(hour) === shown.getUTCHours() - 1;
      if (skipped || ((hour === '*' || shown.getUTCHours() === Number(hour)) && (minute === '*' || shown.getUTCMinutes() === Number(minute))))
        return new Date(at);
    }
  },
  isZone: (name) => ['UTC', 'Test/Summer'].includes(name),
  zones: () => ['UTC', 'Test/Summer'],
  offset: (timezone, at) => (timezone === 'Test/Summer' ? (at.getTime() < Date.UTC(2026, 2, 29, 1) ? 1 : 2) * 60 * MINUTE : 0),
};
