export { KnownQuotas } from './known-quotas.js';
export {
  MOST_BYTES,
  MOST_OF_QUOTA,
  NO_QUOTAS,
  QUOTA_NAMES,
  type QuotaDefaults,
  QuotaExceeded,
  type QuotaName,
  QUOTAS,
  type Quotas,
  type QuotaUse,
} from './quota.js';
export type { KeptShare, QuotaReader, QuotaStore, ShareAnswer, SharedQuota, ShareRequest, TokenAnswer, TokenRequest } from './quota-store.js';
export { type ReservationDependencies, Reservations, type SubmissionQuotas } from './reservations.js';
export type { Taken } from './askers.js';
