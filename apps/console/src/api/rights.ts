import { useQuery } from '@tanstack/react-query';
import type { OperationId } from './api';
import type { SessionView } from './operations';
import { sessionQuery } from './queries';

export type Scope = SessionView['scopes'][number];

/**
 * Says what this session may do: `const may = useMay(); may('jobs:control') && <button …>`. What it may not is not offered. The gateway refuses it
 * whatever is shown. Until the gateway has said who this is, nothing is offered.
 */
export function useMay(): (scope: Scope) => boolean {
  const { data } = useQuery(sessionQuery);
  return (scope) => data !== undefined && allows(data.scopes, scope);
}

export function allows(scopes: readonly Scope[], scope: Scope): boolean {
  return scopes.includes(scope) || scopes.includes('admin');
}

/** Whether an act needs a reason in this installation. */
export function useIsReasonRequired(act: OperationId): boolean {
  return useQuery(sessionQuery).data?.reasonsRequired.includes(act) ?? false;
}

/** Whether this session is for all tenants, and so for what belongs to the whole installation. */
export function useIsWhole(): boolean {
  return useQuery(sessionQuery).data?.tenant === null;
}
