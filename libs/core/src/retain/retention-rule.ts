import { type Fault, got } from '../job/errors.js';
import { isIntegerIn, isOwnKind, KIND_OR_PREFIX } from '../job/kind.js';

/** How long finished jobs are kept, in seconds from their end. Null: for ever. What is left out is for a less specific rule to say. */
export interface KeptTimes {
  succeededSeconds?: number | null;
  /** Failed and cancelled jobs, with their dead letters. */
  failedSeconds?: number | null;
}

/** How long the jobs of some kinds are kept. */
export interface RetentionRule extends KeptTimes {
  /** Whose jobs; `ALL_TENANTS` for those of every tenant that says nothing else. */
  tenant: string;
  /** A kind, a beginning of kinds such as `report.*`, or {@link EVERY_KIND}. */
  kinds: string;
  /** Who set it: `api`, or `code:<name of the configuration>`. */
  origin: string;
  updatedAt: Date;
}

/** What a kind's code says. */
export interface KindTimes {
  kind: string;
  times: KeptTimes;
}

/** Rules of a tenant as people set and see them. */
export interface RetentionRules {
  /** By tenant and kinds: those of this tenant and those for all tenants. Null: those of every tenant. */
  list(tenant: string | null): Promise<RetentionRule[]>;
  /** What the API has set. */
  find(tenant: string, kinds: string): Promise<RetentionRule | null>;
  /** Sets the rule, in place of one for the same kinds. Refuses one more than there may be. */
  put(tenant: string, kinds: string, times: KeptTimes): Promise<RetentionRule>;
  /** Takes away what the API has set. `code`: there is only the one in code, which stays; `unknown`: there is none. */
  remove(tenant: string, kinds: string): Promise<'removed' | 'code' | 'unknown'>;
  /** Sets what a configuration's code says, in place of all that it has said before. `origin` is `code:<configuration>`. */
  putCode(origin: string, kinds: readonly KindTimes[]): Promise<void>;
}

export const EVERY_KIND = '*';
/** Of one tenant, and for all tenants. */
export const MAX_RETENTION_RULES = 100;
/** Of all tenants together: each pass over finished jobs reads them all. */
export const MAX_RETENTION_RULES_IN_ALL = 10_000;
export const RETENTION_FIELDS = ['succeededSeconds', 'failedSeconds'] as const;
/** A hundred years, as the settings have it. */
export const LONGEST_KEPT_SECONDS = 100 * 365 * 86_400;
const LONGEST_KINDS = 100;

/** The fault of what says for which kinds a rule is. */
export function ruleKindsFaults(kinds: string): Fault[] {
  const fault = (detail: string): Fault[] => [{ pointer: '/kinds', detail: `${detail}${got(kinds)}` }];
  if (kinds === EVERY_KIND) return [];
  if (kinds.length > LONGEST_KINDS || !KIND_OR_PREFIX.test(kinds)) return fault('must be a kind, a prefix such as "report.*", or "*" for every kind');
  return isOwnKind(kinds) ? fault(`must not be one of Longhaul's own kinds; "*" is for them too`) : [];
}

/** The faults of written times. `keySeconds`: how long idempotency keys are kept. A key answers with its job, so the job must not go before. */
export function keptTimesFaults(written: Readonly<Record<string, unknown>>, keySeconds: number): Fault[] {
  const said = RETENTION_FIELDS.filter((name) => written[name] !== undefined);
  if (said.length === 0) return [{ pointer: '', detail: 'must have succeededSeconds, failedSeconds, or both' }];
  const form = `must be a whole number of seconds from ${keySeconds} (IDEMPOTENCY_SECONDS) to ${LONGEST_KEPT_SECONDS}, or null for ever`;
  return said.flatMap((name) => {
    const value = written[name];
    return value === null || isIntegerIn(value, keySeconds, LONGEST_KEPT_SECONDS) ? [] : [{ pointer: `/${name}`, detail: `${form}${got(value)}` }];
  });
}

/** What written times without faults say, and nothing else. */
export function keptTimes(written: Readonly<Record<string, unknown>>): KeptTimes {
  return Object.fromEntries(RETENTION_FIELDS.flatMap((name) => (written[name] === undefined ? [] : [[name, written[name]]])));
}
