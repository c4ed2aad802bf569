import type { KindPolicy } from '@app/core';
import { type HandlerRegistry, type JsonSchema, payloadSchema } from '@app/sdk';

export interface KindView extends KindPolicy {
  /** JSON Schema of the payload. */
  schema: JsonSchema;
}

export function kindViews(registry: HandlerRegistry): KindView[] {
  return registry.names().map((kind) => {
    const payload = registry.payloadClass(kind);
    const policy = registry.policy(kind);
    if (!payload || !policy) throw new Error(`expected ${kind} to be registered`);
    return { ...policy, schema: payloadSchema(payload) };
  });
}
