import type { KindView } from '@app/contracts';
import { isOwnKind } from '@app/core';
import type { HandlerRegistry } from '@app/sdk';

/** The kinds that can be submitted: not Longhaul's own. */
export function kindViews(registry: HandlerRegistry): KindView[] {
  const kinds = registry.names().filter((kind) => !isOwnKind(kind));
  return kinds.map((kind) => {
    const schema = registry.payloadSchema(kind);
    const policy = registry.policy(kind);
    if (!schema || !policy) throw new Error(`expected ${kind} to be registered`);
    // The environment variables of its processes are left out, because they are internal.
    const isolated = policy.isolated && { memoryMb: policy.isolated.memoryMb };
    return { ...policy, isolated, schema };
  });
}
