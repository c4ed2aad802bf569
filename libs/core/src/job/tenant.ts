import { AsyncLocalStorage } from 'node:async_hooks';

/** Whose everything is while nobody says otherwise. */
export const DEFAULT_TENANT = 'default';

/** The name of a tenant. It is part of keys and of routing keys, so it has no dots. */
export const TENANT_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

/** Whose a job is that belongs to the whole installation, such as an act on jobs of all tenants: whoever sees one tenant alone does not see it. No caller can name it. */
export const ALL_TENANTS = '*';

/** Nothing is of it, and no caller can name it: what somebody sees who asks for a tenant that is not theirs, as for one that there is not. */
export const NO_TENANT = '';

/** Whose rows a statement may see: those of one tenant, or of all where it is null. */
export type Sees = string | null;

const RUNNING = new AsyncLocalStorage<string>();

/**
 * Runs a handler for a tenant: what it submits and which files it sees follows from that, without a word of the handler. It costs nothing while all jobs
 * are of the default tenant. A context may be left over of another job, whose handler has begun what goes on for this one: that one is replaced.
 */
export function withTenant<Result>(tenant: string, work: () => Result): Result {
  return tenantNow() === tenant ? work() : RUNNING.run(tenant, work);
}

/** The tenant whose job's handler runs here; undefined outside of every handler of a tenant's job. */
export function runningTenant(): string | undefined {
  return RUNNING.getStore();
}

/** Whose is what is made here: the running handler's tenant's, or else the default one's. */
export function tenantNow(): string {
  return runningTenant() ?? DEFAULT_TENANT;
}

const BEHIND_TENANT = '\n';

/**
 * A name that is unique within its tenant, as a column keeps it that is unique over all. Those of the default tenant stay as they are: they were stored
 * before there were tenants. Names are printable and tenants have no line breaks, so two of different tenants never meet.
 */
export function ofTenant(tenant: string, name: string): string {
  return tenant === DEFAULT_TENANT ? name : tenant + BEHIND_TENANT + name;
}

/** The tenant of such a name. */
export function tenantIn(name: string): string {
  const end = name.indexOf(BEHIND_TENANT);
  return end < 0 ? DEFAULT_TENANT : name.slice(0, end);
}

/** Such a name without its tenant, as its tenant knows it. */
export function nameIn(name: string): string {
  return name.slice(name.indexOf(BEHIND_TENANT) + 1);
}
