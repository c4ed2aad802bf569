import { type Duration, durationMs, got, type KeptTimes, type KindPolicy, LONGEST_KEPT_SECONDS } from '@app/core';

/** How long finished jobs of a kind are kept, from their end: `1d`, `12h`, milliseconds; null for ever. What is left out goes by `RETENTION_HOURS` and `RETENTION_FAILED_HOURS`. */
export interface KindRetention {
  succeeded?: Duration | null;
  /** Failed and cancelled jobs, with their dead letters. */
  failed?: Duration | null;
}

const LISTED = ['succeeded', 'failed'];

/** What code says of how long jobs of a kind are kept. Throws a TypeError that names what is wrong, when the module is loaded. */
export function kindRetention({ kind }: KindPolicy, written: KindRetention): KeptTimes {
  if (typeof written !== 'object' || (written as unknown) === null) throw new TypeError(`expected retention of ${kind} to be an object${got(written)}`);
  const unknown = Object.keys(written).find((name) => !LISTED.includes(name));
  if (unknown !== undefined) throw new TypeError(`expected retention of ${kind} to have only ${LISTED.join(', ')}, got: ${unknown}`);
  const { succeeded, failed } = written;
  if (succeeded === undefined && failed === undefined) throw new TypeError(`expected retention of ${kind} to have succeeded, failed, or both, got neither`);
  return {
    ...(succeeded === undefined ? {} : { succeededSeconds: secondsOf(succeeded, `retention.succeeded of ${kind}`) }),
    ...(failed === undefined ? {} : { failedSeconds: secondsOf(failed, `retention.failed of ${kind}`) }),
  };
}

/** Never less than what was written. */
function secondsOf(value: Duration | null, what: string): number | null {
  if (value === null) return null;
  const seconds = Math.ceil(durationMs(value, what) / 1_000);
  if (seconds >= 1 && seconds <= LONGEST_KEPT_SECONDS) return seconds;
  throw new TypeError(`expected ${what} to be from 1 s to 100 years, or null for ever, got: ${JSON.stringify(value)}`);
}
