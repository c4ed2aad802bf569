import { type Scope, SCOPES } from '@app/contracts';
import { fitsKind } from '@app/core';

/** Who sends a request, and what it may do. */
export interface Principal {
  tenant: string;
  /** Names it in what is audited: `key:<id>`, `jwt:<sub>`, or `local` where AUTH is off. */
  subject: string;
  /** How it was known. */
  via: 'key' | 'session' | 'jwt' | 'local';
  /** The name that its key was given, or its token has, for people. */
  name: string;
  scopes: readonly Scope[];
  /** The kinds that it may submit and see, or beginnings such as `report.*`; null for all. */
  kinds: readonly string[] | null;
  /** When its rights end, in milliseconds since 1970 by the database's clock; null for never. */
  until: number | null;
}

/** The scopes that can be narrowed to kinds. What the others show or change is of all kinds. */
const OF_KINDS = /^(jobs|events|files):/;

/** Whether rights for some kinds only may have this scope. */
export function isOfKinds(scope: Scope): boolean {
  return OF_KINDS.test(scope);
}

/** Everybody, where AUTH is off. */
export const LOCAL: Principal = {
  tenant: 'default',
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
