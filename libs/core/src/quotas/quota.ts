import { Refusal } from '../job/errors.js';

/** What a tenant's quotas bound, each in words. */
export const QUOTAS = {
  unfinishedJobs: 'unfinished jobs',
  submissionsPerSecond: 'jobs submitted in a second',
  submissionsBurst: 'jobs submitted at once, after a pause',
  fileBytes: 'bytes of files',
  schedules: 'schedules',
  webhookEndpoints: 'webhook endpoints',
  emailsPerHour: 'e-mails in an hour',
  waits: 'requests that wait for a job',
  streams: 'streams of events',
  uploads: 'uploads at once',
} as const;

export type QuotaName = keyof typeof QUOTAS;
export const QUOTA_NAMES = Object.keys(QUOTAS) as QuotaName[];

/** A number for each quota that is set; null: without a bound. What is left out is as the settings have it. */
export type Quotas = Partial<Record<QuotaName, number | null>>;
/** The quotas of tenants that have none of their own; null: without a bound. */
export type QuotaDefaults = Readonly<Record<QuotaName, number | null>>;

export const NO_QUOTAS: QuotaDefaults = Object.freeze(Object.fromEntries(QUOTA_NAMES.map((name) => [name, null])) as Record<QuotaName, null>);

/** Bytes that one tenant may be allowed; all other quotas have the smaller bound. */
export const MOST_BYTES = 2 ** 50;
export const MOST_OF_QUOTA = 10_000_000;

/** Where it is not known when there will be room: seconds after which it is worth to try again. */
const AGAIN_SECONDS: Partial<Record<QuotaName, number>> = { unfinishedJobs: 2, fileBytes: 60, emailsPerHour: 60 };

/** How a refusal by a quota stands, for programs. */
export interface QuotaUse {
  signal: QuotaName;
  measured: number;
  limit: number;
  retryAfterSeconds: number;
}

export interface QuotaRefusal {
  tenant: string;
  quota: QuotaName;
  limit: number;
  used: number;
  /** How many were asked for. */
  more: number;
  retryAfterSeconds?: number;
}

/** A tenant has as much as it may have. Nothing was done. */
export class QuotaExceeded extends Refusal {
  readonly exceeded: QuotaUse;

  constructor({ tenant, quota, limit, used, more, retryAfterSeconds = AGAIN_SECONDS[quota] ?? 1 }: QuotaRefusal) {
    const never = more > limit;
    const what = `expected at most ${limit} ${QUOTAS[quota]} of tenant ${tenant} (quota ${quota}), got ${used} and ${more} more`;
    super(
      'quota_exceeded',
      `${what}; nothing was done, ${never && more > 1 ? 'and so many never fit: send fewer at once' : `repeat the request in ${retryAfterSeconds} s`}`,
      more > 1 && quota !== 'fileBytes' ? [{ pointer: '/jobs', detail: `must be at most ${Math.max(0, limit - used)} jobs now, got: ${more}` }] : [],
    );
    this.name = 'QuotaExceeded';
    this.exceeded = { signal: quota, measured: used, limit, retryAfterSeconds };
  }
}
