import { DEFAULT_TENANT } from '@app/core';

/** A row that whoever sees this tenant may see; all where it is NULL. */
export const seen = (tenant: string, parameter: string) => `(${parameter}::text IS NULL OR ${tenant} = ${parameter}::text)`;

/** Rows of one tenant. Its own indexes leave out the default tenant; the second half says that they may be used. */
export function ofOneTenant(tenant: string, at: (value: unknown) => string): string {
  return `tenant = ${at(tenant)}::text${hasIndexes(tenant) ? ` AND tenant <> '${DEFAULT_TENANT}'` : ''}`;
}

/** Whether a tenant has indexes of its own. */
export function hasIndexes(tenant: string | undefined): tenant is string {
  return tenant !== undefined && tenant !== DEFAULT_TENANT;
}
