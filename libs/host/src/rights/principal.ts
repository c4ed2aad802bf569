import { type Scope, SCOPES } from '@app/contracts';
import { fitsKind } from '@app/core';

/** Who sends a request, and what it may do. */
export interface Principal {
  tenant: string;
  /** Names it in what is audited: `key:<id>`, or `local` where AUTH is off. */
  subject: string;
  /** How it was known. */
  via: 'key' | 'session' | 'local';
  /** The name that its key was given, for people. */
  name: string;
  scopes: readonly Scope[];
  /** The kinds that it may submit and see, or beginnings such as `report.*`; null for all. */
  kinds: readonly string[] | null;
  /** When its rights end, in milliseconds since 1970 by the database's clock; null for never. */
  until: number | null;
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
