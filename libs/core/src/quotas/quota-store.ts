import type { QuotaName, Quotas } from './quota.js';

/** The quotas of which a process reserves a share; what is used of the first two are rows, of the others the shares alone. */
export type SharedQuota = Extract<QuotaName, 'unfinishedJobs' | 'fileBytes' | 'waits' | 'streams' | 'uploads'>;

/** Of a request for a larger share. */
export interface ShareRequest {
  tenant: string;
  quota: SharedQuota;
  process: string;
  limit: number;
  /** What the process has of it already, used or not. */
  has: number;
  /** What it needs beyond that now, and what it would like to have on store. */
  needs: number;
  block: number;
}

export interface ShareAnswer {
  /** How much the share has grown. */
  given: number;
  /** Rows, and the shares of all processes with this one's before it grew. */
  used: number;
}

export interface TokenRequest {
  tenant: string;
  perSecond: number;
  burst: number;
  /** Of an earlier answer, and not used. */
  back: number;
  needs: number;
  block: number;
}

export interface TokenAnswer {
  given: number;
  /** When `needs` may be had, in milliseconds; 0 where they were given. */
  waitMs: number;
}

/** What a process keeps of a share, beyond what has become rows. */
export interface KeptShare {
  tenant: string;
  quota: SharedQuota;
  amount: number;
}

export interface QuotaStore {
  /** Grows the share of a process as far as the quota allows. Processes that ask for the same take turns. */
  reserve(request: ShareRequest): Promise<ShareAnswer>;
  /** Sets shares of a process, and renews them. An amount of 0 takes one away. */
  keep(process: string, shares: readonly KeptShare[]): Promise<void>;
  /** Takes submissions out of the bucket that all processes share. */
  takeTokens(request: TokenRequest): Promise<TokenAnswer>;
}

export interface QuotaReader {
  /** Another text than before: some quota has changed. */
  revision(): Promise<string>;
  /** Of the tenants that have quotas of their own. */
  all(): Promise<Map<string, Quotas>>;
}
