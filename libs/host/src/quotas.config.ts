import { MOST_BYTES, MOST_OF_QUOTA, type QuotaDefaults } from '@app/core';
import type { Environment } from './environment.js';

/** The quotas of tenants that have none of their own: `TENANT_…`, 0 for no bound, and the settings that bound all. Throws a `ConfigError`. */
export function quotaDefaults(env: Environment, schedules: number, webhookEndpoints: number): QuotaDefaults {
  const bound = (variable: string, most = MOST_OF_QUOTA) => env.integer(variable, 0, most, 0) || null;
  return Object.freeze({
    unfinishedJobs: bound('TENANT_UNFINISHED_JOBS'),
    submissionsPerSecond: bound('TENANT_SUBMISSIONS_PER_SECOND'),
    submissionsBurst: bound('TENANT_SUBMISSIONS_BURST'),
    fileBytes: bound('TENANT_FILE_BYTES', MOST_BYTES),
    schedules,
    webhookEndpoints,
    emailsPerHour: bound('TENANT_EMAILS_PER_HOUR'),
    waits: bound('TENANT_WAITS'),
    streams: bound('TENANT_STREAMS'),
    uploads: bound('TENANT_UPLOADS'),
  });
}
