import { ALL_TENANTS, type JsonValue, type Sees, type SubmitRequest } from '@app/core';

/** The submission of a job that acts on many, of the tenant for which it acts, or of all. One key makes one job: an act whose answer was lost can be asked for again. */
export function actRequest(kind: string, name: string, payload: object, sees: Sees, idempotencyKey?: string): SubmitRequest {
  return {
    kind,
    payload: payload as JsonValue,
    options: { tags: [`act:${name}`] },
    tenant: sees ?? ALL_TENANTS,
    internal: true,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
}
