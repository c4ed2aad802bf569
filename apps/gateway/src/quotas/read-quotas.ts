import { got, isIntegerIn, MOST_BYTES, MOST_OF_QUOTA, QUOTA_NAMES, type QuotaName, type Quotas, Refusal, TENANT_PATTERN } from '@app/core';
import { bodyFields } from '../http/body-fields.js';

/** The name of a path. */
export function readTenantName(name: string): string {
  if (TENANT_PATTERN.test(name)) return name;
  throw new Refusal('invalid_payload', `expected the name of a tenant, got: ${JSON.stringify(name.slice(0, 100))}`, [
    { pointer: '/tenant', detail: `must match ${TENANT_PATTERN.source}` },
  ]);
}

/** A body of `PUT /tenants/{tenant}/quotas`. Throws a `Refusal` with a pointer for each fault. */
export function readQuotas(body: unknown): Quotas {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Refusal('invalid_payload', 'expected an object', [{ pointer: '', detail: 'must be an object' }]);
  const fields = bodyFields(body, QUOTA_NAMES);
  const faults = Object.entries(fields).flatMap(([name, value]) => {
    const most = mostOf(name as QuotaName);
    if (value === null || isIntegerIn(value, 0, most)) return [];
    return [{ pointer: `/${name}`, detail: `must be a whole number from 0 to ${most}, or null for no bound${got(value)}` }];
  });
  const { submissionsPerSecond: perSecond, submissionsBurst: burst } = fields;
  if (burst === 0 && perSecond !== 0) faults.push({ pointer: '/submissionsBurst', detail: 'must be 1 at least: with 0 nothing could ever be submitted' });
  if (faults.length > 0) throw new Refusal('invalid_payload', 'the quotas are not valid', faults);
  return fields;
}

function mostOf(name: QuotaName): number {
  return name === 'fileBytes' ? MOST_BYTES : MOST_OF_QUOTA;
}
