import { ALL_TENANTS, type KeptTimes, keptTimes, keptTimesFaults, NO_TENANT, Refusal, RETENTION_FIELDS, ruleKindsFaults } from '@app/core';
import { bodyFields } from '../http/body-fields.js';
import type { Viewer } from '../rights/tenant.js';

/** Whose rule a path means: that of the caller's tenant; for a caller for all tenants that of `?tenant=`, and without it the one for all. */
export function tenantOfRule({ sees }: Pick<Viewer, 'sees'>): string {
  if (sees === NO_TENANT) throw new Refusal('malformed_request', 'expected query parameter "tenant" to be the name of a tenant that this key sees');
  return sees ?? ALL_TENANTS;
}

/** The kinds of a path that makes a rule. */
export function readRuleKinds(kinds: string): string {
  const faults = ruleKindsFaults(kinds);
  if (faults.length > 0) throw new Refusal('invalid_payload', 'expected a path /retention/{kinds}', faults);
  return kinds;
}

/** A body of `PUT /retention/{kinds}`; throws a `Refusal` with a pointer for each fault. `keySeconds`: how long idempotency keys are kept. */
export function readKeptTimes(body: unknown, keySeconds: number): KeptTimes {
  const written = bodyFields(body, RETENTION_FIELDS);
  const faults = keptTimesFaults(written, keySeconds);
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the rule is not valid', faults);
  return keptTimes(written);
}
