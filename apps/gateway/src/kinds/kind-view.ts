import { isOwnKind, type KindPolicy } from '@app/core';
import type { HandlerRegistry, JsonSchema } from '@app/sdk';

export interface KindView extends Omit<KindPolicy, 'isolated'> {
  /** Without what its processes get of the environment, which is nobody's business. */
  isolated: { memoryMb: number } | null;
  /** JSON Schema of the payload. */
  schema: JsonSchema;
}

/** The kinds that can be submitted: not Longhaul's own. */
export function kindViews(registry: HandlerRegistry): KindView[] {
  const kinds = registry.names().filter((kind) => !isOwnKind(kind));
  return kinds.map((kind) => {
    const schema = registry.payloadSchema(kind);
    const policy = registry.policy(kind);
    if (!schema || !policy) throw new Error(`expected ${kind} to be registered`);
    const isolated = policy.isolated && { memoryMb: policy.isolated.memoryMb };
    return { ...policy, isolated, schema };
  });
}
