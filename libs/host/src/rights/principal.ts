import { type Scope, SCOPES } from '@app/contracts';
import { ALL_TENANTS, DEFAULT_TENANT, fitsKind } from '@app/core';

/** Who sends a request, and what it may do. */
export interface Principal {
  /** Whose things it sees, makes and changes; null: those of all tenants, and what belongs to the whole installation. */
  tenant: string | null;
  /** Names it in what is audited: `key:<id>`, `jwt:<sub>`, `oidc:<sub>`, or `local` where AUTH is off. */
  subject: string;
  /** How it was known. */
  via: 'key' | 'session' | 'jwt' | 'local';
  /** The name that its key was given, or its token has, for people. */
  name: string;
  scopes: readonly Scope[];
  /** The kinds that it may submit and see, or beginnings such as `report.*`; null for all. */
  kinds: readonly string[] | null;
  /** Its own limit on requests in a process; 0: none. Left out or null: that of the settings. */
  requestsPerSecond?: number | null;
  /** When its rights end, in milliseconds since 1970 by the database's clock; null for never. */
  until: number | null;
}

/** Before the `sub` of a person who has signed in with an account of an identity provider. */
export const OIDC_SUBJECT = 'oidc:';

/** The scopes that can be narrowed to kinds. What the others show or change is of all kinds. */
const OF_KINDS = /^(jobs|events|files):/;

/** Whether rights for some kinds only may have this scope. */
export function isOfKinds(scope: Scope): boolean {
  return OF_KINDS.test(scope);
}

/** Scopes of which some operation is for the whole installation alone: a key that has one of them is made for all tenants, unless a tenant is named. */
const OF_INSTALLATION: ReadonlySet<Scope> = new Set(['admin', 'queues:control', 'limits:read', 'limits:write', 'metrics:read']);

/** The tenant of a key or token that names none. So a key for an operator can do what it is for, and one for a program does not see more than was meant. */
export function tenantOfScopes(scopes: readonly Scope[]): string | null {
  return scopes.some((scope) => OF_INSTALLATION.has(scope)) ? null : DEFAULT_TENANT;
}

/** The tenant of what it makes. */
export function tenantOf({ tenant }: Pick<Principal, 'tenant'>): string {
  return tenant ?? DEFAULT_TENANT;
}

/** As columns keep it: `*` for all tenants. */
export function storedTenant(tenant: string | null): string {
  return tenant ?? ALL_TENANTS;
}

export function readTenant(stored: string): string | null {
  return stored === ALL_TENANTS ? null : stored;
}

/** Everybody, where AUTH is off. */
export const LOCAL: Principal = {
  tenant: null,
  subject: 'local',
  via: 'local',
  name: 'local',
  scopes: Object.keys(SCOPES) as Scope[],
  kinds: null,
  until: null,
};

export function allows({ scopes }: Pick<Principal, 'scopes'>, scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes('admin');
}

export function allowsKind({ kinds }: Pick<Principal, 'kinds'>, kind: string): boolean {
  return kinds === null || kinds.some((pattern) => fitsKind(pattern, kind));
}
