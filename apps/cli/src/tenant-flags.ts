/** The options of `tenants set`, and the quotas that they set. */
export const QUOTA_FLAGS: Readonly<Record<string, string>> = {
  'unfinished-jobs': 'unfinishedJobs',
  'submissions-per-second': 'submissionsPerSecond',
  'submissions-burst': 'submissionsBurst',
  'file-bytes': 'fileBytes',
  schedules: 'schedules',
  'webhook-endpoints': 'webhookEndpoints',
  'emails-per-hour': 'emailsPerHour',
  waits: 'waits',
  streams: 'streams',
  uploads: 'uploads',
};

const TEXT = { type: 'string' } as const;

/** The options of `tenants`. */
export const TENANT_FLAGS = { ...Object.fromEntries(Object.keys(QUOTA_FLAGS).map((flag) => [flag, TEXT])), limit: TEXT, cursor: TEXT, reason: TEXT };
