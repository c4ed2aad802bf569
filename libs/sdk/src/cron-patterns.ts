import type { CronPatterns } from '@app/core';
import { Cron } from 'croner';

/** A pattern that has no time in so many years never fires. It bounds the search too: without it croner looks through four centuries. */
const YEARS = 10;
/** Patterns that are kept ready. To make one takes as long as some ten answers. */
const MOST_KEPT = 2_000;

/** Vixie cron's names. */
const NAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/**
 * Cron by croner, whose timers are not used. Time that the clocks go over goes as in Vixie's cron: a pattern whose second, minute and hour are numbers,
 * lists or ranges ticks once on each day that it names, at the first moment after a gap, and at the first of two equal times. One with `*` or a step in
 * them goes by real time.
 */
class CronerPatterns implements CronPatterns {
  private readonly kept = new Map<string, Cron>();
  private readonly formats = new Map<string, Intl.DateTimeFormat>();
  private readonly canonical = new Map<string, string>();
  private readonly names: readonly string[] = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

  fault(cron: string): string | undefined {
    const fields = fieldsOf(cron);
    if (fields.length !== 5 && fields.length !== 6) {
      if (cron.trim().startsWith('@')) return `must be one of ${Object.keys(NAMES).join(', ')}, or five or six fields`;
      return `must have five fields (minute, hour, day of month, month, day of week), or six with seconds first; it has ${fields.length}`;
    }
    try {
      new Cron(fields.join(' '), { paused: true, fixedTimeRule: 'no-wildcard' });
      return undefined;
    } catch (error) {
      return `is not a cron pattern: ${(error as Error).message.replace(/^CronPattern: /, '')}`;
    }
  }

  next(cron: string, timezone: string, after: Date): Date | null {
    const year = after.getUTCFullYear();
    // The year before too: where clocks are behind UTC, it may be that year still.
    return this.pattern(cron, timezone, year - 1, year + YEARS).nextRun(after);
  }

  isZone(name: string): boolean {
    if (!/^[A-Za-z]/.test(name)) return false;
    try {
      this.canonicalOf(name);
      return true;
    } catch {
      return false;
    }
  }

  zones(): readonly string[] {
    return this.names;
  }

  offset(timezone: string, at: Date): number {
    let format = this.formats.get(timezone);
    if (!format) {
      format = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' });
      keep(this.formats, timezone, format);
    }
    const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours = '0', minutes = '0', seconds = '0'] = /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name) ?? [];
    return (sign === '-' ? -1 : 1) * ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
  }

  /** One zone has many names, in small and large letters too. croner keeps something for each that it is given, for ever: it is given one of them. */
  private canonicalOf(timezone: string): string {
    const known = this.canonical.get(timezone);
    if (known !== undefined) return known;
    const name = new Intl.DateTimeFormat('en-US', { timeZone: timezone }).resolvedOptions().timeZone;
    keep(this.canonical, timezone, name);
    return name;
  }

  private pattern(cron: string, timezone: string, first: number, last: number): Cron {
    const key = `${first} ${timezone} ${cron}`;
    const kept = this.kept.get(key);
    if (kept) return kept;
    const fields = fieldsOf(cron);
    const withSeconds = fields.length === 5 ? ['0', ...fields] : fields;
    const made = new Cron([...withSeconds, `${first}-${last}`].join(' '), { timezone: this.canonicalOf(timezone), paused: true, fixedTimeRule: 'no-wildcard' });
    keep(this.kept, key, made);
    return made;
  }
}

function fieldsOf(cron: string): string[] {
  const text = cron.trim();
  return (NAMES[text.toLowerCase()] ?? text).split(/\s+/).filter((field) => field !== '');
}

/** What was kept longest goes first. */
function keep<Value>(kept: Map<string, Value>, key: string, value: Value): void {
  if (kept.size >= MOST_KEPT) for (const [oldest] of kept) if (kept.delete(oldest)) break;
  kept.set(key, value);
}

/** One for the process: what it keeps ready is the same for all that ask. */
export const cronPatterns: CronPatterns = new CronerPatterns();
