import { NonRetryableError, RetryableError } from '@app/sdk';
import type { CallReport } from './service-call.js';

export interface NamedReport {
  name: string;
  required: boolean;
  report: CallReport;
}

/** Undefined when enough is known: every required service answered, and at least one of all. Else what the job should throw. */
export function verdict(reports: readonly NamedReport[]): Error | undefined {
  const failed = reports.filter(({ report }) => !report.ok);
  const required = failed.filter((entry) => entry.required);
  const fatal = required.length > 0 ? required : failed.length === reports.length ? failed : [];
  if (fatal.length === 0) return undefined;
  const what = required.length > 0 ? 'expected every required service to answer' : 'expected at least one service to answer';
  const message = `${what}, got: ${fatal.map(describe).join('; ')}`;
  // A required service that will never answer decides; of several that are not required one that may come back is enough.
  const mayPass = required.length > 0 ? required.every(isRetryable) : failed.some(isRetryable);
  if (!mayPass) return new NonRetryableError(message, { code: 'services_failed' });
  const retryAfterMs = Math.max(0, ...fatal.map(({ report }) => (report.ok ? 0 : (report.retryAfterMs ?? 0))));
  return retryAfterMs > 0 ? new RetryableError(message, retryAfterMs) : new Error(message);
}

function isRetryable({ report }: NamedReport): boolean {
  return !report.ok && report.retryable;
}

function describe({ name, report }: NamedReport): string {
  return report.ok ? name : `${name}: ${report.error} (${report.attempts} attempts)`;
}
