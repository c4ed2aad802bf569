/**
 * What schedules need of a library that knows cron patterns and time zones. The core asks it for times only; when a job is made is the core's own matter.
 * Each answer is the same in every process that has the same zone data.
 */
export interface CronPatterns {
  /** What is wrong with a pattern of five fields, or six with seconds first, or a name such as `@daily`; undefined for a good one. */
  fault(cron: string): string | undefined;
  /** The first time after `after` that fits, or null where there is none within ten years. Takes some milliseconds at most, whatever the pattern. */
  next(cron: string, timezone: string, after: Date): Date | null;
  /** Whether it is the name of a zone that this process has data for. Offsets such as `+01:00` are no names. */
  isZone(name: string): boolean;
  /** The zones that there are, for hints. */
  zones(): readonly string[];
  /** How many milliseconds the clocks of the zone are ahead of UTC at that time. */
  offset(timezone: string, at: Date): number;
}
